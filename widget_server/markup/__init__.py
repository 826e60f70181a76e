"""Texts that people write: cleaned, rendered as safe HTML, within bounds of time and size."""

from __future__ import annotations

from widget_server.markup.markdown import MAX_LENGTH, VERSION, excerpt, render

__all__ = ["MAX_LENGTH", "VERSION", "excerpt", "render"]
