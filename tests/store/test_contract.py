"""Each database keeps to the contract."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from tests import databases
from widget_server.store import CORE, Database, migrate
from widget_server.testing import CONTRACT, DatabaseContract


class TestDatabases(DatabaseContract):
    """All of the contract, on a file and on a server."""

    @pytest.fixture
    def opener(self, tmp_path: Path) -> Callable[[], Awaitable[Database]]:
        async def opened() -> Database:
            database = await databases.open_database(tmp_path / "transom.db")
            await migrate(database, [CORE, CONTRACT], now=0)
            return database

        return opened
