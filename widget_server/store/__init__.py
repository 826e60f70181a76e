"""Remembering: the database's contract, its drivers, and one module for each noun that is stored."""

from __future__ import annotations

from widget_server.store.changes import touched
from widget_server.store.database import Change, Database
from widget_server.store.limits import Limits
from widget_server.store.migrate import CORE, Migrated, Migration, MigrationSet, migrate, pending
from widget_server.store.sqlite import SQLite, open_sqlite

__all__ = [
    "CORE",
    "Change",
    "Database",
    "Limits",
    "Migrated",
    "Migration",
    "MigrationSet",
    "SQLite",
    "migrate",
    "open_sqlite",
    "pending",
    "touched",
]
