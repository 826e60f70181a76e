"""Polls: asked by moderators or by a page, voted on until they close, counted exactly, shown when they may be."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

import httpx
import pytest

from tests.http.world import BOB, NOON, SITE, Visitor, World
from widget_server.doing import Doing, Outcome
from widget_server.errors import Conflict, FieldInvalid, Forbidden, NotFound
from widget_server.interact import perform
from widget_server.store.changes import touched
from widget_server.vocabulary import Intent, Person, PersonKind, Role, Site, Subject, Transaction, sql
from widget_server.web.templating import iso
from widget_server.widgets.poll import widget as poll_widget

LUNCH = "poll:lunch"
OPTIONS = ("Pizza", "Curry", "Soup")
HOUR = 3_600_000


async def moderate(world: World, action: str, **fields: object) -> Outcome:
    """Bob does something with a poll."""
    house = world.server.house
    bob = Person(SITE, BOB, PersonKind.MODERATOR, "Bob")
    site = await house.sites.get(SITE)
    doing = Doing(
        site, Subject(SITE, LUNCH), "poll", action, fields, bob, world.clock.now, role=Role.MODERATOR
    )
    return await perform(house, doing)


async def ask(world: World, **fields: object) -> Outcome:
    """Bob asks where to eat."""
    return await moderate(world, "ask", **{"question": "Where to?", "options": OPTIONS, **fields})


async def change(world: World, **fields: object) -> Outcome:
    """Bob puts another version in its place."""
    return await moderate(world, "change", **{"question": "Where to?", "options": OPTIONS, **fields})


async def vote(visitor: Visitor, *choice: str, **fields: object) -> httpx.Response:
    """Vote for options by their ids, as a form does."""
    chosen = {f"choice.{each}": each for each in choice} if len(choice) > 1 else {"choice": choice[0]}
    return await visitor.post(**{"widget": "poll", "action": "vote", "subject": LUNCH, **chosen, **fields})


async def seen(world: World) -> dict[str, Any]:
    """What everybody sees of the poll."""
    found: dict[str, Any] = (await world.page(LUNCH, widgets="poll"))["poll"]
    return found


def counts(summary: Mapping[str, Any]) -> dict[str, int]:
    """Votes by the text of the option."""
    return {each["text"]: each["count"] for each in summary["options"]}


def code(answer: httpx.Response) -> tuple[int, str | None]:
    """The status, and the code of a problem."""
    return answer.status_code, answer.json().get("code")


async def test_one_votes_changes_the_vote_and_takes_it_back(world: World, charlie: Visitor) -> None:
    await ask(world)

    first = await vote(charlie, "1", version=1)
    changed = await vote(charlie, "2", version=1)
    result = await seen(world)
    back = await charlie.post(widget="poll", action="unvote", subject=LUNCH)

    assert counts(first.json()["summary"]) == {"Pizza": 1, "Curry": 0, "Soup": 0}
    assert [each["mine"] for each in changed.json()["summary"]["options"]] == [False, True, False]
    assert (counts(result), result["people"]) == ({"Pizza": 0, "Curry": 1, "Soup": 0}, 1)
    assert counts(back.json()["summary"]) == {"Pizza": 0, "Curry": 0, "Soup": 0}
    assert (await seen(world))["people"] == 0


async def test_several_answers_count_people_once(world: World, charlie: Visitor, dana: Visitor) -> None:
    await ask(world, several=True)

    await vote(charlie, "1", "3")
    await vote(dana, "3")
    result = await seen(world)
    await vote(charlie, "2", "3")
    changed = await seen(world)

    assert (counts(result), result["people"]) == ({"Pizza": 1, "Curry": 0, "Soup": 2}, 2)
    assert [each["share"] for each in result["options"]] == [50, 0, 100]
    assert (counts(changed), changed["people"]) == ({"Pizza": 0, "Curry": 1, "Soup": 2}, 2)


async def test_a_vote_that_makes_no_sense_is_refused(world: World, charlie: Visitor) -> None:
    nothing = await vote(charlie, "1")
    await ask(world)
    before = await world.dump()

    answers = [
        await vote(charlie, "1", "2"),
        await vote(charlie, "9"),
        await vote(charlie, "voted"),
        await vote(charlie, ""),
        await vote(charlie, "1", version="x"),
        await vote(charlie, "1", version=7),
        await vote(charlie, "1", **{"pick.2": "2"}),
        await vote(charlie, "1", **{"version.2": "2"}),
    ]

    assert code(nothing) == (404, "not_found")
    assert [code(answer) for answer in answers] == [
        (422, "field_invalid"),
        (422, "field_invalid"),
        (422, "field_invalid"),
        (422, "field_invalid"),
        (422, "field_invalid"),
        (409, "conflict"),
        (400, "field_unknown"),
        (400, "field_unknown"),
    ]
    assert await world.dump() == before


async def test_after_its_time_a_poll_takes_no_vote_and_keeps_those_it_has(
    world: World, charlie: Visitor, dana: Visitor
) -> None:
    await ask(world, closes=iso(NOON + HOUR))
    await vote(charlie, "1")

    world.clock.forward(3_600)
    late = await vote(dana, "2")
    back = await charlie.post(widget="poll", action="unvote", subject=LUNCH)
    result = await seen(world)

    assert code(late) == code(back) == (403, "window_closed")
    assert (result["open"], counts(result)["Pizza"], result["people"]) == (False, 1, 1)


async def test_a_kept_page_does_not_show_an_open_poll_after_its_end(world: World, charlie: Visitor) -> None:
    await ask(world, closes=iso(NOON + HOUR), results="after")
    await vote(charlie, "1")
    query = {"subject": LUNCH, "widgets": "poll", "format": "fragments"}

    before = [(await world.reader.get(f"/v1/{SITE}/page", params=query)).json() for _ in range(2)]
    hits = world.server.cache.hits
    await world.reader.get(f"/v1/{SITE}/page", params=query)
    kept = world.server.cache.hits - hits
    world.clock.forward(3_599)
    last = (await world.reader.get(f"/v1/{SITE}/page", params=query)).json()
    world.clock.forward(1)
    after = (await world.reader.get(f"/v1/{SITE}/page", params=query)).json()

    assert kept == 1
    assert before[0] == before[1] == last
    assert "<form" in before[0]["widgets"]["poll"]
    assert "<form" not in after["widgets"]["poll"]
    assert "100%" in after["widgets"]["poll"]


async def test_a_result_that_is_for_voters_is_told_to_nobody_else(
    world: World, charlie: Visitor, dana: Visitor
) -> None:
    await ask(world, results="after")
    for number in range(7):
        await vote(world.visitor(f"Voter {number}"), "2")

    hidden = await seen(world)
    document = await world.reader.get(
        f"/v1/{SITE}/page", params={"subject": LUNCH, "widgets": "poll", "format": "fragments"}
    )
    await dana.like()
    stranger = (await dana.own(subject=LUNCH, widgets="poll"))["poll"]
    answer = (await vote(charlie, "1")).json()["summary"]
    own = (await charlie.own(subject=LUNCH, widgets="poll"))["poll"]
    after = await seen(world)
    taken_back = (await charlie.post(widget="poll", action="unvote", subject=LUNCH)).json()["summary"]

    for summary in (hidden, stranger, after, taken_back):
        assert (summary["shown"], summary["people"]) == (False, None)
        assert {each["count"] for each in summary["options"]} == {None}
        assert {each["share"] for each in summary["options"]} == {None}
    assert "7" not in document.json()["widgets"]["poll"]
    assert counts(answer) == counts(own) == {"Pizza": 1, "Curry": 7, "Soup": 0}


async def test_an_option_more_leaves_votes_as_they_are_and_one_less_asks_for_a_new_look(
    world: World, charlie: Visitor, dana: Visitor
) -> None:
    await ask(world)
    await change(world, options=("Salad", *OPTIONS))
    added = await vote(charlie, "2", version=1)
    await change(world, options=("Salad", "Pizza", "Soup"))

    gone = await vote(dana, "2", version=2)
    still = await vote(dana, "3", version=1)
    unknown = await vote(dana, "2")
    result = await seen(world)
    await change(world, options=OPTIONS)

    assert added.status_code == still.status_code == 200
    assert code(gone) == (409, "conflict")
    assert code(unknown) == (422, "field_invalid")
    assert [(each["id"], each["text"]) for each in result["options"]] == [
        ("4", "Salad"),
        ("1", "Pizza"),
        ("3", "Soup"),
    ]
    assert counts(await seen(world)) == {"Pizza": 0, "Curry": 1, "Soup": 1}


async def test_other_words_for_an_option_keep_its_votes_and_are_looked_at_before_the_next(
    world: World, charlie: Visitor, dana: Visitor
) -> None:
    await ask(world)
    await vote(charlie, "2", version=1)

    await moderate(world, "reword", option="2", text="Thai curry")
    old = await vote(dana, "2", version=1)
    other = await vote(dana, "1", version=1)

    assert code(old) == (409, "conflict")
    assert other.status_code == 200
    assert counts(await seen(world)) == {"Pizza": 1, "Thai curry": 1, "Soup": 0}


async def test_every_version_of_a_question_is_kept(world: World) -> None:
    await ask(world)
    await change(world, question="Where to  eat?\u202e")
    await moderate(world, "close")

    rows = await world.rows("select version, question, person, closes from poll_questions order by version")

    assert rows == [
        (1, "Where to?", BOB, None),
        (2, "Where to eat?\u202e", BOB, None),
        (3, "Where to eat?\u202e", BOB, NOON),
    ]


async def test_a_moderator_closes_opens_and_withdraws_and_nobody_else_does(
    world: World, charlie: Visitor
) -> None:
    await ask(world)

    await moderate(world, "close")
    closed = await vote(charlie, "1")
    with pytest.raises(Conflict):
        await moderate(world, "close")
    with pytest.raises(FieldInvalid):
        await moderate(world, "reopen", closes=iso(NOON))
    await moderate(world, "reopen", closes=iso(NOON + HOUR))
    opened = await vote(charlie, "1")
    await moderate(world, "withdraw")
    withdrawn, gone = await seen(world), await vote(charlie, "1")
    refused = [
        await charlie.post(widget="poll", subject=LUNCH, action=action, **fields)
        for action, fields in {
            "ask": {"question": "What?", "options": "A\nB"},
            "change": {"question": "What?", "options": "A\nB"},
            "reword": {"option": "1", "text": "No"},
            "close": {},
            "reopen": {},
            "withdraw": {},
        }.items()
    ]

    assert code(closed) == (403, "window_closed")
    assert opened.json()["summary"]["closes"] == NOON + HOUR
    assert (withdrawn["question"], withdrawn["options"]) == ("", [])
    assert code(gone) == (404, "not_found")
    assert [code(answer) for answer in refused] == [(403, Forbidden.code)] * 6


async def test_a_question_that_cannot_be_asked_is_refused(world: World) -> None:
    for fields in (
        {"question": "  "},
        {"question": "?" * 301},
        {"options": ("One",)},
        {"options": ("One", " One ")},
        {"options": ("One", "\u0007")},
        {"options": [f"{number}" for number in range(21)]},
        {"closes": iso(NOON)},
        {"closes": "tomorrow"},
        {"results": "never"},
    ):
        with pytest.raises(FieldInvalid):
            await ask(world, **fields)
    for action in ("close", "reopen", "withdraw"):
        with pytest.raises(NotFound):
            await moderate(world, action)
    with pytest.raises(NotFound):
        await change(world)

    assert await world.rows("select count(*) from poll_questions") == [(0,)]


async def test_a_question_is_overwritten_by_nobody_who_means_to_ask_another(world: World) -> None:
    await ask(world)
    with pytest.raises(Conflict):
        await ask(world, question="What else?")
    await moderate(world, "withdraw")
    await change(world, question="Where now?")
    withdrawn = await seen(world)
    await ask(world, question="What else?")

    assert withdrawn["question"] == ""
    assert (await seen(world))["question"] == "What else?"


async def test_what_is_over_can_be_put_right_and_stays_over(world: World, charlie: Visitor) -> None:
    await ask(world, options=("Piza", "Curry"))
    await vote(charlie, "1")
    await moderate(world, "close")
    world.clock.forward(60)

    await moderate(world, "reword", option="1", text="Pizza")
    await change(world, options=("Pizza", "Curry"), closes=iso(NOON))
    result = await seen(world)

    assert (result["open"], counts(result)) == (False, {"Pizza": 1, "Curry": 0})


BROUGHT = {"version": 0, "question": "Where to?", "options": "\n".join(OPTIONS), "results": "after"}


async def test_a_page_asks_with_the_first_vote_where_its_site_lets_it(
    world: World, charlie: Visitor, dana: Visitor
) -> None:
    refused = await vote(charlie, "2", **BROUGHT)
    await world.settle(plugins={"poll": {"from_snippet": True}})

    unasked = await seen(world)
    first = await vote(charlie, "2", **BROUGHT)
    second = await vote(dana, "2", **BROUGHT)
    other = await vote(dana, "2", **{**BROUGHT, "question": "Where from?"})
    await moderate(world, "withdraw")
    again = await vote(dana, "1", **BROUGHT)

    assert code(refused) == (404, "not_found")
    assert (unasked["question"], unasked["from_snippet"]) == ("", True)
    assert counts(first.json()["summary"]) == {"Pizza": 0, "Curry": 1, "Soup": 0}
    assert counts(second.json()["summary"]) == {"Pizza": 0, "Curry": 2, "Soup": 0}
    assert code(other) == (409, "conflict")
    assert code(again) == (404, "not_found")
    assert await world.rows("select count(*) from poll_questions where version = 1") == [(1,)]


async def test_a_page_elsewhere_asks_nothing(world: World, charlie: Visitor) -> None:
    await world.settle(plugins={"poll": {"from_snippet": True}})
    charlie.origin = "https://elsewhere.example"

    answer = await vote(charlie, "1", **BROUGHT)

    assert code(answer) == (403, "origin_not_allowed")
    assert await world.rows("select count(*) from poll_questions") == [(0,)]


async def test_a_page_cannot_ask_what_is_over(world: World, charlie: Visitor) -> None:
    await world.settle(plugins={"poll": {"from_snippet": True}})

    answer = await vote(charlie, "1", **BROUGHT, closes=iso(NOON - HOUR))

    assert code(answer) == (403, "window_closed")
    assert await world.rows("select count(*) from poll_questions") == [(0,)]


async def test_many_who_vote_first_ask_once(world: World) -> None:
    await world.settle(plugins={"poll": {"from_snippet": True}})
    visitors = [world.visitor(f"Voter {number}") for number in range(12)]

    answers = await asyncio.gather(*(vote(each, "1", **BROUGHT) for each in visitors))

    assert {answer.status_code for answer in answers} == {200}
    assert await world.rows("select count(*) from poll_questions") == [(1,)]
    assert await world.rows("select value, count from tallies where widget = 'poll' order by value") == [
        ("1", 12),
        ("voted", 12),
    ]


RACES: Mapping[str, tuple[Mapping[str, object], tuple[int, str | None]]] = {
    "close": ({}, (403, "window_closed")),
    "withdraw": ({}, (404, "not_found")),
    "reword": ({"option": "1", "text": "Pasta"}, (409, "conflict")),
    "change": ({"question": "Where to?", "options": ("Curry", "Soup")}, (409, "conflict")),
}


@pytest.mark.parametrize("action", RACES)
async def test_a_vote_that_was_decided_on_before_a_change_is_decided_on_anew(
    world: World, charlie: Visitor, monkeypatch: pytest.MonkeyPatch, action: str
) -> None:
    fields, expected = RACES[action]
    await ask(world)
    accept, loop = poll_widget.Poll.accept, asyncio.get_running_loop()
    decided: list[str] = []

    def late(self: poll_widget.Poll, what: str, given: Mapping[str, Any], site: Site) -> Intent:
        """When the first vote is accepted, and before it is recorded, a moderator changes the poll."""
        intent = accept(self, what, given, site)
        decided.append(what)
        if decided == ["vote"]:
            asyncio.run_coroutine_threadsafe(moderate(world, action, **fields), loop).result(30)
        return intent

    guard = world.server.house.guard
    monkeypatch.setattr(guard, "_ours", frozenset())  # each call on a thread, which may wait
    monkeypatch.setattr(guard, "_limit", 60)
    monkeypatch.setattr(poll_widget.Poll, "accept", late)

    answer = await vote(charlie, "1", version=1)

    assert code(answer) == expected
    assert decided == ["vote", action]
    assert await world.rows("select count(*) from choices") == [(0,)]


async def test_a_vote_is_counted_though_an_option_was_added_while_it_was_on_its_way(
    world: World, charlie: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    await ask(world)
    accept, loop = poll_widget.Poll.accept, asyncio.get_running_loop()
    decided: list[str] = []

    def late(self: poll_widget.Poll, what: str, given: Mapping[str, Any], site: Site) -> Intent:
        intent = accept(self, what, given, site)
        decided.append(what)
        if decided == ["vote"]:
            more = change(world, options=(*OPTIONS, "Salad"))
            asyncio.run_coroutine_threadsafe(more, loop).result(30)
        return intent

    guard = world.server.house.guard
    monkeypatch.setattr(guard, "_ours", frozenset())
    monkeypatch.setattr(guard, "_limit", 60)
    monkeypatch.setattr(poll_widget.Poll, "accept", late)

    answer = await vote(charlie, "1", version=1)

    assert answer.status_code == 200
    assert decided == ["vote", "change", "vote"]
    assert counts(answer.json()["summary"]) == {"Pizza": 1, "Curry": 0, "Soup": 0, "Salad": 0}


async def test_who_asked_and_voted_can_take_it_along_and_be_forgotten(world: World, charlie: Visitor) -> None:
    await world.settle(plugins={"poll": {"from_snippet": True}})
    await vote(charlie, "2", **BROUGHT)

    held = (await charlie.post("me", subject=None)).json()
    await charlie.post("me", subject=None, action="erase")
    left = await world.rows("select person from poll_questions")

    assert held["plugins"]["poll"]["questions"][0]["question"] == "Where to?"
    assert {each["value"] for each in held["choices"]} == {"2", "voted"}
    assert held["person"]["id"] not in {person for (person,) in left}
    assert len(left) == 1
    assert await world.rows("select value, count from tallies where widget = 'poll' order by value") == [
        ("2", 1),
        ("voted", 1),
    ]


async def test_a_poll_is_voted_on_without_javascript(world: World, charlie: Visitor) -> None:
    await ask(world, several=True)
    where = {"subject": LUNCH, "widgets": "poll", "format": "page", "lang": "en"}
    page = await world.reader.get(f"/v1/{SITE}/thread", params=where)
    sent = await charlie.client.post(
        f"/v1/{SITE}/interactions",
        data={
            "subject": LUNCH,
            "widget": "poll",
            "lang": "en",
            "version": "1",
            "choice.1": "1",
            "action": "vote",
        },
        headers={"origin": world.url.removesuffix("/talk"), "accept": "text/html"},
    )
    after = await charlie.client.get(sent.headers["location"])

    assert 'name="choice.1"' in page.text
    assert 'name="widget" value="poll"' in page.text
    assert (sent.status_code, "widgets=poll" in sent.headers["location"]) == (303, True)
    assert "Take my vote back" in after.text
    assert "1 person voted" in after.text


async def test_without_javascript_a_refused_vote_leads_back_to_the_poll(world: World) -> None:
    await ask(world)
    answer = await world.reader.post(
        f"/v1/{SITE}/interactions",
        data={"subject": LUNCH, "widget": "poll", "version": "1", "choice": "9", "action": "vote"},
        headers={"origin": world.url.removesuffix("/talk"), "accept": "text/html"},
    )

    assert answer.status_code == 422
    assert "There is no such option in this poll." in answer.text
    assert "&amp;format=page&amp;widgets=poll" in answer.text
    assert "<form" not in answer.text


async def test_the_same_key_votes_once_even_after_the_end(world: World, charlie: Visitor) -> None:
    await ask(world)
    key = "0123456789abcdef"

    first = await vote(charlie, "1", idempotency_key=key)
    await moderate(world, "close")
    again = await vote(charlie, "1", idempotency_key=key)

    assert first.json()["id"] == again.json()["id"]
    assert (await seen(world))["people"] == 1


async def test_a_poll_moves_along_with_its_page(world: World, charlie: Visitor) -> None:
    await ask(world)
    await world.server.house.database.write(_alias("poll:dinner", LUNCH))

    answer = await charlie.post(widget="poll", action="vote", subject="poll:dinner", choice="1")
    result = (await world.page("poll:dinner", widgets="poll"))["poll"]

    assert answer.status_code == 200
    assert (result["question"], result["people"]) == ("Where to?", 1)


def _alias(alias: str, subject: str) -> Transaction[None]:
    yield sql(
        "insert into aliases (site, alias, subject) values (:site, :alias, :subject)",
        site=SITE,
        alias=alias,
        subject=subject,
    )
    yield from touched(SITE, subject)
