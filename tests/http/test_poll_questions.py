"""The questions of polls: asked by moderators or by a page, changed under those who vote, and kept."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

import pytest

from tests.http.polls import HOUR, LUNCH, OPTIONS, ask, change, code, counts, moderate, seen, vote
from tests.http.world import NOON, SITE, Visitor, World
from widget_server.errors import Conflict, FieldInvalid, NotFound
from widget_server.store.changes import touched
from widget_server.vocabulary import Intent, Site, Transaction, sql
from widget_server.web.templating import iso
from widget_server.widgets.poll import widget as poll_widget


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
        f"/v1/{SITE}/interactions?widgets=poll",
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
        f"/v1/{SITE}/interactions?widgets=poll",
        data={"subject": LUNCH, "widget": "poll", "version": "1", "choice": "9", "action": "vote"},
        headers={"origin": world.url.removesuffix("/talk"), "accept": "text/html"},
    )

    assert answer.status_code == 422
    assert "There is no such option in this poll." in answer.text
    assert "&amp;widget=poll&amp;format=page" in answer.text
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
