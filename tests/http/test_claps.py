"""Claps: as many as one likes up to the site's cap, exact whoever asks how often and at once."""

from __future__ import annotations

import asyncio
import json

import pytest

from tests.http.world import HOST, SITE, Visitor, World
from widget_server.store import choices
from widget_server.store.choices import Place
from widget_server.vocabulary import Transaction, sql

PEOPLE = 24_691
EACH, LAST = 50, 17
MANY = (PEOPLE - 1) * EACH + LAST
"""1,234,517: fifty from each but one."""


async def test_claps_add_up_and_are_taken_back_at_once(world: World, charlie: Visitor, dana: Visitor) -> None:
    once = await clap(charlie)
    more = await clap(charlie, 9)
    both = await clap(dana, 3)

    assert once == {"count": 1, "mine": 1, "cap": 50}
    assert more == {"count": 10, "mine": 10, "cap": 50}
    assert both == {"count": 13, "mine": 3, "cap": 50}

    await charlie.post(widget="claps", action="unclap")
    again = await charlie.post(widget="claps", action="unclap")

    assert again.json()["summary"] == {"count": 3, "mine": 0, "cap": 50}
    assert (await world.page())["claps"] == {"count": 3, "mine": 0, "cap": 50}
    assert (await dana.own())["claps"]["mine"] == 3


async def test_what_goes_beyond_the_cap_is_not_counted_and_the_record_says_what_was(
    world: World, charlie: Visitor
) -> None:
    await clap(charlie, 45)
    full = await clap(charlie, 1_000)
    beyond = await clap(charlie, 1)
    rows = await world.rows("select data from interactions order by interaction")

    assert full == beyond == {"count": 50, "mine": 50, "cap": 50}
    assert [json.loads(data) for (data,) in rows] == [{"n": 45, "value": "clap"}, {"n": 5, "value": "clap"}]


async def test_the_cap_is_kept_while_one_person_claps_in_many_tabs(world: World, charlie: Visitor) -> None:
    await charlie.like(subject="before")
    answers = await asyncio.gather(*(charlie.post(**claps(7)) for _ in range(20)))
    rows = await world.rows("select data from interactions where subject = 'a'")

    assert {answer.status_code for answer in answers} == {200}
    assert (await world.page())["claps"]["count"] == 50
    assert (await charlie.own())["claps"] == {"count": 50, "mine": 50, "cap": 50}
    assert sum(json.loads(data)["n"] for (data,) in rows) == 50


async def test_many_people_who_clap_at_once_are_counted_exactly(world: World) -> None:
    people = [world.visitor(f"Guest {number}", f"198.51.100.{number}") for number in range(50)]
    await asyncio.gather(*(each.post(**claps(number % 5 + 1)) for number, each in enumerate(people)))

    assert (await world.page())["claps"]["count"] == 150


async def test_the_same_request_with_the_same_key_counts_once(world: World, charlie: Visitor) -> None:
    for _ in range(3):
        await charlie.post(**claps(4), idempotency_key="0123456789abcdef")

    assert (await world.page())["claps"]["count"] == 4


async def test_a_million_claps_are_counted_exactly_and_shown_in_full(world: World, charlie: Visitor) -> None:
    await charlie.like(subject="elsewhere")
    await world.server.house.database.write(_many_claps(), patience=60)
    world.server.house.announce(SITE, "a")
    await clap(charlie, 50)
    before = await fragment(world)
    one = await clap(world.visitor("Dana", "198.51.100.7"))
    after = await fragment(world)
    rows = await world.rows("select sum(amount) from choices where subject = 'a' and widget = 'claps'")

    assert (await world.page())["claps"]["count"] == one["count"] == int(rows[0][0]) == 1_234_568
    assert ">1,234,567</data>" in before
    assert ">1,234,568</data>" in after


async def test_the_site_sets_the_cap_and_who_has_more_keeps_it(
    world: World, charlie: Visitor, dana: Visitor
) -> None:
    await clap(charlie, 30)
    await world.settle(plugins={"claps": {"cap": 10}})

    assert await clap(charlie, 5) == {"count": 30, "mine": 30, "cap": 10}
    assert await clap(dana, 50) == {"count": 40, "mine": 10, "cap": 10}


async def test_what_is_no_number_of_claps_is_refused(world: World, charlie: Visitor) -> None:
    await charlie.like()
    before = await world.dump()
    for n in (0, -1, 1_001, "many", 1.5, True, 10**20):
        refused = await charlie.post_json(widget="claps", action="clap", n=n)

        assert (refused.status_code, refused.json()["code"]) == (422, "field_invalid"), n
        assert refused.json()["field"] == "n"
    for field in ("cap", "count", "value", "amount"):
        refused = await charlie.post_json(**claps(1), **{field: 5})

        assert (refused.status_code, refused.json()["code"]) == (400, "field_unknown")
    assert await world.dump() == before


async def test_who_is_forgotten_leaves_the_claps(world: World, charlie: Visitor) -> None:
    await clap(charlie, 8)
    held = (await charlie.post("me", subject=None)).json()["choices"]
    await charlie.post("me", subject=None, action="erase")

    assert [(each["widget"], each["amount"]) for each in held] == [("claps", 8)]
    assert (await world.page())["claps"]["count"] == 8


@pytest.mark.straight("it compares addresses of the server itself")
async def test_without_javascript_each_press_adds_one(world: World) -> None:
    document = (await world.reader.get(f"/v1/{SITE}/thread?subject=a&widgets=claps&format=page")).text
    for _ in range(2):
        posted = await world.reader.post(
            f"/v1/{SITE}/interactions?widgets=claps",
            data={"subject": "a", "widget": "claps", "lang": "en", "action": "clap"},
            headers={"origin": HOST, "accept": "text/html"},
        )
    after = (await world.reader.get(posted.headers["location"])).text

    assert 'name="n"' not in document
    assert posted.headers["location"].endswith("&widgets=claps&format=page")
    assert '<data value="2" part="claps-mine">2</data>' in after


def claps(n: int) -> dict[str, str]:
    """The fields of some claps."""
    return {"widget": "claps", "action": "clap", "n": f"{n}"}


async def clap(visitor: Visitor, n: int = 1) -> dict[str, int]:
    """Clap; what is shown then."""
    answer = await visitor.post(**claps(n))
    assert answer.status_code == 200, answer.text
    summary: dict[str, int] = answer.json()["summary"]
    return summary


async def fragment(world: World) -> str:
    """What an element shows to everybody."""
    return str((await world.page(widgets="claps", format="fragments"))["claps"])


def _many_claps() -> Transaction[None]:
    """As that many people's claps leave them: an amount for each, and the tally."""
    yield sql(
        "with recursive n (i) as (select 1 union all select i + 1 from n where i < :many)"
        " insert into choices (site, subject, widget, person, value, amount, interaction)"
        " select :site, 'a', 'claps', 'person ' || i, 'clap', case when i = 1 then :last else :each end,"
        " 'interaction ' || i from n",
        many=PEOPLE,
        site=SITE,
        last=LAST,
        each=EACH,
    )
    yield from choices.count(Place(SITE, "a", "claps", ""), "clap", MANY)
