"""The oldest PostgreSQL that the wheel brings keeps to the contract as the newest does."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator

import pytest

from tests.postgres import Server, Shelf
from widget_server.store import CORE, Database, migrate
from widget_server.store.postgres import open_postgres
from widget_server.testing import CONTRACT, DatabaseContract

pytestmark = pytest.mark.only_sqlite("it brings a server of its own")


@pytest.fixture(scope="module")
def oldest() -> Iterator[Shelf]:
    """Databases of the older server."""
    server = Server(version="")
    server.start()
    shelf = Shelf(server)
    yield shelf
    shelf.close()
    server.remove()


class TestOldest(DatabaseContract):
    """All of the contract."""

    @pytest.fixture
    def opener(self, oldest: Shelf) -> Iterator[Callable[[], Awaitable[Database]]]:
        name = oldest.take_bare()

        async def opened() -> Database:
            database = await open_postgres(oldest.server.url(name))
            await migrate(database, [CORE, CONTRACT], now=0)
            return database

        yield opened
        oldest.give_back(name)


def test_it_is_older_than_the_one_of_the_other_tests(oldest: Shelf, shelf: Shelf) -> None:
    found = [
        int(str(each.rows("postgres", "show server_version_num")[0][0])) // 10_000 for each in (oldest, shelf)
    ]

    assert found[0] < found[1]
