"""Likes: one for each person, whoever asks how often, and counted exactly."""

from __future__ import annotations

import asyncio

import pytest

from tests.http.world import SITE, Visitor, World
from widget_server.store import choices
from widget_server.store.choices import Place
from widget_server.store.jobs import Job
from widget_server.store.sqlite_session import Session
from widget_server.vocabulary import Transaction, sql

MANY = 100_000


async def test_liking_and_unliking_twice_is_the_same_as_once(
    world: World, charlie: Visitor, dana: Visitor
) -> None:
    first = (await charlie.like()).json()
    again = (await charlie.like()).json()
    both = (await dana.like()).json()

    assert (first["summary"], again["summary"]) == ({"count": 1, "mine": True}, {"count": 1, "mine": True})
    assert first["id"] == again["id"]
    assert both["summary"] == {"count": 2, "mine": True}

    await charlie.unlike()
    gone = (await charlie.unlike()).json()

    assert gone["summary"] == {"count": 1, "mine": False}
    assert (await world.page())["like"] == {"count": 1, "mine": False}
    assert [row[0] for row in await world.rows("select kind from interactions order by interaction")] == [
        "like",
        "like",
        "unlike",
    ]


async def test_a_hundred_likes_of_one_person_at_once_are_one(world: World, charlie: Visitor) -> None:
    await charlie.like(subject="before")
    answers = await asyncio.gather(*(charlie.like() for _ in range(100)))

    assert {answer.status_code for answer in answers} == {200}
    assert (await world.page())["like"]["count"] == 1
    assert await world.rows("select count(*) from interactions where subject = 'a'") == [(1,)]


@pytest.mark.only_sqlite("it looks into its driver")
async def test_one_who_likes_again_does_not_make_the_others_wait(
    world: World, charlie: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun_anew: list[Job] = []
    monkeypatch.setattr(Session, "_attempt", lambda _, job: begun_anew.append(job))
    people = [world.visitor(f"Guest {number}") for number in range(20)]
    await charlie.like()
    answers = await asyncio.gather(
        charlie.like(), charlie.unlike(subject="b"), *(each.like() for each in people)
    )

    assert {answer.status_code for answer in answers} == {200}
    assert (await world.page())["like"]["count"] == 21
    assert not begun_anew


async def test_likes_of_two_hundred_people_at_once_are_two_hundred(world: World) -> None:
    people = [world.visitor(f"Guest {number}", f"198.51.100.{number % 250}") for number in range(200)]
    answers = await asyncio.gather(*(person.like() for person in people))

    assert {answer.status_code for answer in answers} == {200}
    assert len({person.token for person in people}) == 200
    assert (await world.page())["like"]["count"] == 200


async def test_two_people_behind_one_address_both_like(world: World, charlie: Visitor, dana: Visitor) -> None:
    await charlie.like()
    await dana.like()

    assert charlie.token != dana.token
    assert (await world.page())["like"]["count"] == 2


async def test_a_hundred_thousand_likes_are_counted_exactly(world: World, charlie: Visitor) -> None:
    await charlie.like(subject="elsewhere")
    await world.server.house.database.write(_many_likes(), patience=60)
    world.server.house.announce(SITE, "a")

    assert (await world.page())["like"]["count"] == MANY

    assert (await charlie.like()).json()["summary"]["count"] == MANY + 1
    assert (await world.page())["like"]["count"] == MANY + 1
    assert await world.rows("select count(*) from choices where subject = 'a'") == [(MANY + 1,)]


async def test_nobody_sets_a_counter_from_outside(world: World, charlie: Visitor) -> None:
    for field in ("count", "n", "amount", "value", "values", "tally", "person", "id"):
        await charlie.like(subject="b")
        before = await world.dump()
        refused = await charlie.post_json(widget="like", action="like", **{field: 1_000_000})

        assert (refused.status_code, refused.json()["code"]) == (400, "field_unknown")
        assert refused.json()["field"] == field
        assert await world.dump() == before


def _many_likes() -> Transaction[None]:
    """As that many people's likes leave them: a choice for each, and the tally."""
    yield sql(
        "with recursive n (i) as (select 1 union all select i + 1 from n where i < :many)"
        " insert into choices (site, subject, widget, person, value, amount, interaction)"
        " select :site, 'a', 'like', 'person ' || i, 'like', 1, 'interaction ' || i from n",
        many=MANY,
        site=SITE,
    )
    yield from choices.count(Place(SITE, "a", "like", ""), "like", MANY)
