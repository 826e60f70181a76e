"""What a second pair of eyes found once, and must not be found again."""

from __future__ import annotations

import asyncio

import pytest

from tests.http.world import PAGE, SITE, Visitor, World
from widget_server.errors import Conflict
from widget_server.store import choices, subjects
from widget_server.store.choices import Place
from widget_server.vocabulary import Transaction, sql

HOUR = 3_600.0


async def test_a_caller_who_goes_away_leaves_nobody_with_an_old_page(world: World, charlie: Visitor) -> None:
    await charlie.says("First")
    shown = await world.page()
    for attempt in range(20):
        posting = asyncio.create_task(charlie.comment(f"Number {attempt}"))
        for _ in range(attempt):
            await asyncio.sleep(0)
        posting.cancel()
        await asyncio.gather(posting, return_exceptions=True)
        await world.server.house.database.write(_nothing())  # after all that came before it
        stored, shown = 0, await world.page()
        while stored != (stored := await _published(world)):  # a proxy may pass on what its caller gave up
            shown = await world.page()

        assert shown["comments"]["count"] == stored
    assert shown["comments"]["count"] >= 1


async def _published(world: World) -> int:
    (row,) = await world.rows("select count(*) from comments where status = 'published'")
    return int(row[0])


async def test_undoing_publishes_nothing_that_was_not_seen(world: World, charlie: Visitor) -> None:
    comment = await charlie.says("Harmless")
    await world.judge("hold", comment)
    await charlie.edit(comment, "Something else")

    with pytest.raises(Conflict, match="edited since"):
        await world.judge("undo", comment)
    assert (await world.page())["comments"]["comments"] == []


async def test_an_edit_of_what_is_held_says_that_it_is_held(world: World, charlie: Visitor) -> None:
    comment = await charlie.says("Harmless")
    await world.judge("hold", comment)
    answer = (await charlie.edit(comment, "Something else")).json()

    assert (answer["verdict"], answer["reasons"]) == ("hold", ["still_held"])


async def test_somebody_of_many_words_is_forgotten_in_one_go(world: World, charlie: Visitor) -> None:
    await charlie.says("One of many")
    person = (await charlie.session()).json()["person"]["id"]
    await world.server.house.database.write(_many(person, 4_000), patience=60)
    answer = await charlie.post("me", subject=None, action="erase")

    assert answer.status_code == 200
    assert await world.rows("select count(*) from comments where source <> ''") == [(0,)]
    assert await world.rows("select count(*) from interactions where person = ?", person) == [(0,)]


async def test_a_name_that_became_staffs_is_reviewed_again_and_an_empty_field_takes_it_away(
    world: World, charlie: Visitor
) -> None:
    await charlie.says("As long as nobody minds", name="Zoe")
    await world.server.house.database.write(_zoe_joins())
    kept = await charlie.post(widget="comments", action="comment", text="Under the old name")
    empty = await charlie.comment("Under no name", name="")

    assert (kept.status_code, kept.json()["code"]) == (403, "name_reserved")
    assert (empty.status_code, empty.json()["person"]["name"]) == (200, "")


async def test_a_page_kept_under_another_name_shows_what_the_name_leads_to_now(
    world: World, charlie: Visitor
) -> None:
    await charlie.says("Under the new name", subject="new")
    before = (await world.page("old"))["comments"]["count"]
    await world.server.house.database.write(subjects.alias(SITE, "new", "old"))
    told = await world.rows("select subject from changes where subject = 'old'")
    world.server.house.announce(SITE, "old")  # as a server does that hears of another process's change

    assert told == [("old",)]
    assert (before, (await world.page("old"))["comments"]["count"]) == (0, 1)


async def test_a_stranger_renames_no_page(world: World, charlie: Visitor, dana: Visitor) -> None:
    await charlie.like(subject="a", url=f"{PAGE}/a", title="The page")
    await dana.like(subject="a", url=f"{PAGE}/elsewhere", title="Call this number")

    assert await world.rows("select url, title from subjects") == [(f"{PAGE}/a", "The page")]


async def test_a_retry_is_answered_as_before_though_the_site_has_closed(
    world: World, charlie: Visitor
) -> None:
    first = (await charlie.comment("Just in time", idempotency_key="k" * 22)).json()
    await world.settle(mode="closed")
    retried = await charlie.comment("Just in time", idempotency_key="k" * 22)
    other = await charlie.comment("Too late", idempotency_key="l" * 22)

    assert (retried.status_code, retried.json()["id"]) == (200, first["id"])
    assert (other.status_code, other.json()["code"]) == (403, "thread_closed")


async def test_a_doing_without_effect_leaves_no_trace(world: World, charlie: Visitor) -> None:
    before = await world.dump()
    answer = await charlie.unlike()

    assert answer.json()["summary"] == {"count": 0, "mine": False}
    assert await world.dump() == before


async def test_an_old_idempotency_key_does_not_bring_a_token_back(world: World, charlie: Visitor) -> None:
    key = "k" * 22
    first = await charlie.comment("The first", idempotency_key=key)
    charlie.token = None
    soon = await charlie.comment("The first", idempotency_key=key)
    charlie.token = None
    world.clock.forward(25 * HOUR)
    late = await charlie.comment("The first", idempotency_key=key)

    assert [("token" in answer.json()) for answer in (first, soon, late)] == [True, True, False]


async def test_what_was_left_out_of_a_tally_stays_out_when_it_is_chosen_again(
    world: World, charlie: Visitor, dana: Visitor
) -> None:
    await charlie.like()
    await dana.like()
    person = (await charlie.session()).json()["person"]["id"]
    await world.server.house.database.write(_left_out(person))
    world.server.house.announce(SITE, "a")
    left_out = (await world.page())["like"]["count"]
    await charlie.unlike()
    again = (await charlie.like()).json()["summary"]

    assert (left_out, again) == (1, {"count": 1, "mine": True})


async def test_an_unknown_field_is_refused_though_it_is_empty(charlie: Visitor) -> None:
    answer = await charlie.like(bogus="")

    assert (answer.status_code, answer.json()["code"]) == (400, "field_unknown")


async def test_a_line_break_of_a_form_counts_as_one_character(world: World, charlie: Visitor) -> None:
    await world.settle(max_length=10)
    answer = await charlie.comment("1234\r\n6789")

    assert answer.status_code == 200


def _nothing() -> Transaction[None]:
    yield from ()


def _many(person: str, number: int) -> Transaction[None]:
    for place in range(number):
        yield sql(
            "insert into comments (site, comment, subject, widget, parent, root, path, depth, person, name, source,"
            " html, html_version, status, created, visible) select site, :comment, subject, widget, null, :comment,"
            " :path, 0, person, name, source, html, html_version, status, created, 1 from comments"
            " where site = :site and person = :person limit 1",
            site=SITE,
            comment=f"c{place}",
            path=f"9{place:09}",
            person=person,
        )


def _zoe_joins() -> Transaction[None]:
    yield sql(
        "insert into moderators (site, moderator, email, name, role, created)"
        " values (:site, 'z', 'zoe@blog.example', 'Zoe', 'moderator', 0)",
        site=SITE,
    )


def _left_out(person: str) -> Transaction[None]:
    yield sql(
        "update choices set excluded = 1 where site = :site and person = :person", site=SITE, person=person
    )
    yield from choices.count(Place(SITE, "a", "like", ""), "like", -1)
