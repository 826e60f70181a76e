"""Claps: as many as one likes, up to a cap."""

from __future__ import annotations

from widget_server.widgets.claps.widget import Claps

__all__ = ["Claps"]
