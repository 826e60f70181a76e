"""What is SQLite's own: the file, the writer's queue, the time that a statement may take."""

from __future__ import annotations

import asyncio
import sqlite3
import stat
import threading
from pathlib import Path

import pytest

from tests.store.conftest import Opener
from tests.store.statements import count, put, put_and_count, put_slowly, refuse_what_is_there, spin
from widget_server import errors
from widget_server.store import Limits, SQLite, sqlite_session
from widget_server.store.sqlite_session import Connection, Session
from widget_server.vocabulary import Transaction, sql

pytestmark = pytest.mark.only_sqlite("it is about the driver of SQLite")


async def test_only_its_owner_may_read_the_file(path: Path, database: SQLite) -> None:
    await database.write(put("a"))

    modes = {file.name: stat.S_IMODE(file.stat().st_mode) for file in path.parent.iterdir()}
    assert modes.pop("transom.db-wal") == 0o600
    assert set(modes.values()) == {0o600}
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


async def test_a_commit_reaches_the_disk_and_only_the_writer_checkpoints(database: SQLite) -> None:
    def pragmas(session: Session) -> list[object]:
        names = (
            "journal_mode",
            "synchronous",
            "foreign_keys",
            "busy_timeout",
            "wal_autocheckpoint",
            "query_only",
        )
        return [session.execute(f"pragma {name}").fetchone()[0] for name in names]

    assert await database.alone(pragmas) == ["wal", 2, 1, 5000, 1000, 0]
    for reader in database._readers:
        assert await reader.hop(pragmas) == ["wal", 2, 0, 5000, 0, 1]


async def test_a_batch_is_one_hop_to_the_thread(database: SQLite, monkeypatch: pytest.MonkeyPatch) -> None:
    """The protected `_execute` of aiosqlite still takes a whole function."""
    hops = 0
    execute = Connection._execute

    async def counted(*arguments: object) -> object:
        nonlocal hops
        hops += 1
        return await execute(*arguments)  # type: ignore[arg-type,no-untyped-call]

    monkeypatch.setattr(Connection, "_execute", counted)
    await asyncio.gather(*(database.write(put_and_count(str(number))) for number in range(100)))
    assert hops == 1
    await database.read(count())
    assert hops == 2


async def test_a_full_queue_says_when_to_come_back(opener: Opener) -> None:
    database = await opener(Limits(queue=10))
    begun, go_on = threading.Event(), threading.Event()
    first = asyncio.create_task(database.write(put_slowly("slow", begun, go_on)))
    await asyncio.to_thread(begun.wait, 20)
    rest = [asyncio.create_task(database.write(put(str(number)))) for number in range(25)]
    await asyncio.sleep(0)
    go_on.set()
    results = await asyncio.gather(first, *rest, return_exceptions=True)

    refused = [result for result in results if isinstance(result, errors.Overloaded)]
    assert len(refused) == 15
    assert {refusal.retry_after for refusal in refused} == {1}
    assert await database.read(count()) == 11


async def test_one_that_waited_too_long_is_refused_and_never_done(opener: Opener) -> None:
    database = await opener(Limits(wait=0.2))
    begun, go_on = threading.Event(), threading.Event()
    first = asyncio.create_task(database.write(put_slowly("slow", begun, go_on)))
    await asyncio.to_thread(begun.wait, 20)
    with pytest.raises(errors.Overloaded) as caught:
        await database.write(put("late"))
    go_on.set()
    await first

    assert caught.value.retry_after == 1
    assert await database.read(count()) == 1


async def test_a_writer_that_is_cancelled_before_its_turn_writes_nothing(database: SQLite) -> None:
    begun, go_on = threading.Event(), threading.Event()
    told: list[str] = []
    slowly = put_slowly("first", begun, go_on)
    first = asyncio.create_task(database.write(slowly, tell=lambda _: told.append("first")))
    await asyncio.to_thread(begun.wait, 20)
    gone = asyncio.create_task(database.write(put("gone"), tell=lambda _: told.append("gone")))
    beside = asyncio.create_task(database.write(put("beside")))
    await asyncio.sleep(0)
    gone.cancel()
    first.cancel()
    go_on.set()
    await beside

    assert gone.cancelled() or await asyncio.wait({gone})
    assert await database.read(_keys()) == ["beside", "first"]
    assert told == ["first"]


async def test_what_fails_when_it_is_told_is_stored_and_fails_nobody_else(database: SQLite) -> None:
    def fail(_: object) -> None:
        raise ZeroDivisionError

    results = await asyncio.gather(
        database.write(put("a")),
        database.write(put("b"), tell=fail),
        database.write(put("c")),
        return_exceptions=True,
    )

    assert [type(each) for each in results] == [type(results[0]), ZeroDivisionError, type(results[0])]
    assert await database.read(_keys()) == ["a", "b", "c"]


