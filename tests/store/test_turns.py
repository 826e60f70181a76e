"""Turns to write are each site's own: sites do not wait for each other, and nobody waits in a circle."""

from __future__ import annotations

import asyncio
import random
import threading
from pathlib import Path

import pytest

from tests import databases
from tests.store.conftest import Another
from tests.store.statements import PATIENCE, heard_until, put_and_tell
from widget_server import errors
from widget_server.store import Change, Database, touched
from widget_server.store.changes import clocks
from widget_server.store.postgres import Postgres
from widget_server.store.postgres_session import Session
from widget_server.vocabulary import Transaction, sql

pytestmark = pytest.mark.only_postgres("of one file there is one writer")

SITES = ("a", "b", "c")


async def test_sites_do_not_wait_for_each_other_and_what_comes_late_is_heard(another: Another) -> None:
    one, other, third, fourth = [await another() for _ in range(4)]
    heard = third.listen()
    begun, go_on = threading.Event(), threading.Event()
    long = asyncio.create_task(one.write(_touch_slowly("a", "late", begun, go_on), patience=PATIENCE))
    await asyncio.to_thread(begun.wait, PATIENCE)
    waiting = asyncio.create_task(other.write(touched("a", "waits")))
    await asyncio.sleep(0.05)
    for number in range(20):
        await third.write(touched("c", str(number)))
        await fourth.write(touched("b", "soon"))
    told = await heard_until(heard, {Change("b", "soon")})
    assert not waiting.done()
    assert not long.done()
    go_on.set()
    await asyncio.gather(long, waiting)
    told |= await heard_until(heard, {Change("a", "late"), Change("a", "waits")})

    assert told == {Change("b", "soon"), Change("a", "late"), Change("a", "waits")}


async def test_writers_of_several_sites_at_once_never_wait_in_a_circle(another: Another) -> None:
    writers = [await another() for _ in range(3)]
    sites = [f"site-{number}" for number in range(12)]

    async def write(database: Database, seed: int) -> None:
        dice = random.Random(seed)  # noqa: S311 - what to change, not a secret
        for _ in range(15):
            some = dice.sample(sites, 6)
            await asyncio.gather(*(database.write(touched(site, str(seed))) for site in some))

    async with asyncio.timeout(PATIENCE):
        await asyncio.gather(*(write(database, seed) for seed, database in enumerate(writers)))

    numbers = await writers[0].read(clocks())
    assert set(numbers) == set(sites)
    assert sum(numbers.values()) <= 3 * 15 * 6


@pytest.mark.parametrize("is_spread", [True, False])
async def test_where_the_database_is_spread_a_commit_is_about_one_site(
    another: Another, *, is_spread: bool, tmp_path: Path
) -> None:
    first = await another()
    if is_spread:
        assert isinstance(first, Postgres)
        await first.alone(_look_like_citus)
    database = await another()
    await asyncio.gather(*(database.write(put_and_tell(site, str(n))) for n in range(20) for site in SITES))
    shared = databases.rows(
        tmp_path / "transom.db", "select count(distinct site) as sites from changes group by xmin::text"
    )

    assert {sites for (sites,) in shared} == ({1} if is_spread else {3})
    assert len(databases.rows(tmp_path / "transom.db", "select id from contract_rows")) == 60


async def test_where_the_database_is_spread_nobody_is_asked_after_a_commit(
    another: Another, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The number of a transaction is a worker's, and says nothing at the coordinator, or of somebody else's."""
    first = await another()
    assert isinstance(first, Postgres)
    await first.alone(_look_like_citus)
    database = await another()
    say = Session.say

    async def cut(session: Session, text: str, patience: float | None = None) -> str:
        if text == "commit":
            monkeypatch.setattr(Session, "say", say)
            await say(session, text)
            session.connection.terminate()
        return await say(session, text, patience)

    monkeypatch.setattr(Session, "say", cut)
    with pytest.raises(errors.StorageFailed, match="could not be found out"):
        await database.write(touched("a", "x"))
    await database.write(touched("a", "y"))

    assert await database.read(clocks()) == {"a": 2}


async def _look_like_citus(session: Session) -> None:
    await session.ask("create table pg_dist_partition (logicalrelid regclass primary key)")


def _touch_slowly(
    site: str, subject: str, begun: threading.Event, go_on: threading.Event
) -> Transaction[None]:
    yield from touched(site, subject)
    yield sql("select seq from change_clock where site = :site", site=site)
    begun.set()
    go_on.wait(PATIENCE)
