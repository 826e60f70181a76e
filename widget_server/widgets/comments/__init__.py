"""Comments: a thread under anything."""

from __future__ import annotations

from widget_server.widgets.comments.widget import Comments

__all__ = ["Comments"]
