"""A process that is stopped while it holds the turn to write: the others answer in time, and all goes on after."""

from __future__ import annotations

import asyncio
import os
import signal
import time

from tests.faults.asking import SITE, get, post, until
from tests.faults.conftest import Serve
from tests.faults.crowd import Crowd
from tests.faults.ledger import balanced, rows_of, shown
from tests.faults.turns import stop_in_its_turn, waits_for_its_turn
from widget_server.opening import DATABASE

WAIT = 5.0
"""Seconds that a write waits for its turn."""
SLACK = 10.0
"""Seconds that a busy machine may take longer."""


async def test_a_process_that_is_stopped_in_its_turn_holds_up_nothing_but_writing(serve: Serve) -> None:
    stopped, other = serve(), serve()
    crowd, beside = Crowd(stopped.port), Crowd(other.port)
    await asyncio.gather(stopped.start(), other.start())
    warm = await get(other.port, f"/v1/{SITE}/page?subject=/kept")
    crowd.start()
    beside.start()
    await beside.done(20)
    await stop_in_its_turn(stopped)
    begun = time.monotonic()
    await beside.hears("overloaded", beside.people)
    waited = time.monotonic() - begun
    kept, unkept = [await get(other.port, f"/v1/{SITE}/page?subject={each}") for each in ("/kept", "/unkept")]
    os.kill(stopped.pid, signal.SIGCONT)
    for each in (beside, crowd):
        await each.done(20)
        await each.finish()

    assert waited < WAIT + SLACK
    assert beside.slowest < WAIT + SLACK
    assert kept.body == warm.body
    assert unkept.status == 200
    assert set(beside.met) == {"overloaded"}
    # The one transaction that may have been at work when it was stopped has used up its time; nothing of it is stored.
    assert set(crowd.met) <= {"overloaded", "storage_failed"}
    assert crowd.met["storage_failed"] <= 1
    beside.acknowledged |= crowd.acknowledged
    await balanced(rows_of(other.data / DATABASE), beside)
    for server in (stopped, other):
        await shown(rows_of(server.data / DATABASE), server.port)


async def test_a_process_that_is_killed_in_its_turn_gives_it_back(serve: Serve) -> None:
    stopped, other = serve(), serve()
    crowd = Crowd(stopped.port)
    await asyncio.gather(stopped.start(), other.start())
    crowd.start()
    await crowd.done(5)
    await stop_in_its_turn(stopped)
    waiting = asyncio.create_task(post(other.port, subject="/one", widget="like", action="like"))
    await until(lambda: waits_for_its_turn(other))
    stopped.kill()
    await crowd.leave()

    assert (await waiting).status == 200