async def test_a_commit_that_fails_fails_all_and_keeps_nothing(database: SQLite) -> None:
    """A foreign key that is only looked at on commit makes the commit itself fail."""
    await database.alone(
        lambda session: session.executescript(
            """
            create table later (
                id text primary key, target text references later deferrable initially deferred
            )
            """
        )
    )
    results = await asyncio.gather(
        *(database.write(put(str(number))) for number in range(20)),
        database.write(refuse_what_is_there()),
        database.write(_point_nowhere()),
        return_exceptions=True,
    )
    assert {type(result) for result in results} == {errors.Conflict}
    assert await database.read(count()) == 0

    await database.write(put("after"))
    assert await database.read(count()) == 1


async def test_a_statement_that_takes_too_long_is_stopped(opener: Opener) -> None:
    """Reading or writing; the neighbours of a write are refused with it, and the next ones go on."""
    database = await opener(Limits(patience=0.1))
    for attempt in (database.read(spin()), database.write(spin()), database.write(_spin_into())):
        with pytest.raises(errors.StorageFailed, match="too long"):
            await attempt
    assert await database.write(spin(2_000_000), patience=30) == 2_000_000
    await database.write(put("after"))
    assert await database.read(count()) == 1


async def test_a_slow_read_does_not_hold_up_the_others(database: SQLite) -> None:
    slow = asyncio.create_task(database.read(spin(), patience=10))
    await asyncio.sleep(0)
    assert await database.read(count()) == 0
    assert not slow.done()

    slow.cancel()
    await asyncio.wait({slow})
    await asyncio.gather(*(database.read(count()) for _ in range(50)))


async def test_the_log_is_bounded_while_people_read(
    path: Path, opener: Opener, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite_session, "EMPTYING_PAUSE", 0.0)
    database = await opener(Limits(log_bytes=400_000))
    writing = True

    async def read() -> None:
        while writing:
            await database.read(count())

    readers = [asyncio.create_task(read()) for _ in range(4)]
    log = path.with_name("transom.db-wal")
    for batch in range(30):
        await asyncio.gather(*(database.write(put(f"{batch}-{n}", "x" * 5_000)) for n in range(20)))
    writing = False
    await asyncio.gather(*readers)
    assert log.stat().st_size < 1_000_000  # of about 6 MB that were written
    await database.close()
    assert not log.exists()


async def test_fifty_writers_and_readers_never_meet_a_lock(database: SQLite) -> None:
    async def write(name: int) -> None:
        for number in range(20):
            await database.write(put_and_count(f"{name}-{number}"))

    async def read() -> None:
        for _ in range(20):
            rows, tally = await database.read(_rows_and_tally())
            assert rows == tally

    await asyncio.gather(*(write(name) for name in range(50)), *(read() for _ in range(50)))
    assert await database.read(count()) == 1_000


async def test_two_that_wait_never_see_each_others_answer(database: SQLite) -> None:
    """Hundreds of interleaved requests, each of which gets what it asked for."""
    answers = await asyncio.gather(
        *(
            database.read(_echo(number)) if number % 2 else database.write(_echo(number))
            for number in range(500)
        )
    )
    assert answers == list(range(500))


@pytest.mark.parametrize("name", ["queue", "writes", "readers", "wait", "patience", "poll", "log_bytes"])
@pytest.mark.parametrize("value", [0, -1, float("nan"), float("inf")])
def test_a_limit_is_a_number_above_zero(name: str, value: float) -> None:
    with pytest.raises(errors.SettingInvalid):
        Limits(**{name: value})  # type: ignore[arg-type]


async def test_the_errors_keep_their_cause(database: SQLite) -> None:
    await database.write(put("a"))
    with pytest.raises(errors.Conflict) as caught:
        await database.write(put("a"))
    assert isinstance(caught.value.__cause__, sqlite3.IntegrityError)

    with pytest.raises(errors.StorageFailed) as failed:
        await database.read(_nonsense())
    assert isinstance(failed.value.__cause__, sqlite3.OperationalError)


def _keys() -> Transaction[list[str]]:
    rows = yield sql("select id from contract_rows where site = 'blog' order by id")
    return [row["id"] for row in rows]


def _rows_and_tally() -> Transaction[tuple[int, int]]:
    rows = yield from count()
    tally = yield sql("select coalesce(max(n), 0) as n from contract_rows where site = 'tally'")
    return rows, tally[0]["n"]


def _echo(number: int) -> Transaction[int]:
    rows = yield sql("select :number as number", number=number)
    return int(rows[0]["number"])


def _point_nowhere() -> Transaction[None]:
    yield sql("insert into later (id, target) values ('a', 'nobody')")


def _spin_into() -> Transaction[None]:
    yield sql(
        """
        insert into contract_rows (site, id, n)
        with recursive numbers (n) as (select 1 union all select n + 1 from numbers)
        select 'blog', 'spin' || n, n from numbers
        """
    )


def _nonsense() -> Transaction[None]:
    yield sql("select nothing from nowhere")
