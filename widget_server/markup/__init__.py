"""Texts that people write: cleaned, rendered as safe HTML, within bounds of time and size."""

from __future__ import annotations

from widget_server.markup.markdown import VERSION, excerpt, render
from widget_server.markup.renderer import Renderer
from widget_server.markup.text import MAX_LENGTH, MAX_NAME, clean_line, clean_name, clean_text, is_blank

__all__ = [
    "MAX_LENGTH",
    "MAX_NAME",
    "VERSION",
    "Renderer",
    "clean_line",
    "clean_name",
    "clean_text",
    "excerpt",
    "is_blank",
    "render",
]
