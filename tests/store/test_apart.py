"""Transactions that keep apart from each other may be done in step; what comes of it is the same."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from functools import partial
from pathlib import Path

import pytest

from tests import databases
from widget_server import errors
from widget_server.store import CORE, Database, migrate
from widget_server.store.database import Apart
from widget_server.testing import CONTRACT
from widget_server.vocabulary import Statement, Transaction, sql


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    """One with a row in which all are counted."""
    opened = await databases.open_database(tmp_path / "transom.db")
    await migrate(opened, [CORE, CONTRACT], now=0)
    await opened.write(_row("all"))
    yield opened
    await opened.close()


async def test_each_is_done_once_and_counted(database: Database) -> None:
    told = await asyncio.gather(*(database.write(_apart(str(number))) for number in range(300)))

    assert await database.read(_sum()) == (300, 301)
    assert all(1 <= count <= 300 for count in told)


async def test_one_that_raises_is_taken_back_alone(database: Database) -> None:
    await database.write(_row("17"))

    def strange(key: str) -> Transaction[int]:
        yield from _row(key)
        raise errors.Forbidden

    told = await asyncio.gather(
        *(database.write(_apart(str(number))) for number in range(50)),
        database.write(Apart(lambda: strange("strange"), "strange")),
        return_exceptions=True,
    )

    assert [type(each) for each in told if not isinstance(each, int)] == [errors.Conflict, errors.Forbidden]
    assert await database.read(_sum()) == (49, 51)


async def test_one_that_is_refused_before_it_writes_leaves_the_others_alone(database: Database) -> None:
    def refused() -> Transaction[None]:
        yield from _sum()
        raise errors.Forbidden

    told = await asyncio.gather(
        database.write(Apart(refused, "refused")),
        *(database.write(Apart(partial(_row, str(number)), number)) for number in range(20)),
        return_exceptions=True,
    )

    assert [type(each) for each in told if each is not None] == [errors.Forbidden]
    assert await database.read(_sum()) == (0, 21)


async def test_those_of_one_key_see_each_other(database: Database) -> None:
    async def once() -> int:
        return await database.write(Apart(_once, "same"))

    told = await asyncio.gather(*(once() for _ in range(40)))

    assert sum(told) == 1
    assert await database.read(_sum()) == (1, 2)


async def test_one_that_is_slower_than_the_others_is_done_all_the_same(database: Database) -> None:
    def long(key: str) -> Transaction[int]:
        for _ in range(20):
            yield Statement("select 1 as one", {})
        return (yield from _counted(key))

    work: list[Callable[[], Transaction[int]]] = [lambda key=str(n): _counted(key) for n in range(20)]  # type: ignore[misc]
    await asyncio.gather(
        *(database.write(Apart(begin, number)) for number, begin in enumerate(work)),
        database.write(Apart(lambda: long("long"), "long")),
    )

    assert await database.read(_sum()) == (21, 22)


def _apart(key: str) -> Apart[int]:
    return Apart(lambda: _counted(key), key)


def _counted(key: str) -> Transaction[int]:
    yield from _row(key)
    rows = yield sql("update contract_rows set n = n + 1 where site = 'blog' and id = 'all' returning n")
    return int(rows[0]["n"])


def _once() -> Transaction[int]:
    if (yield sql("select id from contract_rows where site = 'blog' and id = 'same'")):
        return 0
    yield from _counted("same")
    return 1


def _row(key: str) -> Transaction[None]:
    yield sql("insert into contract_rows (site, id, n) values ('blog', :key, 0)", key=key)


def _sum() -> Transaction[tuple[int, int]]:
    rows = yield sql("select sum(n) as counted, count(*) as number from contract_rows where site = 'blog'")
    return int(rows[0]["counted"]), int(rows[0]["number"])
