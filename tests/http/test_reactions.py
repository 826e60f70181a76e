"""Reactions: the emoji that a site chose, one or several from each person, on pages and on comments."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from tests.http.world import HOST, SITE, Visitor, World
from widget_server.widgets.reactions.widget import USUAL

THUMB, HEART, LAUGH, _, TEAR = USUAL
FAMILY = "👨‍👩‍👧‍👦"
DARK_THUMB = "👍🏿"


async def test_a_new_reaction_takes_the_place_of_the_one_before(
    world: World, charlie: Visitor, dana: Visitor
) -> None:
    await dana.post(**reaction(THUMB))
    first = await charlie.post(**reaction(THUMB))
    again = await charlie.post(**reaction(THUMB))
    other = await charlie.post(**reaction(HEART))

    assert first.json()["id"] == again.json()["id"] != other.json()["id"]
    assert shown(other.json()["summary"]) == {THUMB: (1, False), HEART: (1, True)}
    assert shown((await world.page())["reactions"]) == {THUMB: (1, False), HEART: (1, False)}
    assert shown((await dana.own())["reactions"]) == {THUMB: (1, True), HEART: (1, False)}


async def test_where_the_site_lets_one_have_several_they_stand_beside_each_other(
    world: World, charlie: Visitor
) -> None:
    await choose(world, several=True)
    await charlie.post(**reaction(THUMB))
    await asyncio.gather(*(charlie.post(**reaction(HEART)) for _ in range(5)))
    for emoji in (THUMB, TEAR):
        answer = await charlie.post(**reaction(emoji))

    assert shown(answer.json()["summary"]) == {THUMB: (1, True), HEART: (1, True), TEAR: (1, True)}

    gone = await charlie.post(**reaction(HEART, "unreact"))
    again = await charlie.post(**reaction(HEART, "unreact"))

    assert (
        shown(gone.json()["summary"]) == shown(again.json()["summary"]) == {THUMB: (1, True), TEAR: (1, True)}
    )


async def test_many_people_are_counted_exactly(world: World) -> None:
    people = [world.visitor(f"Guest {number}", f"198.51.100.{number}") for number in range(60)]
    answers = await asyncio.gather(
        *(each.post(**reaction(USUAL[number % 5])) for number, each in enumerate(people))
    )
    changed = await asyncio.gather(*(each.post(**reaction(LAUGH)) for each in people[:30]))

    assert {answer.status_code for answer in (*answers, *changed)} == {200}
    counts = {emoji: count for emoji, (count, _) in shown((await world.page())["reactions"]).items()}
    assert counts == {THUMB: 6, HEART: 6, LAUGH: 36, USUAL[3]: 6, TEAR: 6}


async def test_they_are_shown_in_the_order_of_the_site(world: World, charlie: Visitor) -> None:
    await choose(world, emoji=[FAMILY, TEAR, DARK_THUMB])
    await charlie.post(**reaction(DARK_THUMB))

    assert [each["emoji"] for each in (await world.page())["reactions"]["reactions"]] == [
        FAMILY,
        TEAR,
        DARK_THUMB,
    ]


async def test_what_the_site_does_not_offer_is_refused(world: World, charlie: Visitor) -> None:
    await charlie.like()
    before = await world.dump()
    for emoji in ("🦄", DARK_THUMB, "a", "", "👍👍", f"{THUMB} ", "\u200d", "👍" * 9_000):
        refused = await charlie.post_json(**reaction(emoji))

        assert (refused.status_code, refused.json()["code"]) == (422, "field_invalid"), emoji
        assert refused.json()["field"] == "emoji"
    assert await world.dump() == before


async def test_an_emoji_without_its_selector_is_the_same_emoji(world: World, charlie: Visitor) -> None:
    await charlie.post(**reaction("❤"))

    assert shown((await world.page())["reactions"]) == {"❤️": (1, False)}


async def test_what_the_site_dropped_is_shown_while_somebody_holds_it_and_can_be_taken_back(
    world: World, charlie: Visitor, dana: Visitor
) -> None:
    for person, emoji in ((charlie, THUMB), (dana, THUMB), (world.visitor("Erin"), TEAR)):
        await person.post(**reaction(emoji))
    await choose(world, emoji=[HEART])

    seen = (await world.page())["reactions"]["reactions"]
    refused = await world.visitor("Frank").post(**reaction(THUMB))
    assert [(each["emoji"], each["count"], each["offered"]) for each in seen] == [
        (HEART, 0, True),
        (THUMB, 2, False),
        (TEAR, 1, False),
    ]
    assert refused.status_code == 422

    await charlie.post(**reaction(THUMB, "unreact"))
    await dana.post(**reaction(HEART))

    assert [each["emoji"] for each in (await world.page())["reactions"]["reactions"]] == [HEART, TEAR]


async def test_a_comment_can_be_reacted_to(world: World, charlie: Visitor, dana: Visitor) -> None:
    subject = f"comment:{await charlie.says('Hello')}"
    await dana.post(**reaction(HEART), subject=subject)

    assert shown((await world.page(subject))["reactions"]) == {HEART: (1, False)}
    assert shown((await world.page())["reactions"]) == {}


async def test_a_button_says_what_it_is_how_many_there_are_and_whether_it_is_pressed(
    charlie: Visitor,
) -> None:
    await charlie.post(**reaction(HEART))
    mine = await charlie.post("session", widgets="reactions", format="fragments")
    parts: str = mine.json()["parts"]["reactions"]

    assert parts.count('aria-pressed="true"') == 1
    assert parts.count('value="unreact"') == 1
    assert f'<span class="sr">{HEART} 1 person</span>' in parts
    assert f'<span class="sr">{THUMB} nobody yet</span>' in parts


async def test_the_record_and_the_export_say_which_emoji_it_was_and_erasing_keeps_the_count(
    world: World, charlie: Visitor
) -> None:
    await choose(world, several=True)
    await charlie.post(**reaction(HEART))
    await charlie.post(**reaction(HEART, "unreact"))
    await charlie.post(**reaction(TEAR))
    held = (await charlie.post("me", subject=None)).json()
    rows = await world.rows("select kind, data from interactions order by interaction")

    assert [(each["widget"], each["value"]) for each in held["choices"]] == [("reactions", TEAR)]
    assert [(kind, json.loads(data)) for kind, data in rows] == [
        ("react", {"n": 1, "value": HEART}),
        ("unreact", {"values": [HEART]}),
        ("react", {"n": 1, "value": TEAR}),
    ]

    await charlie.post("me", subject=None, action="erase")

    assert shown((await world.page())["reactions"]) == {TEAR: (1, False)}


@pytest.mark.straight("it compares addresses of the server itself")
async def test_without_javascript_it_is_a_form_that_leads_back_to_the_same_widgets(world: World) -> None:
    address = f"/v1/{SITE}/thread?subject=a&widgets=reactions,claps&format=page"
    document = (await world.reader.get(address)).text
    posted = await world.reader.post(
        f"/v1/{SITE}/interactions?widgets=reactions%2Cclaps",
        data={"subject": "a", "widget": "reactions", "lang": "en", "emoji": HEART, "action": "react"},
        headers={"origin": HOST, "accept": "text/html"},
    )
    after = await world.reader.get(posted.headers["location"])

    assert f'action="{HOST}/v1/{SITE}/interactions?widgets=reactions%2Cclaps"' in document
    assert posted.status_code == 303
    assert after.text.count('aria-pressed="true"') == 1
    assert 'id="claps"' in after.text


def reaction(emoji: str, action: str = "react") -> dict[str, str]:
    """The fields of one."""
    return {"widget": "reactions", "action": action, "emoji": emoji}


async def choose(world: World, **chosen: bool | Sequence[str]) -> None:
    """Alice sets the widget."""
    await world.settle(plugins={"reactions": chosen})


def shown(summary: Mapping[str, Any]) -> dict[str, tuple[int, bool]]:
    """Of a summary what somebody chose: how many did, and whether one did oneself."""
    return {each["emoji"]: (each["count"], each["mine"]) for each in summary["reactions"] if each["count"]}
