"""SQLite keeps to the contract of a database."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from widget_server.store import CORE, Database, migrate, open_sqlite
from widget_server.testing import CONTRACT, DatabaseContract


class TestSQLite(DatabaseContract):
    """All of the contract, on a file."""

    @pytest.fixture
    def opener(self, tmp_path: Path) -> Callable[[], Awaitable[Database]]:
        async def opened() -> Database:
            database = await open_sqlite(tmp_path / "transom.db")
            await migrate(database, [CORE, CONTRACT], now=0)
            return database

        return opened
