"""A database for each test, and the statements that the tests of the store share."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Awaitable, Iterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Protocol

import pytest
from blockbuster import BlockBuster, blockbuster_ctx

from tests import databases
from tests.postgres import may_look_for_passwords
from widget_server.store import CORE, Limits, SQLite, migrate, open_sqlite
from widget_server.store.migrate import Migratable
from widget_server.testing import CONTRACT


class Opener(Protocol):
    """Opens the test's database."""

    def __call__(self, limits: Limits | None = None) -> Awaitable[SQLite]: ...


class Another(Protocol):
    """Opens the test's database, a file or on a server."""

    def __call__(self) -> Awaitable[Migratable]: ...


@pytest.fixture(autouse=True)
def unblocked_loop() -> Iterator[BlockBuster]:
    """Whatever blocks the event loop fails the test."""
    with blockbuster_ctx("widget_server.store") as blockbuster:
        may_look_for_passwords(blockbuster)
        yield blockbuster


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where the test's database is."""
    return tmp_path / "data" / "transom.db"


@pytest.fixture
async def opener(path: Path) -> AsyncIterator[Opener]:
    """Opens the test's database, each time as another process would, and closes it after the test."""
    opened: list[SQLite] = []
    others = set(threading.enumerate())

    async def opener(limits: Limits | None = None) -> SQLite:
        database = await open_sqlite(path, limits=limits)
        opened.append(database)
        await migrate(database, [CORE, CONTRACT], now=0)
        return database

    yield opener
    for database in opened:
        await database.close()
    for thread in set(threading.enumerate()) - others:
        if "_connection_worker_thread" in thread.name:  # one that was left to wait for its turn
            await asyncio.to_thread(thread.join, 20)


@pytest.fixture
async def database(opener: Opener) -> SQLite:
    """An open database with the tables of the contract."""
    return await opener()


@pytest.fixture
async def another(tmp_path: Path) -> AsyncIterator[Another]:
    """Opens the test's database, a file or on a server, each time as another process would."""
    async with AsyncExitStack() as stack:

        async def opened() -> Migratable:
            database = await databases.open_database(tmp_path / "transom.db")
            stack.push_async_callback(database.close)
            await migrate(database, [CORE, CONTRACT], now=0)
            return database

        yield opened
