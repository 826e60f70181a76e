"""Telling those who watch: a hub of streams, each about one subject."""

from __future__ import annotations

from widget_server.live.hub import Bounds, Hub, retry
from widget_server.live.stream import Stream
from widget_server.live.topic import Topic

__all__ = ["Bounds", "Hub", "Stream", "Topic", "retry"]
