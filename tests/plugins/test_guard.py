"""The guard keeps its threads: whoever goes away, and however late an answer comes."""

from __future__ import annotations

import asyncio
import logging
import threading

import pytest

from widget_server.errors import PluginFailed
from widget_server.plugins import Guard
from widget_server.plugins.guard import THREADS, _Call, _Lane

PATIENCE = 10.0


async def test_callers_that_go_away_while_a_plug_in_hangs_leave_threads_for_the_next() -> None:
    now = 0.0
    guard = Guard(limit=0.05, monotonic=lambda: now)
    let_go = threading.Event()
    try:
        for _ in range(THREADS):
            begun = threading.Event()
            call = asyncio.create_task(guard.call("slow", lambda begun=begun: hang(begun, let_go)))  # type: ignore[misc]
            await asyncio.to_thread(begun.wait, PATIENCE)
            call.cancel()
            await asyncio.wait({call})
        await until_stuck(guard, THREADS)
        with pytest.raises(PluginFailed, match="left alone"):
            await guard.call("slow", lambda: "too soon")
        now += 1_000

        assert await guard.call("slow", lambda: "there") == "there"
    finally:
        let_go.set()
    await until_stuck(guard, 0)

    guard.close()


async def test_only_a_brief_call_of_one_of_ours_runs_where_it_is_asked_for() -> None:
    guard = Guard(ours=["like"])
    here = threading.get_ident()
    try:
        places = {
            "brief": await guard.call("like", threading.get_ident, brief=True),
            "long": await guard.call("like", threading.get_ident),
            "somebody else's": await guard.call("other", threading.get_ident, brief=True),
        }
        with pytest.raises(PluginFailed, match="like failed"):
            await guard.call("like", give_up, brief=True)
    finally:
        guard.close()

    assert {name: place == here for name, place in places.items()} == {
        "brief": True,
        "long": False,
        "somebody else's": False,
    }


async def test_a_call_that_ends_just_as_it_is_given_up_keeps_its_thread() -> None:
    lane = _Lane()
    call = _Call(lambda: "late", asyncio.get_running_loop(), lane)
    threads, stays = lane._threads, call.run()
    call.future.cancel()
    call.give_up()
    await asyncio.sleep(0)

    assert stays
    assert (lane._threads, lane.stuck) == (threads, 0)


async def test_a_call_that_was_given_up_ends_its_thread_and_is_forgotten() -> None:
    lane, given_up, begun = _Lane(), threading.Event(), threading.Event()
    call = _Call(lambda: hang(begun, given_up), asyncio.get_running_loop(), lane)
    running = asyncio.create_task(asyncio.to_thread(call.run))
    await asyncio.to_thread(begun.wait, PATIENCE)
    call.future.cancel()
    call.give_up()

    assert lane.stuck == 1

    given_up.set()

    assert await running is False

    await asyncio.sleep(0)

    assert lane.stuck == 0


async def test_a_time_limit_of_the_plug_ins_own_costs_it_no_thread() -> None:
    guard = Guard(limit=PATIENCE)
    before = await guard.call("slow", threading.active_count)
    for _ in range(10):
        with pytest.raises(PluginFailed, match="failed"):
            await guard.call("slow", give_up)

    assert await guard.call("slow", threading.active_count) == before

    guard.close()


async def test_the_log_names_the_plug_in_that_failed(caplog: pytest.LogCaptureFixture) -> None:
    guard = Guard(limit=0.02)
    let_go = threading.Event()
    with caplog.at_level(logging.ERROR), pytest.raises(PluginFailed):
        await guard.call("frail", give_up)
    with caplog.at_level(logging.ERROR), pytest.raises(PluginFailed):
        await guard.call("slow", lambda: let_go.wait(PATIENCE))
    let_go.set()

    assert [record.getMessage() for record in caplog.records] == [
        "the plug-in 'frail' failed",
        "the plug-in 'slow' ran out of time",
    ]

    guard.close()


async def until_stuck(guard: Guard, threads: int) -> None:
    """Wait until so many threads are given up and at work all the same."""
    async with asyncio.timeout(PATIENCE):
        while guard._lanes["slow"].stuck != threads:  # noqa: ASYNC110 - neither giving up nor a thread's end has an event
            await asyncio.sleep(0.005)


def hang(begun: threading.Event, let_go: threading.Event) -> None:
    """A call that does not end by itself."""
    begun.set()
    let_go.wait(PATIENCE)


def give_up() -> None:
    """A call that fails with the error that a time limit raises."""
    raise TimeoutError
