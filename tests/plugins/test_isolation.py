"""A widget that behaves badly harms itself alone: over HTTP, with a server that listens and two neighbours."""

from __future__ import annotations

import asyncio
import itertools
import threading
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from tests.http.rogue import Rogue
from tests.pins import Pins
from tests.plugins.neighbours import PATIENCE, street
from widget_server.plugins import Guard
from widget_server.vocabulary import Add, Choose, ReadTally, Record, Statement, Write, sql

LIMIT = 1.0

ENDLESS = "with recursive n (x) as (select 1 union all select x + 1 from n) select count(*) as number from n"


def fail() -> Any:  # noqa: ANN401 - it returns nothing at all
    """Raise something that nobody expects."""
    message = "secret path /srv"
    raise RuntimeError(message)


def cycle() -> dict[str, Any]:
    """A summary that holds itself."""
    summary: dict[str, Any] = {"count": 1, "mine": False}
    return summary | {"itself": summary.setdefault("again", summary)}


def questions() -> Iterator[Any]:
    """Questions without an end."""
    yield from itertools.repeat(ReadTally())


def shows(summary: object) -> Rogue:
    """One that shows something of no use."""
    return Rogue(shows=lambda: summary)


UNSEEN: dict[str, Callable[[], Rogue]] = {
    "it raises in load": lambda: Rogue(asks=fail),
    "it raises in summary": lambda: Rogue(shows=fail),
    "it raises in its template": lambda: shows({"mine": False}),
    "it shows a list": lambda: shows([1]),
    "it shows a number": lambda: shows(7),
    "it shows half a character": lambda: shows({"count": "\udc80", "mine": False}),
    "it shows bytes in place of text": lambda: shows({b"count": 1}),
    "it shows what holds itself": lambda: Rogue(shows=cycle),
    "it floods the page with 100 MB": lambda: Rogue(
        shows=lambda: {"count": "a" * 100_000_000, "mine": False}
    ),
    "it asks for nothing known": lambda: Rogue(asks=lambda: 7),
    "its SQL is none": lambda: Rogue(asks=lambda: sql("select nothing from nowhere")),
    "its SQL writes": lambda: Rogue(asks=lambda: sql("delete from comments where site = 'blog'")),
    "its SQL is two statements": lambda: Rogue(asks=lambda: sql("select 1; delete from comments")),
}


HARMLESS = {("it raises in its template", "json"), ("it shows what holds itself", "fragments")}


@pytest.mark.parametrize("how", UNSEEN)
async def test_a_widget_that_cannot_be_shown_leaves_the_page_as_it_was(tmp_path: Path, how: str) -> None:
    rogue = UNSEEN[how]()
    async with street(tmp_path, rogue) as here:
        await here.act("comments", "comment", text="Hello")
        for form in ("fragments", "json"):
            alone = await here.page(widgets="like,comments", format=form)
            with_it = await here.page(format=form)

            if (how, form) not in HARMLESS:
                assert with_it["degraded"] == ["rogue"]
            assert {name: with_it["widgets"][name] for name in alone["widgets"]} == alone["widgets"]
            assert "secret" not in str(with_it)
        await here.goes_on("b")


async def test_questions_without_an_end_are_answered_a_few_times(tmp_path: Path) -> None:
    rogue = Rogue()
    rogue.load = lambda look: questions()  # type: ignore[method-assign,assignment,return-value] # noqa: ARG005
    async with street(tmp_path, rogue) as here:
        alone = await here.page(widgets="like,comments")
        with_it = await here.page()

        assert with_it["degraded"] == ["rogue"]
        assert with_it["widgets"]["comments"] == alone["widgets"]["comments"]
        await here.goes_on("b")


async def test_a_number_that_is_none_becomes_null_and_no_broken_json(tmp_path: Path) -> None:
    async with street(tmp_path, shows({"count": float("nan"), "mine": float("inf")})) as here:
        told = await here.page()

        assert (told["degraded"], told["widgets"]["rogue"]) == ([], {"count": None, "mine": None})


UNDONE: dict[str, Callable[[], Any]] = {
    "it raises": fail,
    "it leaves": partial(exit, 3),
    "it gives nothing": lambda: None,
    "it gives a class": lambda: Record,
    "it records no JSON": lambda: Record("poke", {"x": {1}}),
    "it chooses numbers": lambda: Choose("poke", (1,)),  # type: ignore[arg-type]
    "it writes no text": lambda: Write("poke", 7),  # type: ignore[arg-type]
    "it writes half a character": lambda: Write("poke", "\ud800"),
    "it adds no number": lambda: Add("poke", "many", 5),  # type: ignore[arg-type]
    "it chooses half a character": lambda: Choose("poke", ("\ud800",)),
    "it records half a character": lambda: Record("\ud800", {}),
}


@pytest.mark.parametrize("how", UNDONE)
async def test_what_a_widget_cannot_accept_is_refused_and_leaves_nothing(tmp_path: Path, how: str) -> None:
    async with street(tmp_path, Rogue(accepts=UNDONE[how])) as here:
        answer = await here.act("rogue", "poke")

        assert (answer.status_code, answer.json()["code"]) == (503, "plugin_failed")
        assert "secret" not in answer.text
        assert await here.rows("select count(*) from interactions") == [(0,)]
        await here.goes_on("a")


