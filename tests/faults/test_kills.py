"""`kill -9` of the server under load, over HTTP, on SQLite: nothing acknowledged is lost, nothing is done twice."""

from __future__ import annotations

import asyncio
import os
import random
import signal
from functools import partial
from pathlib import Path

from tests.faults.asking import until
from tests.faults.conftest import Serve
from tests.faults.crowd import Crowd
from tests.faults.ledger import balanced, holds, rows_of, shown
from tests.faults.serving import Serving
from widget_server.opening import DATABASE, SECRET

KILLS = 26
"""Of a server in one process."""
LIVES = 5
"""Of a supervisor: each ends with a kill, after the kills of some of its workers."""
KILLS_OF_WORKERS = 4
"""In each of these lives; it gives up after a few more."""


PEOPLE = 4
"""Enough to keep it busy, and few enough that it starts soon again."""


async def test_a_server_that_is_killed_again_and_again_loses_nothing_and_repeats_nothing(
    serve: Serve,
) -> None:
    servers = [serve("a"), serve("b")]  # side by side: most of the time goes by while they start

    await asyncio.gather(*(killed(server, KILLS // 2, seed) for seed, server in enumerate(servers)))


async def killed(server: Serving, times: int, seed: int) -> None:
    """Kill it under load at any moment, and look whether its books are balanced in the end."""
    dice = random.Random(seed)  # noqa: S311 - when to kill, not a secret
    ask = rows_of(server.data / DATABASE)
    crowd = Crowd(server.port, people=PEOPLE)
    await server.start()
    crowd.start()
    for _ in range(times):
        await crowd.done(dice.randrange(1, 60))
        server.kill()
        await holds(ask, crowd)
        await server.start()
    await crowd.finish()

    await sound(server, crowd)


async def test_workers_and_supervisors_that_are_killed_lose_nothing_and_repeat_nothing(serve: Serve) -> None:
    server = serve(workers=2)
    dice = random.Random(9)  # noqa: S311 - whom to kill when, not a secret
    ask = rows_of(server.data / DATABASE)
    crowd = Crowd(server.port, people=PEOPLE)
    crowd.start()
    for _ in range(LIVES):
        await server.start_at_last()
        for _ in range(KILLS_OF_WORKERS):
            await crowd.done(dice.randrange(1, 60))
            os.kill(dice.choice(server.workers()), signal.SIGKILL)
            await holds(ask, crowd)
            await server.ready()
        server.kill()
        await holds(ask, crowd)
    await server.start_at_last()
    await crowd.finish()

    await sound(server, crowd)


async def sound(server: Serving, crowd: Crowd) -> None:
    """All is well in the end, and nobody was told anything odd meanwhile."""
    ask = rows_of(server.data / DATABASE)
    assert set(crowd.met) <= {"unanswered"}
    await balanced(ask, crowd)
    await shown(ask, server.port)
    assert await ask("pragma integrity_check") == [{"integrity_check": "ok"}]
    assert "Traceback" not in server.log
    assert " failed" not in server.log


async def test_a_first_start_that_is_killed_hinders_no_later_one(tmp_path: Path) -> None:
    server = Serving(tmp_path / "data")
    marks = [server.data / name for name in (SECRET, DATABASE, f"{DATABASE}-wal")]
    try:
        for mark in marks:
            server.spawn()
            await until(partial(has_some, mark))
            server.kill()
        await server.start()
        assert await server.answers("/readyz")
    finally:
        server.remove()
    assert "Traceback" not in server.log


async def has_some(file: Path) -> bool:
    """Whether the file is there."""
    return file.exists()
