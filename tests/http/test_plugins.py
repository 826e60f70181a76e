"""A plug-in that misbehaves harms itself and nothing else."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from tests.http.rogue import Rogue, as_extra
from tests.http.world import SITE, World, a_world
from widget_server.errors import Forbidden, NotFound, TransomError
from widget_server.plugins import Guard
from widget_server.plugins.guard import MOST_STUCK, REST
from widget_server.store import subjects
from widget_server.vocabulary import Choose, Reading, ReadThread, Record, Statement, sql
from widget_server.widgets.base import Look
from widget_server.widgets.like import Like

LIMIT = 0.3
PATIENCE = 10.0


def fail(error: BaseException) -> Callable[[], Any]:
    """Something that raises."""

    def failing() -> Any:  # noqa: ANN401 - it returns nothing at all
        raise error

    return failing


BAD_LOOKS: dict[str, Rogue] = {
    "raises in load": Rogue(asks=fail(RuntimeError("secret path /srv"))),
    "raises in summary": Rogue(shows=fail(KeyError("x"))),
    "raises ours": Rogue(asks=fail(NotFound())),
    "refuses to be seen": Rogue(shows=fail(Forbidden())),
    "raises the server's fault": Rogue(shows=fail(TransomError())),
    "leaves": Rogue(asks=fail(SystemExit(3))),
    "interrupts": Rogue(shows=fail(KeyboardInterrupt())),
    "asks for nothing known": Rogue(asks=lambda: "everything"),
    "asks with a bad cursor": Rogue(asks=lambda: ReadThread(after="nonsense")),
    "asks with a cursor of no type": Rogue(asks=lambda: ReadThread(after=7)),  # type: ignore[arg-type]
    "asks in bad SQL": Rogue(asks=lambda: sql("select nothing from nowhere")),
    "asks to write": Rogue(asks=lambda: sql("delete from comments where site = :site", site=SITE)),
    "asks with no text": Rogue(asks=lambda: Statement(7, {})),  # type: ignore[arg-type]
    "asks for ever": Rogue(asks=lambda: sql("select 1 as one")),
    "shows nothing": Rogue(shows=lambda: None),
    "shows a list": Rogue(shows=lambda: [1, 2]),
    "shows what is no JSON": Rogue(shows=lambda: {"count": 1, "mine": {1, 2}}),
    "shows too little": Rogue(shows=dict),
    "shows half a character": Rogue(shows=lambda: {"count": "\ud800", "mine": False}),
    "shows far too much": Rogue(shows=lambda: {"count": "a" * 5_000_000, "mine": False}),
}


HARMLESS = {("shows too little", "json"), ("shows what is no JSON", "fragments")}


async def test_a_widget_that_cannot_be_shown_is_named_and_the_others_are_shown(tmp_path: Path) -> None:
    for number, (name, rogue) in enumerate(BAD_LOOKS.items()):
        if name == "asks for ever":
            rogue.load = lambda look: iter_for_ever()  # type: ignore[method-assign,assignment,return-value] # noqa: ARG005
        async with a_world(tmp_path / str(number), extra=as_extra(rogue)) as world:
            charlie = world.visitor("Charlie")
            await charlie.says("hello")
            for form in ("fragments", "json"):
                answer = await world.reader.get(f"/v1/{SITE}/page?subject=a&format={form}")
                told = answer.json()
                is_harmless = (name, form) in HARMLESS

                assert answer.status_code == 200, name
                assert told["degraded"] == ([] if is_harmless else ["rogue"]), (name, form)
                assert {"like", "count", "comments"} <= set(told["widgets"]), name
                assert "secret" not in answer.text
            session = await charlie.session(format="fragments")

            assert session.status_code == 200, name
            assert "hello" in session.json()["parts"]["comments"]


BAD_DEEDS: dict[str, Rogue] = {
    "raises": Rogue(accepts=fail(RuntimeError("secret path /srv"))),
    "leaves": Rogue(accepts=fail(SystemExit(3))),
    "returns nothing": Rogue(accepts=lambda: None),
    "returns a text": Rogue(accepts=lambda: "like"),
    "records what is no JSON": Rogue(accepts=lambda: Record("poke", {"x": object()})),
    "chooses numbers": Rogue(accepts=lambda: Choose("poke", (1, 2))),  # type: ignore[arg-type]
}


async def test_a_deed_that_a_widget_cannot_accept_changes_nothing(tmp_path: Path) -> None:
    for number, (name, rogue) in enumerate(BAD_DEEDS.items()):
        async with a_world(tmp_path / str(number), extra=as_extra(rogue)) as world:
            charlie = world.visitor("Charlie")
            before = await world.dump()
            answer = await charlie.post(widget="rogue", action="poke")

            assert (answer.status_code, answer.json()["code"]) == (503, "plugin_failed"), name
            assert "secret" not in answer.text
            assert await world.dump() == before
            assert (await charlie.like()).status_code == 200


async def test_a_deed_is_done_even_if_its_widget_cannot_be_shown_after_it(tmp_path: Path) -> None:
    rogue = Rogue(shows=fail(RuntimeError()))
    async with a_world(tmp_path, extra=as_extra(rogue)) as world:
        charlie = world.visitor("Charlie")
        answers = [
            await charlie.post(widget="rogue", action="poke", format=form) for form in ("json", "fragments")
        ]

        assert [(answer.status_code, answer.json()["degraded"]) for answer in answers] == [
            (200, ["rogue"])
        ] * 2
        assert await world.rows("select count(*) from interactions") == [(2,)]


async def test_a_fault_of_our_own_in_what_follows_a_doing_leaves_it_done(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with a_world(tmp_path) as world:
        monkeypatch.setattr(Like, "summary", lambda *_: 1 / 0)
        answer = await world.visitor("Charlie").like()
        monkeypatch.undo()

        assert (answer.status_code, answer.json()["degraded"]) == (200, ["like"])
        assert (await world.page())["like"]["count"] == 1


async def test_a_refusal_of_the_widgets_own_reaches_the_person(tmp_path: Path) -> None:
    async with a_world(tmp_path, extra=as_extra(Rogue(accepts=fail(Forbidden("Not on Sundays."))))) as world:
        answer = await world.visitor("Charlie").post(widget="rogue", action="poke")

        assert (answer.status_code, answer.json()["detail"]) == (403, "Not on Sundays.")


async def test_a_widget_that_hangs_is_left_alone_and_nobody_waits_for_it(tmp_path: Path) -> None:
    let_go = threading.Event()
    rogue = Rogue(asks=partial(let_go.wait, 60))
    try:
        async with a_world(tmp_path, extra=as_extra(rogue), plugin_seconds=LIMIT) as world:
            loop = asyncio.get_running_loop()
            await world.visitor("Charlie").says("hello")
            hanging = [
                asyncio.create_task(world.reader.get(f"/v1/{SITE}/page?subject=s{number}"))
                for number in range(12)
            ]
            await asyncio.sleep(0)
            begun = loop.time()
            others = await asyncio.gather(
                *(
                    world.reader.get(f"/v1/{SITE}/page?subject=o{number}&widgets=like,comments")
                    for number in range(12)
                )
            )
            aside = loop.time() - begun
            pages = await asyncio.gather(*hanging)

            assert {answer.status_code for answer in (*others, *pages)} == {200}
            assert {tuple(answer.json()["degraded"]) for answer in others} == {()}
            assert {tuple(answer.json()["degraded"]) for answer in pages} == {("rogue",)}
            assert all("comments" in answer.json()["widgets"] for answer in pages)
            assert aside < LIMIT * 20  # they waited for their own work, not for one another's limits

            calls = rogue.calls
            await world.page("later")

            assert rogue.calls == calls

            let_go.set()
            rogue._asks = ReadThread
            world.clock.forward(REST + 1)
            await until_shown(world)
    finally:
        let_go.set()


async def test_an_answer_that_lacks_a_widget_is_kept_for_a_moment_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("widget_server.web.cache.MOMENT", 0.01)
    rogue = Rogue(shows=fail(RuntimeError()))
    async with a_world(tmp_path, extra=as_extra(rogue)) as world:
        address = f"/v1/{SITE}/page?subject=a"

        assert (await world.reader.get(address)).json()["degraded"] == ["rogue"]

        rogue._shows = lambda: {"count": 1, "mine": False}
        while (await world.reader.get(address)).json()["degraded"]:  # noqa: ASYNC110 - the cache has no event
            await asyncio.sleep(0.005)

        assert (await world.page())["rogue"]["count"] == 1


async def test_a_plug_in_that_keeps_its_threads_is_not_called_again_until_it_lets_go() -> None:
    now = 0.0
    guard = Guard(limit=0.02, monotonic=lambda: now)
    let_go = threading.Event()
    for _ in range(MOST_STUCK):
        with pytest.raises(TransomError):
            await guard.call("rogue", partial(let_go.wait, 60))
        now += REST + 1
    before = threading.active_count()
    with pytest.raises(TransomError, match="left alone"):
        await guard.call("rogue", lambda: 1)

    assert threading.active_count() == before
    assert await guard.call("other", lambda: 2) == 2

    let_go.set()
    while guard._lanes["rogue"].stuck:  # noqa: ASYNC110 - a thread's end has no event
        await asyncio.sleep(0.005)

    assert await guard.call("rogue", lambda: 3) == 3

    guard.close()


async def test_callers_that_go_away_take_no_thread_with_them() -> None:
    guard = Guard(limit=PATIENCE)
    for _ in range(10):
        begun, let_go = threading.Event(), threading.Event()
        call = asyncio.create_task(guard.call("slow", lambda a=begun, b=let_go: (a.set(), b.wait(60))))  # type: ignore[misc]
        await asyncio.to_thread(begun.wait, PATIENCE)
        call.cancel()
        await asyncio.wait({call})
        let_go.set()

    assert await guard.call("slow", lambda: "still there") == "still there"

    guard.close()


def iter_for_ever() -> Iterator[Statement]:
    """Questions without an end."""
    while True:
        yield sql("select 1 as one")


async def until_shown(world: World) -> None:
    """Wait until the widget is shown again."""
    number = 0
    while "rogue" not in await world.page(f"again {number}"):
        number += 1
        await asyncio.sleep(0.01)


async def test_a_statement_of_a_widgets_own_is_given_the_page_and_the_person(tmp_path: Path) -> None:
    wanted: dict[str, Any] = {}

    def load(look: Look) -> Reading[str]:  # noqa: ARG001 - the contract's shape
        rows = yield sql("select :site as site, :subject as subject, :person as person", subject="forged")
        wanted[rows[0]["person"]] = (rows[0]["site"], rows[0]["subject"])
        return ""

    rogue = Rogue()
    rogue.load = load  # type: ignore[method-assign]
    async with a_world(tmp_path, extra=as_extra(rogue)) as world:
        charlie = world.visitor("Charlie")
        await charlie.says("hello", subject="new")
        await world.server.house.database.write(subjects.alias(SITE, "new", "old"))
        await world.reader.get(f"/v1/{SITE}/page?subject=old&widgets=rogue&format=json")
        session = await charlie.session(subject="old", widgets="rogue")

    assert wanted == {"": (SITE, "new"), session.json()["person"]["id"]: (SITE, "new")}
