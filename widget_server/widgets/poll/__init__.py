"""Poll: one question with options, of which each person chooses one or several."""

from __future__ import annotations

from widget_server.widgets.poll.widget import Poll

__all__ = ["Poll"]
