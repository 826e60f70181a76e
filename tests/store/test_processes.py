"""Several processes on one file, some of which are killed."""

from __future__ import annotations

import asyncio
import fcntl
import os
import random
import signal
import sqlite3
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from blockbuster import BlockBuster

from tests.store.conftest import Opener
from tests.store.statements import count, put
from widget_server import errors
from widget_server.store import Limits, SQLite

pytestmark = pytest.mark.only_sqlite("it is about processes that share a SQLite file")

ROOT = Path(__file__).resolve().parents[2]
KILLS = 44


@pytest.fixture(autouse=True)
def looking_allowed(unblocked_loop: BlockBuster) -> None:
    """These tests look into the file by themselves, and start processes."""
    unblocked_loop.deactivate()


async def _started(path: Path, name: str, *, tasks: int, seconds: float) -> Process:
    return await asyncio.create_subprocess_exec(
        *(sys.executable, str(ROOT / "tests" / "store" / "writer_process.py")),
        *(str(path), name, str(tasks), str(seconds)),
        stdout=PIPE,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )


async def _killed(path: Path, name: str, acknowledgements: int) -> set[str]:
    """Start a writer, kill it after so many acknowledgements; returns what it had acknowledged."""
    process = await _started(path, name, tasks=32, seconds=60)
    stdout = process.stdout
    assert stdout is not None
    async with asyncio.timeout(30):
        heard = [await stdout.readline() for _ in range(acknowledgements)]
        process.send_signal(signal.SIGKILL)
        rest = await stdout.read()
        assert await process.wait() == -signal.SIGKILL
    # The kernel writes a line whole; a cut one would only understate what was acknowledged.
    return {f"{name}-{line.decode().strip()}" for line in (*heard, *rest.splitlines()) if line.strip()}


async def test_kill_9_under_load_loses_nothing_that_was_acknowledged(path: Path, database: SQLite) -> None:
    """Killed at any moment, alone or beside others that go on; what is there is whole."""
    await database.close()
    dice = random.Random(9)  # noqa: S311 - when to kill, not a secret
    acknowledged: set[str] = set()
    for round_ in range(KILLS // 2):
        pair = [_killed(path, f"{round_}{side}", dice.randrange(1, 400)) for side in "ab"]
        acknowledged.update(*await asyncio.gather(*pair))
        stored, tally, integrity = _looked_into(path)
        assert acknowledged <= stored
        assert tally == len(stored)
        assert integrity == "ok"
    assert len(acknowledged) > KILLS


def _looked_into(path: Path) -> tuple[set[str], int, str]:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("pragma wal_autocheckpoint = 0")
        stored = {key for (key,) in connection.execute("select id from contract_rows where site = 'blog'")}
        tally = connection.execute("select n from contract_rows where site = 'tally'").fetchone()[0]
        return stored, tally, connection.execute("pragma integrity_check").fetchone()[0]


@pytest.mark.parametrize("processes", [2, 4])
async def test_processes_take_turns(path: Path, database: SQLite, processes: int) -> None:
    """Each gets its share, none waits long, and no write is lost."""
    await database.close()
    started = [await _started(path, str(number), tasks=4, seconds=1.5) for number in range(processes)]
    outputs = [(await process.communicate())[0].decode().splitlines() for process in started]

    assert [process.returncode for process in started] == [0] * processes
    shares = [len(output) - 1 for output in outputs]
    assert min(shares) > max(shares) / 5
    assert max(int(output[-1].split()[1]) for output in outputs) < 1_000
    stored, tally, _ = _looked_into(path)
    assert len(stored) == tally == sum(shares)


async def test_a_turn_that_does_not_come_is_refused_in_time(path: Path, opener: Opener) -> None:
    """Reads go on meanwhile; writes go on after; nothing of what was refused is done."""
    database = await opener(Limits(wait=0.2))
    await database.write(put("before"))
    with _turn_taken(path):
        with pytest.raises(errors.Overloaded) as caught:
            await database.write(put("refused"))
        assert caught.value.retry_after is not None
        assert await database.read(count()) == 1
    await database.write(put("after"))
    assert await database.read(count()) == 2


async def test_a_database_closes_though_its_turn_does_not_come(path: Path, opener: Opener) -> None:
    database = await opener(Limits(wait=0.1, patience=0.1))
    with _turn_taken(path):
        async with asyncio.timeout(10):
            await database.close()
    with pytest.raises(errors.StorageFailed, match="closed"):
        await database.write(put("late"))


async def test_opening_waits_for_its_turn_and_not_for_ever(path: Path, opener: Opener) -> None:
    await opener()
    with _turn_taken(path), pytest.raises(errors.Overloaded):
        await opener(Limits(wait=0.2))


async def test_a_foreign_program_that_holds_the_file_is_waited_for(path: Path, opener: Opener) -> None:
    """One that knows nothing of turns, such as the sqlite3 shell."""
    database = await opener(Limits(wait=0.2))
    with closing(sqlite3.connect(path, isolation_level=None)) as shell:
        shell.execute("begin immediate")
        with pytest.raises(errors.Overloaded):
            await database.write(put("refused"))
        shell.execute("rollback")
    await database.write(put("after"))
    assert await database.read(count()) == 1


@contextmanager
def _turn_taken(path: Path) -> Iterator[None]:
    with path.with_name(f"{path.name}.lock").open("rb") as side:
        fcntl.flock(side, fcntl.LOCK_EX)
        yield
