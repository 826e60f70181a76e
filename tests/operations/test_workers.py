"""`serve --workers`: one server to whoever asks, whichever of its processes answers; renewed, mended and drained."""

from __future__ import annotations

import asyncio
import os
import signal
import sqlite3
import subprocess
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from contextlib import closing, suppress
from functools import partial
from pathlib import Path

import pytest

from tests.faults.asking import PATIENCE, SITE, Answer, Unanswered, answer_of, ask, get, written
from tests.faults.serving import TRANSOM, Serving
from tests.operations.conftest import Serve
from widget_server.commands.supervisor import MOST_DEATHS, Supervisor
from widget_server.commands.worker import Order
from widget_server.opening import DATABASE
from widget_server.store import touched

READERS = 8
PAGE_READ = f"/v1/{SITE}/page?subject=a"
FRAGMENTS = f"{PAGE_READ}&format=fragments"


@pytest.mark.each_database("the processes hear of each other through it")
@pytest.mark.parametrize("workers", [2, 4])
async def test_who_has_written_finds_it_whichever_process_answers(serve: Serve, workers: int) -> None:
    serving = serve(workers=workers)
    await serving.start()
    token: dict[str, str] = {}
    for number in range(15):
        said = f"word{number}x"
        posted = await act(serving, **comment(said), **token)
        assert posted.status == 200, posted.body
        token = {"token": posted.json()["token"]} if "token" in posted.json() else token
        seen = await read_by_all(serving, PAGE_READ, FRAGMENTS)

        assert [said.encode() in answer.body for answer in seen] == [True] * len(seen), number
    await asyncio.gather(*(act(serving, **like()) for _ in range(40)))
    seen = await read_by_all(serving, PAGE_READ)

    assert Counter(answer.json()["widgets"]["like"]["count"] for answer in seen) == {40: READERS}


async def test_what_a_command_changes_is_known_to_all_processes_soon(serve: Serve) -> None:
    serving = serve(workers=2)
    await serving.start()
    await read_by_all(serving, PAGE_READ)
    with closing(sqlite3.connect(serving.data / DATABASE)) as database, database:
        database.execute(
            "update sites set settings = json_set(settings, '$.max_length', 77) where site = ?", [SITE]
        )
        for statement in touched(SITE, ""):
            database.execute(statement.text, statement.parameters)

    async def is_known() -> bool:
        told = await read_by_all(serving, PAGE_READ)
        return {answer.json()["widgets"]["comments"]["max_length"] for answer in told} == {77}

    await until(is_known)


async def test_a_limit_is_one_for_all_processes(serve: Serve) -> None:
    serving = serve(workers=4, rate_client="10", rate_new="1000000")
    await serving.start()
    answers = await asyncio.gather(*(act(serving, **like()) for _ in range(40)))
    statuses = Counter(answer.status for answer in answers)

    assert set(statuses) == {200, 429}
    assert 10 <= statuses[200] <= 13  # a few tokens may be counted once, or come meanwhile


async def test_sighup_renews_every_worker_and_refuses_nobody(serve: Serve) -> None:
    serving = serve(workers=2)
    await serving.start()
    old, broken, asked = set(serving.workers()), 0, 0
    os.kill(serving.pid, signal.SIGHUP)
    async with asyncio.timeout(PATIENCE):
        while "all workers are new" not in serving.log:
            asked += 1
            try:
                assert (await get(serving.port, PAGE_READ)).status == 200
            except Unanswered:
                broken += 1
        await serving.ready()

    assert broken == 0
    assert asked > 10
    assert old & set(serving.workers()) == set()


async def test_a_worker_that_dies_is_replaced_and_the_log_says_so(serve: Serve) -> None:
    serving = serve(workers=2)
    await serving.start()
    dead = serving.workers()[0]
    os.kill(dead, signal.SIGKILL)
    await until_replaced(serving, dead)
    answers = await read_by_all(serving, PAGE_READ)

    assert {answer.status for answer in answers} == {200}
    assert f"worker {dead} ended with status -9; another one starts in 0.1 s" in serving.log