def unwritable(place: str) -> dict[str, Callable[[], Any]]:
    """What a widget may give that cannot be written into its tables."""
    fine = sql("insert into pins values (:site, :subject, :person, :place, :interaction, :at)", place=place)
    return {
        "raises": fail,
        "is nothing": lambda: None,
        "is one statement": lambda: fine,
        "holds texts": lambda: ["delete from pins"],
        "is a flood": lambda: [fine] * 10_000,
        "has no end": lambda: itertools.repeat(fine),
        "names no site": lambda: [sql("delete from pins where place = :place", place=place)],
        "is bad SQL": lambda: [sql("insert into nowhere values (:site)")],
        "is half done": lambda: [fine, sql("insert into nowhere values (:site)")],
        "commits": lambda: [fine, sql("commit")],
        "drops a table": lambda: [sql("drop table comments")],
        "lacks a parameter": lambda: [sql("insert into pins (site, place) values (:site, :what)")],
        "holds a value of no type": lambda: [Statement(fine.text, {"place": object()})],  # type: ignore[dict-item]
        "has no text": lambda: [Statement(7, {})],  # type: ignore[arg-type]
    }


@pytest.mark.each_database
@pytest.mark.parametrize("how", unwritable(""))
async def test_what_cannot_be_written_into_its_tables_undoes_the_doing_whole(
    tmp_path: Path, how: str
) -> None:
    pins = Pins(writes=lambda place: unwritable(place)[how]())
    async with street(tmp_path, pins) as here:
        together = await asyncio.gather(
            here.act("pins", "pin", place="Rome"),
            *(here.act("like", "like", f"Person {number}") for number in range(8)),
        )
        tables = [await here.rows(f"select count(*) from {name}") for name in ("pins", "interactions")]  # noqa: S608

        assert [answer.status_code for answer in together] == [503] + [200] * 8
        assert together[0].json()["code"] == "plugin_failed"
        assert tables == [[(0,)], [(8,)]]
        await here.goes_on("b")


@pytest.mark.parametrize("where", ["accept", "load", "summary", "apply"])
async def test_nobody_waits_for_a_widget_that_hangs(tmp_path: Path, where: str) -> None:
    begun, let_go = threading.Event(), threading.Event()

    def hang(*_: object) -> Any:  # noqa: ANN401 - it returns nothing that counts
        begun.set()
        let_go.wait(PATIENCE * 2)
        return ()

    pins = Pins()
    setattr(pins, where, hang)
    async with street(tmp_path, pins, plugin_seconds=PATIENCE) as here:
        try:
            act = here.act("pins", "pin", place="Rome") if where in {"accept", "apply"} else here.page("h")
            hanging = asyncio.create_task(act)
            assert await asyncio.to_thread(begun.wait, PATIENCE)
            for number in range(5):
                await here.goes_on(f"place {number}", f"Person {number}")

            assert not hanging.done()
        finally:
            let_go.set()
        await hanging


@pytest.mark.each_database
async def test_nobody_waits_for_a_widget_whose_question_to_the_database_takes_long(tmp_path: Path) -> None:
    asked = []

    def endless(_: object) -> Statement:
        asked.append(1)
        return Statement(ENDLESS, {})

    async with street(tmp_path, Pins(asks=endless), plugin_seconds=5) as here:
        slow = [asyncio.create_task(here.page(f"slow {number}")) for number in range(6)]
        await here.until(asked)
        for number in range(5):
            await here.goes_on(f"place {number}", f"Person {number}")

        assert not any(task.done() for task in slow)

        pages = await asyncio.gather(*slow)
        count = len(asked)
        again = await here.page("slow again")

        assert {tuple(page["degraded"]) for page in (*pages, again)} == {("pins",)}
        assert all("comments" in page["widgets"] for page in pages)
        assert len(asked) == count  # it is left alone


@pytest.mark.each_database
async def test_a_widget_that_takes_long_to_write_is_stopped_and_left_alone(tmp_path: Path) -> None:
    wrote = []

    def endless(_: str) -> list[Statement]:
        wrote.append(1)
        return [Statement(f"insert into pins (site, subject, person, place, interaction, at) {SLOW}", {})]

    async with street(tmp_path, Pins(writes=endless), plugin_seconds=LIMIT) as here:
        before = await here.page("seen", widgets="like,comments")
        slow = asyncio.create_task(here.act("pins", "pin", place="Rome"))
        await here.until(wrote)
        others = [asyncio.create_task(here.act("like", "like", f"Person {number}")) for number in range(8)]
        read = await here.page("seen", widgets="like,comments")
        stopped, *liked = [await each for each in (slow, *others)]
        again = await here.act("pins", "pin", place="Rome")
        await here.goes_on("b")

        assert read == before
        assert (stopped.status_code, stopped.json()["code"]) == (503, "plugin_failed")
        assert [answer.status_code for answer in liked] == [200] * 8
        assert (again.status_code, len(wrote)) == (503, 1)
        assert await here.rows("select count(*) from pins") == [(0,)]
        assert isinstance(here.server.house.guard, Guard)
        assert here.server.house.guard.failures["pins"] == 1


SLOW = (
    "with recursive n (x) as (select 1 union all select x + 1 from n)"
    " select :site, 'x', cast(x as text), 'x', :interaction, :at from n"
)
