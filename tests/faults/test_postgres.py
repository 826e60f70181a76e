"""PostgreSQL killed, cut off and full, seen over HTTP: nothing is lost or repeated, and all goes on by itself."""

from __future__ import annotations

import asyncio
import itertools
import random
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from tests import postgres
from tests.faults.asking import SITE, get, post, until
from tests.faults.crowd import Crowd
from tests.faults.ledger import Ask, balanced, holds, shown
from tests.faults.serving import Serving
from tests.faults.wire import Wire
from tests.postgres_programs import BETWEEN
from tools.ports import free_port

LONGEST = 30.0
"""Seconds within which everything is answered: a place in the queue, the transaction, and what became of a commit."""
MEANWHILE = {"storage_failed", "overloaded"}
"""What people may be told while the database is away."""


pytestmark = pytest.mark.only_postgres("it is about a server that fails")


@pytest.fixture(scope="module")
def server(request: pytest.FixtureRequest) -> Iterator[postgres.Server]:
    """A server that keeps what it was given, as one does that is not for tests alone."""
    version = request.config.getoption("--postgres") or BETWEEN
    server = postgres.Server(version=version, options=(), port=free_port())
    server.start()
    yield server
    server.remove()


@pytest.fixture(autouse=True)
def _running(server: postgres.Server) -> None:
    """Whatever the test before has left."""
    if server.process is None or server.process.poll() is not None:
        server.start()


@pytest.fixture
async def database(server: postgres.Server) -> AsyncIterator[str]:
    """The name of an empty database."""
    name = f"faults_{next(_numbers)}"
    await said(server, f"create database {name}")
    yield name
    await said(server, f"drop database {name} with (force)")


@pytest.fixture
async def wire(server: postgres.Server) -> AsyncIterator[Wire]:
    """The way to that server."""
    assert server.port is not None
    async with Wire(server.port) as wire:
        yield wire


@pytest.fixture
def ask(server: postgres.Server, database: str) -> Ask:
    """What the database answers, asked past the wire."""

    async def ask(query: str) -> Sequence[Mapping[str, Any]]:
        connection = await asyncpg.connect(server.url(database))
        try:
            return [dict(row) for row in await connection.fetch(query)]
        finally:
            await connection.close()

    return ask


@pytest.fixture
async def serving(tmp_path: Path, wire: Wire, database: str) -> AsyncIterator[Serving]:
    """A server whose database is at the other end of the wire."""
    serving = Serving(tmp_path / "data", database=f"postgresql://transom@127.0.0.1:{wire.port}/{database}")
    await asyncio.to_thread(serving.furnish)
    await serving.start()
    yield serving
    serving.remove()


@pytest.fixture
async def crowd(serving: Serving) -> AsyncIterator[Crowd]:
    """People who act there."""
    crowd = Crowd(serving.port)
    crowd.start()
    yield crowd
    await crowd.leave()


_numbers = itertools.count()


async def said(server: postgres.Server, text: str) -> None:
    """Tell the server itself something."""
    connection = await asyncpg.connect(server.url("postgres"))
    try:
        await connection.execute(text)
    finally:
        await connection.close()


async def settled(serving: Serving, crowd: Crowd, ask: Ask) -> None:
    """All goes on by itself, the books are balanced, and nobody was kept waiting or told anything odd."""
    await crowd.done(20)
    await crowd.finish()

    assert set(crowd.met) <= MEANWHILE
    assert crowd.slowest < LONGEST
    await balanced(ask, crowd)
    await shown(ask, serving.port)


async def test_a_database_server_that_is_killed_loses_nothing(
    server: postgres.Server, serving: Serving, crowd: Crowd, ask: Ask
) -> None:
    for _ in range(5):
        await crowd.done(30)
        server.kill()
        server.start()  # and on no other thread: it ends with the one that started it
        await holds(ask, crowd)
    await settled(serving, crowd, ask)


async def test_while_the_database_server_is_away_people_are_told_so(
    server: postgres.Server, serving: Serving, crowd: Crowd, ask: Ask
) -> None:
    await crowd.done(10)
    server.kill()
    reading = [await get(serving.port, f"/v1/{SITE}/page?subject=/unkept", LONGEST) for _ in range(3)]
    is_alive, is_ready = [await get(serving.port, path, LONGEST) for path in ("/healthz", "/readyz")]
    await crowd.hears("storage_failed", 8)
    server.start()
    await settled(serving, crowd, ask)

    assert [(answer.status, answer.code) for answer in (*reading, is_ready)] == [(503, "storage_failed")] * 4
    assert is_alive.status == 200
    assert (await get(serving.port, "/readyz")).status == 200


