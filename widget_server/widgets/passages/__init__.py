"""Passages: any piece of a page's text can be liked and commented on."""

from __future__ import annotations

from widget_server.widgets.passages.widget import Passages

__all__ = ["Passages"]
