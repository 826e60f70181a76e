"""Polls: voted on until they close, counted exactly, shown when they may be."""

from __future__ import annotations

import pytest

from tests.http.polls import HOUR, LUNCH, OPTIONS, ask, change, code, counts, moderate, seen, vote
from tests.http.world import BOB, NOON, SITE, Visitor, World
from widget_server.errors import Conflict, FieldInvalid, Forbidden
from widget_server.web.templating import iso


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