async def test_connections_that_the_server_ends_are_made_anew(
    serving: Serving, crowd: Crowd, ask: Ask, server: postgres.Server
) -> None:
    dice = random.Random(9)  # noqa: S311 - whom to end, not a secret
    for _ in range(20):
        await crowd.done(dice.randrange(1, 20))
        rows = await ask(
            "select pid from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()"
        )
        if rows:
            await said(server, f"select pg_terminate_backend({dice.choice(rows)['pid']})")
    await settled(serving, crowd, ask)


@pytest.mark.parametrize("way", ["cut", "reset"])
async def test_a_network_that_breaks_again_and_again_loses_nothing(
    serving: Serving, crowd: Crowd, ask: Ask, wire: Wire, way: str
) -> None:
    for _ in range(20):
        await crowd.done(7)
        getattr(wire, way)()
    await settled(serving, crowd, ask)


@pytest.mark.parametrize("lost", ["commits", "answers"])
async def test_a_network_that_breaks_in_a_commit_loses_and_repeats_nothing(
    serving: Serving, crowd: Crowd, ask: Ask, wire: Wire, lost: str
) -> None:
    await crowd.done(5)
    getattr(wire, f"lose_{lost}")()
    await wire.broken(20)
    wire.keep_commits()
    await settled(serving, crowd, ask)


async def test_a_network_that_says_nothing_is_given_up_in_time(
    serving: Serving, crowd: Crowd, ask: Ask, wire: Wire
) -> None:
    await crowd.done(20)
    kept = await get(serving.port, f"/v1/{SITE}/page?subject=/kept")
    wire.stall()
    await crowd.hears("storage_failed", 8)
    again = await get(serving.port, f"/v1/{SITE}/page?subject=/kept", patience=2)
    unkept = await get(serving.port, f"/v1/{SITE}/page?subject=/unkept", patience=LONGEST)
    is_alive, is_ready = [await get(serving.port, path) for path in ("/healthz", "/readyz")]
    wire.mend()
    await settled(serving, crowd, ask)

    assert again.body == kept.body
    assert (unkept.status, is_alive.status, is_ready.status) == (503, 200, 503)
    assert unkept.code in MEANWHILE
    assert (await get(serving.port, "/readyz")).status == 200


async def test_a_server_hears_after_a_break_what_another_one_changed_meanwhile(
    tmp_path: Path, server: postgres.Server, database: str, serving: Serving, wire: Wire
) -> None:
    beside = Serving(tmp_path / "beside", database=server.url(database))
    try:
        await beside.start()
        assert await tells(serving, 0)
        wire.stall()
        wire.reset()
        assert (await post(beside.port, subject="/one", widget="like", action="like")).status == 200
        wire.mend()
        await until(partial(tells, serving, 1), LONGEST)
        assert (await post(beside.port, subject="/one", widget="like", action="like")).status == 200
        await until(partial(tells, serving, 2), LONGEST)
    finally:
        beside.remove()


async def test_a_full_disk_of_the_database_is_told_and_goes_on_once_there_is_space(
    serving: Serving, crowd: Crowd, ask: Ask
) -> None:
    await crowd.done(10)
    await ask(
        "create function no_space() returns trigger language plpgsql as"
        " $$ begin raise 'could not extend file' using errcode = 'disk_full'; end $$"
    )
    await ask("create trigger no_space before insert on interactions execute function no_space()")
    await crowd.hears("storage_full", 8)
    reading = await get(serving.port, f"/v1/{SITE}/page?subject=/another")
    await ask("drop trigger no_space on interactions")
    await crowd.done(20)
    await crowd.finish()

    assert reading.status == 200
    assert set(crowd.met) == {"storage_full"}
    await balanced(ask, crowd)
    await shown(ask, serving.port)


async def tells(serving: Serving, likes: int) -> bool:
    """Whether this server tells readers that so many like the first subject."""
    answer = await get(serving.port, f"/v1/{SITE}/page?subject=/one")
    return answer.status == 200 and answer.json()["widgets"]["like"] == {"count": likes, "mine": False}
