"""Plug-ins: found through entry points or named by the settings, called under a time limit, isolated when they fail."""

from __future__ import annotations

from widget_server.plugins.discovery import (
    CHECKS,
    GROUPS,
    IMPORTERS,
    NOTIFIERS,
    WIDGETS,
    Broken,
    Found,
    Plugin,
    discover,
    from_files,
    gather,
    said,
)
from widget_server.plugins.guard import Guard

__all__ = [
    "CHECKS",
    "GROUPS",
    "IMPORTERS",
    "NOTIFIERS",
    "WIDGETS",
    "Broken",
    "Found",
    "Guard",
    "Plugin",
    "discover",
    "from_files",
    "gather",
    "said",
]
