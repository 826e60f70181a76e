"""Rating: one to five stars, and what people think besides."""

from __future__ import annotations

from widget_server.widgets.rating.widget import Rating

__all__ = ["Rating"]
