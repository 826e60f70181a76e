"""Each database keeps to the contract, PostgreSQL in the oldest version and in newer ones."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from tests import databases
from tests.postgres import Shelf
from widget_server.store import CORE, Database, migrate
from widget_server.testing import CONTRACT, DatabaseContract


class TestDatabases(DatabaseContract):
    """All of the contract, on a file and on servers."""

    @pytest.fixture
    def opener(self, tmp_path: Path) -> Callable[[], Awaitable[Database]]:
        async def opened() -> Database:
            database = await databases.open_database(tmp_path / "transom.db")
            await migrate(database, [CORE, CONTRACT], now=0)
            return database

        return opened


def test_a_server_is_of_the_version_that_the_test_is_named_for(
    shelf: Shelf, request: pytest.FixtureRequest
) -> None:
    asked = shelf.rows("postgres", "show server_version_num")

    assert request.node.callspec.params["shelf"] == f"postgres{int(str(asked[0][0])) // 10_000}"
