"""When the database is slow or full: a clear answer, and nothing half done."""

from __future__ import annotations

import asyncio
import threading
from pathlib import Path

import pytest

from tests.http.rogue import Rogue, as_extra
from tests.http.world import SITE, World, a_world
from widget_server import errors
from widget_server.vocabulary import Choose, Transaction, sql

PATIENCE = 10.0


async def test_a_full_queue_answers_503_and_does_nothing(tmp_path: Path) -> None:
    async with a_world(tmp_path / "data", queue=1) as world:
        await unwatched(world)
        charlie = world.visitor("Charlie")
        await charlie.like(subject="before")
        await world.page()
        begun, let_go = threading.Event(), threading.Event()
        blocking = asyncio.create_task(world.server.house.database.write(_hold(begun, let_go), patience=60))
        try:
            await asyncio.to_thread(begun.wait, PATIENCE)
            waiting = asyncio.create_task(charlie.like())
            await queued(world)
            refused = [await charlie.like(subject="b"), await charlie.comment("hello", subject="b")]
            reading = await world.reader.get(f"/v1/{SITE}/page?subject=other")
        finally:
            let_go.set()
            await blocking

        assert [(each.status_code, each.json()["code"]) for each in refused] == [(503, "overloaded")] * 2
        for each in refused:
            assert int(each.headers["retry-after"]) >= 1
            assert each.headers["content-type"] == "application/problem+json"
        assert reading.status_code == 200
        assert (await waiting).status_code == 200
        assert (await world.page("b"))["like"]["count"] == 0
        assert await world.rows("select count(*) from interactions") == [(2,)]
        assert (await charlie.like(subject="b")).status_code == 200


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (errors.StorageFull("The disk that holds /srv/data/transom.sqlite3 is full"), 503, "storage_full"),
        (errors.StorageReadOnly("/srv/data/transom.sqlite3 cannot be written"), 503, "storage_read_only"),
        (errors.StorageFailed("select secret from /srv/data"), 503, "storage_failed"),
        (errors.SchemaNewer("/srv/data has schema 99"), 500, "internal_error"),
        (RuntimeError("select secret from /srv/data"), 500, "internal_error"),
    ],
)
async def test_a_fault_of_the_server_tells_strangers_nothing_of_the_inside(
    world: World, monkeypatch: pytest.MonkeyPatch, error: Exception, status: int, code: str
) -> None:
    async def failing(*_: object, **__: object) -> object:
        raise error

    charlie = world.visitor("Charlie")
    await charlie.like()
    before = await world.dump()
    monkeypatch.setattr(world.server.house.database, "write", failing)
    answer = await charlie.unlike()
    problem = answer.json()

    assert (answer.status_code, problem["code"], problem["status"]) == (status, code, status)
    assert len(problem["request_id"]) == 16
    assert "/srv" not in answer.text
    assert "secret" not in answer.text
    assert ("retry-after" in answer.headers) == (status == 503)
    assert await world.dump() == before


async def test_what_was_done_stays_done_when_it_cannot_be_shown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with a_world(tmp_path, extra=as_extra(Rogue(accepts=lambda: Choose("poke", ("poked",))))) as world:
        charlie = world.visitor("Charlie")
        await charlie.like()

        async def failing(*_: object, **__: object) -> object:
            raise errors.Overloaded

        with monkeypatch.context() as patch:
            patch.setattr(world.server.house.database, "read", failing)
            answers = [
                await charlie.post(widget="rogue", action="poke"),
                await charlie.unlike(),  # what ours show after a doing is read with it
            ]

        assert [(answer.status_code, answer.json()["degraded"]) for answer in answers] == [
            (200, ["rogue"]),
            (200, []),
        ]
        assert (await world.page())["like"]["count"] == 0
        assert await world.rows("select value, count from tallies where widget = 'rogue'") == [("poked", 1)]


def _hold(begun: threading.Event, let_go: threading.Event) -> Transaction[None]:
    """A write that takes as long as the test wants."""
    yield sql("select 1 as one")
    begun.set()
    let_go.wait(PATIENCE)


async def unwatched(world: World) -> None:
    """Look no more for what other processes change: a look takes the one place that there is for a read."""
    hearing = world.server.house.database._hearing  # type: ignore[attr-defined]
    hearing.cancel()
    await asyncio.wait({hearing})


async def queued(world: World) -> None:
    """Wait until a write waits behind the one at work."""
    while not world.server.house.database._writes._waiting:  # type: ignore[attr-defined]  # noqa: ASYNC110 - a queue has no event
        await asyncio.sleep(0.001)
