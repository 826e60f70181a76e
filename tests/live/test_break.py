"""Two machines on one PostgreSQL: those who watch hear of the other's doings, also after the line between was cut."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.http.watching import watching
from tests.http.world import World, a_world
from tests.postgres import Shelf

PATIENCE = 20.0

CUT = (
    "select pg_terminate_backend(pid) from pg_stat_activity"
    " where datname = current_database() and pid <> pg_backend_pid()"
)


@pytest.fixture
def database(shelf: Shelf) -> Iterator[str]:
    """The name of a database with tables, and nothing in them."""
    name = shelf.take()
    yield name
    shelf.give_back(name)


@pytest.fixture
async def machines(shelf: Shelf, database: str, tmp_path: Path) -> AsyncIterator[tuple[World, World]]:
    """Two servers that share a database, and nothing else."""
    shared: dict[str, Any] = {"secret": "s" * 40, "database": shelf.server.url(database)}
    async with (
        a_world(tmp_path / "here", **shared) as here,
        a_world(tmp_path / "there", **shared) as there,
    ):
        yield here, there


async def said(world: World, text: str) -> str:
    """Write a comment, again and again until the database is back; gives its id."""
    charlie = world.visitor("Charlie")
    async with asyncio.timeout(PATIENCE):
        while True:
            answer = await charlie.comment(text, idempotency_key="x" * 20 + text.replace(" ", ""))
            if answer.status_code == httpx.codes.OK:
                return str(answer.json()["id"])
            assert answer.status_code == httpx.codes.SERVICE_UNAVAILABLE
            await asyncio.sleep(0.05)


async def test_watchers_hear_of_other_machines_before_and_after_a_break(
    shelf: Shelf, database: str, machines: tuple[World, World]
) -> None:
    here, there = machines
    async with watching(there) as watcher:
        first = await said(here, "before")
        before = await watcher.changes()
        cut = await asyncio.to_thread(shelf.rows, database, CUT)
        second = await said(here, "after")
        after = await watcher.changes()

    assert len(cut) >= 2  # each of the two holds connections
    assert before == [{"widget": "comments", "kind": "new", "id": first, "root": first}]
    assert after == [{"widget": "comments", "kind": "new", "id": second, "root": second}]
