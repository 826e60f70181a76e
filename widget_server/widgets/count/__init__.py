"""Count: how many comments a subject has."""

from __future__ import annotations

from widget_server.widgets.count.widget import Count

__all__ = ["Count"]
