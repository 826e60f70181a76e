"""Reactions: emoji that the site chose, one or several of them from each person."""

from __future__ import annotations

from widget_server.widgets.reactions.widget import Reactions

__all__ = ["Reactions"]