async def test_a_worker_that_keeps_dying_is_given_up() -> None:
    supervisor = Supervisor(Order({}, None, ()), [[]], 1)
    pauses = [supervisor._pause(0) for _ in range(MOST_DEATHS + 1)]

    assert pauses == [0.1, 0.2, 0.4, 0.8, 1.6, None]


async def test_what_is_under_way_is_answered_before_the_end(serve: Serve) -> None:
    serving = serve(workers=2)
    await serving.start()
    request = written(**comment("slowly"))
    reader, writer = await asyncio.open_connection("127.0.0.1", serving.port)
    writer.write(request[:-5])
    await writer.drain()
    await get(serving.port, "/healthz")
    os.kill(serving.pid, signal.SIGTERM)
    async with asyncio.timeout(PATIENCE):
        with suppress(Unanswered):
            while True:
                await get(serving.port, "/healthz")
        writer.write(request[-5:])
        answer = answer_of(await reader.read())
        writer.close()
        assert serving.process is not None
        status = await asyncio.to_thread(serving.process.wait)

    assert (answer.status, status) == (200, 0)
    assert serving.workers() == []


async def test_what_does_not_end_is_ended_in_the_time_that_the_settings_give(serve: Serve) -> None:
    serving = serve(workers=2, drain_seconds="1")
    await serving.start()
    _, writer = await asyncio.open_connection("127.0.0.1", serving.port)
    writer.write(written(**comment("never"))[:-5])
    await writer.drain()
    await get(serving.port, "/healthz")
    begun = time.monotonic()
    status = await serving.stop()
    writer.close()

    assert status == 0
    assert time.monotonic() - begun < PATIENCE / 2
    assert serving.workers() == []


async def test_workers_end_with_their_supervisor(serve: Serve) -> None:
    serving = serve(workers=2)
    await serving.start()
    serving.kill()

    async def are_gone() -> bool:
        return not serving._processes()

    await until(are_gone)


async def test_a_port_that_is_taken_is_told_at_once(serve: Serve, tmp_path: Path) -> None:
    serving = serve(workers=2)
    await serving.start()
    words = [TRANSOM, "serve", "--workers", "2", "--port", str(serving.port), "--data", tmp_path / "other"]
    start = partial(subprocess.run, words, capture_output=True, text=True, timeout=PATIENCE, check=False)
    second: subprocess.CompletedProcess[str] = await asyncio.to_thread(start)

    assert second.returncode == 1
    assert f"Cannot listen on 127.0.0.1 port {serving.port}" in second.stderr
    assert "Traceback" not in second.stderr


async def until_replaced(serving: Serving, dead: int) -> None:
    """Wait until another worker serves in its place."""

    async def is_gone() -> bool:
        return dead not in serving.workers()

    await until(is_gone)
    await serving.ready()


async def until(holds: Callable[[], Awaitable[bool]]) -> None:
    """Wait until it holds."""
    begun = time.monotonic()
    while not await holds():
        assert time.monotonic() - begun < PATIENCE
        await asyncio.sleep(0.01)


async def act(serving: Serving, **fields: str) -> Answer:
    """Interact, on a new connection."""
    return await ask(serving.port, written(**fields))


async def read_by_all(serving: Serving, *paths: str) -> list[Answer]:
    """The answers that some readers get at once, each on a connection of its own."""
    return await asyncio.gather(*(get(serving.port, path) for path in paths for _ in range(READERS)))


def comment(text: str) -> dict[str, str]:
    """The fields of a comment."""
    return {"subject": "a", "widget": "comments", "action": "comment", "text": text, "name": "Charlie"}


def like() -> dict[str, str]:
    """The fields of a new guest's like."""
    return {"subject": "a", "widget": "like", "action": "like"}
