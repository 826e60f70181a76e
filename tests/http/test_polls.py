"""Polls: voted on until they close, counted exactly, shown when they may be, without JavaScript too."""

from __future__ import annotations

from tests.http.clock import NOON
from tests.http.polling import HOUR, LUNCH, ask, code, counts, moderate, seen, vote
from tests.http.world import SITE, Visitor, World
from widget_server.store.changes import touched
from widget_server.vocabulary import Transaction, sql
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
    assert (sent.status_code, "widget=poll" in sent.headers["location"]) == (303, True)
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
