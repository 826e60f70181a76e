"""Checks as plug-ins: they see what they need, all of them are heard, and one that fails costs no text."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.http.rogue import as_checks
from tests.http.world import BOB, SITE, a_world
from tests.word import Word, held, named
from widget_server.doing import Doing
from widget_server.errors import Forbidden
from widget_server.interact import perform
from widget_server.moderation.pipeline import Opinion, Submission
from widget_server.vocabulary import Mode, OnCheckFailure, Person, PersonKind, Role, Subject, Verdict

LIMIT = 0.3
PATIENCE = 10.0


def fail(error: BaseException) -> Callable[[Submission], Any]:
    """A check that raises."""

    def thinks(_: Submission) -> Any:  # noqa: ANN401 - it returns nothing at all
        raise error

    return thinks


def always(opinion: object) -> Callable[[Submission], Any]:
    """A check that thinks the same of every text."""
    return lambda _: opinion


async def test_a_check_holds_a_new_text_and_an_edited_one(tmp_path: Path) -> None:
    async with a_world(tmp_path, checks=as_checks(Word())) as world:
        charlie = world.visitor("Charlie")
        fine = await charlie.says("Nothing special")
        bad = (await charlie.comment("Buy spam here")).json()
        edited = (await charlie.edit(fine, "Now with spam")).json()
        read = await world.page()

        assert (bad["verdict"], bad["reasons"]) == ("hold", ["word:found"])
        assert (edited["verdict"], edited["reasons"]) == ("hold", ["word:found"])
        assert read["comments"]["comments"] == []


async def test_a_check_is_told_all_that_it_may_know(tmp_path: Path) -> None:
    check = Word()
    async with a_world(tmp_path, checks=as_checks(check)) as world:
        await world.settle(plugins={"word": {"word": "eggs"}})
        charlie = world.visitor("Charlie")
        text = await charlie.says("First", title="A page", url="https://blog.example/a", subject=None)
        await charlie.edit(text, "Second **one**", url="https://blog.example/a", subject=None)
        site = await world.server.house.sites.get(SITE)

    first, second = check.seen
    assert first == Submission(
        site=site,
        subject=first.subject,
        widget="comments",
        text="First",
        name="Charlie",
        person=PersonKind.GUEST,
        is_edit=False,
        has_published=False,
        settings={"word": "eggs"},
    )
    assert (first.subject.key, first.subject.title) == ("blog.example/a", "A page")
    assert (second.text, second.is_edit, second.has_published) == ("Second **one**", True, True)


async def test_all_checks_are_heard_and_the_strictest_holds(tmp_path: Path) -> None:
    checks = as_checks(
        named("a", always(Opinion(Verdict.PUBLISH, ("known",)))),
        named("b", always(Opinion(Verdict.REJECT, ("links", "shouting")))),
        named("c", always(Opinion(Verdict.HOLD))),
        named("d", always(Opinion())),
    )
    async with a_world(tmp_path, checks=checks) as world:
        await world.settle(mode=Mode.FIRST_HELD)
        told = (await world.visitor("Charlie").comment("Look")).json()

    assert told["verdict"] == "reject"
    assert told["reasons"] == ["first_comment", "a:known", "b:links", "b:shouting", "c:hold"]


async def test_no_check_publishes_what_the_sites_mode_holds(tmp_path: Path) -> None:
    async with a_world(tmp_path, checks=as_checks(named("a", always(Opinion(Verdict.PUBLISH))))) as world:
        await world.settle(mode=Mode.ALL_HELD)
        told = (await world.visitor("Charlie").comment("Look")).json()

    assert (told["verdict"], told["reasons"]) == ("hold", ["all_held"])


async def test_a_site_switches_checks_off_and_on(tmp_path: Path) -> None:
    one, two = named("one", always(held("x"))), named("two", always(held("y")))
    async with a_world(tmp_path, checks=as_checks(one, two)) as world:
        charlie = world.visitor("Charlie")
        reasons = []
        for chosen in (("one",), (), None):
            await world.settle(checks=chosen)
            reasons.append((await charlie.comment("Look")).json()["reasons"])

    assert reasons == [["one:x"], [], ["one:x", "two:y"]]


async def test_moderators_own_texts_and_what_is_no_text_are_not_checked(tmp_path: Path) -> None:
    check = Word()
    async with a_world(tmp_path, checks=as_checks(check)) as world:
        charlie = world.visitor("Charlie")
        text = await charlie.says("One")
        await charlie.like()
        await charlie.delete(text)
        house = world.server.house
        bob = Person(SITE, BOB, PersonKind.MODERATOR, "Bob")
        answer = Doing(
            await house.sites.get(SITE),
            Subject(SITE, "a"),
            "comments",
            "comment",
            {"text": "This is spam"},
            bob,
            world.clock.now,
            role=Role.MODERATOR,
        )
        answered = await perform(house, answer)

        assert answered.interaction.verdict is Verdict.PUBLISH

    assert [each.text for each in check.seen] == ["One"]


BAD: dict[str, Callable[[Submission], Any]] = {
    "raises": fail(RuntimeError("secret path /srv")),
    "refuses": fail(Forbidden("Go away")),
    "leaves": fail(SystemExit(3)),
    "gives nothing": always(None),
    "gives a word": always("hold"),
    "gives a verdict of its own": always(Opinion("hold")),  # type: ignore[arg-type]
    "gives a reason alone": always(Opinion(None, "spam")),  # type: ignore[arg-type]
    "gives a reason of no type": always(Opinion(None, (1,))),  # type: ignore[arg-type]
    "gives half a character": always(held("\ud800")),
    "gives prose": always(held("Because I say so!")),
    "gives a thousand reasons": always(held(*("x",) * 1_000)),
    "gives one without end": always(held("x" * 1_000_000)),
}


async def test_a_text_that_a_check_fails_to_judge_waits_or_passes_as_the_site_wishes(tmp_path: Path) -> None:
    for number, (name, thinks) in enumerate(BAD.items()):
        checks = as_checks(named("frail", thinks), named("sound", always(Opinion(None, ("seen",)))))
        async with a_world(tmp_path / str(number), checks=checks) as world:
            charlie = world.visitor("Charlie")
            waits = (await charlie.comment("One")).json()
            await world.settle(on_check_failure=OnCheckFailure.PASS)
            passes = (await charlie.comment("Two")).json()
            texts = await world.rows("select source, status from comments order by comment")

        assert (waits["verdict"], waits["reasons"]) == ("hold", ["check_failed:frail", "sound:seen"]), name
        assert (passes["verdict"], passes["reasons"]) == ("publish", ["check_failed:frail", "sound:seen"])
        assert texts == [("One", "held"), ("Two", "published")]


async def test_nobody_else_waits_for_a_check_that_hangs(tmp_path: Path) -> None:
    begun, let_go = threading.Event(), threading.Event()

    def hangs(_: Submission) -> Opinion:
        begun.set()
        let_go.wait(60)
        return Opinion()

    async with a_world(tmp_path, checks=as_checks(named("slow", hangs)), plugin_seconds=PATIENCE) as world:
        writing = asyncio.create_task(world.visitor("Charlie").comment("Patience"))
        await asyncio.to_thread(begun.wait, PATIENCE)
        dana = world.visitor("Dana", "203.0.113.9")
        liked, page = await dana.like(), await world.page()

        assert not writing.done()
        assert liked.status_code == 200
        assert (page["like"]["count"], page["comments"]["comments"]) == (1, [])

        let_go.set()
        assert (await writing).json()["verdict"] == "publish"


async def test_a_check_that_runs_out_of_time_costs_no_text(tmp_path: Path) -> None:
    let_go = threading.Event()
    checks = as_checks(named("slow", lambda _: let_go.wait(60)))
    try:
        async with a_world(tmp_path, checks=checks, plugin_seconds=LIMIT) as world:
            charlie = world.visitor("Charlie")
            told = [(await charlie.comment(text)).json() for text in ("One", "Two")]

            assert [each["reasons"] for each in told] == [["check_failed:slow"]] * 2
            assert await world.rows("select count(*) from comments where status = 'held'") == [(2,)]
    finally:
        let_go.set()


async def test_a_request_that_comes_again_is_checked_once(tmp_path: Path) -> None:
    check = Word()
    async with a_world(tmp_path, checks=as_checks(check)) as world:
        charlie = world.visitor("Charlie")
        first = await charlie.comment("Once", idempotency_key="a" * 22)
        again = await charlie.comment("Once", idempotency_key="a" * 22)

        assert first.json()["id"] == again.json()["id"]
    assert len(check.seen) == 1
