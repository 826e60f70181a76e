"""Remembering: the database's contract, its drivers, and one module for each noun that is stored."""

from __future__ import annotations

from widget_server.store.changes import touched
from widget_server.store.database import Change, Database
from widget_server.store.limits import Limits
from widget_server.store.sqlite import SQLite, open_sqlite

__all__ = ["Change", "Database", "Limits", "SQLite", "open_sqlite", "touched"]
