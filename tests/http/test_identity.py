"""Identity: issued and signed by the server, for one site, for a time; and what is sent twice is done once."""

from __future__ import annotations

import asyncio
import base64
import json

from tests.http.clock import NOON
from tests.http.world import OTHER_PAGE, OTHER_SITE, PAGE, SITE, Visitor, World
from widget_server.ids import uuid7
from widget_server.people.tokens import GUEST_LIFE, Tokens

KEY = "0123456789abcdef"


async def test_tokens_that_are_not_ours_here_and_now_are_refused(world: World, charlie: Visitor) -> None:
    await charlie.like()
    tokens = world.server.house.tokens
    person = uuid7(NOON)
    valid = charlie.token or ""
    payload, stamp, signature = valid.rsplit(".", 2)
    someone = base64.urlsafe_b64encode(json.dumps([SITE, person]).encode()).rstrip(b"=").decode()
    forged = {
        "garbage": "garbage",
        "empty parts": "..",
        "unsigned": f"{payload}.{stamp}.",
        "for somebody else": f"{someone}.{stamp}.{signature}",
        "another signature": f"{payload}.{stamp}.{signature[:-2]}AA",
        "one more character": f"{valid}A",
        "of another server": Tokens("another secret of enough characters").guest(SITE, person, NOON),
        "of another site": tokens.guest(OTHER_SITE, person, NOON),
        "of no person": tokens.guest(SITE, "me", NOON),
        "of yesterday's yesterdays": tokens.guest(SITE, person, NOON - (GUEST_LIFE + 1) * 1000),
        "of 50 kB": "a" * 50_000,
        "not even ASCII": "ключ👋",
        "with a null": "a\0b",
    }
    before = await world.dump()
    for name, token in forged.items():
        for where in ({"widget": "like", "action": "like"}, {"session": ""}):
            doing = "session" if "session" in where else "interactions"
            answer = await world.visitor("Mallory").post(
                doing, token=token, **({} if doing == "session" else where)
            )

            assert (answer.status_code, answer.json()["code"]) == (401, "token_invalid"), name
    assert await world.dump() == before


async def test_a_token_of_100_kb_is_too_large_to_be_read(world: World) -> None:
    answer = await world.visitor("Mallory").like(token="a" * 100_000)

    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")


async def test_a_token_is_refreshed_in_the_second_half_of_its_life(world: World, charlie: Visitor) -> None:
    await charlie.like()
    first = charlie.token
    world.clock.forward(GUEST_LIFE * 0.49)

    assert "token" not in (await charlie.session()).json()

    world.clock.forward(GUEST_LIFE * 0.49)
    await charlie.session()

    assert charlie.token != first

    world.clock.forward(GUEST_LIFE * 0.9)

    assert (await charlie.own())["like"]["mine"] is True


async def test_nobody_chooses_an_identity(world: World, charlie: Visitor) -> None:
    for field in ("person", "person_id", "user", "author", "id", "role", "kind", "client"):
        answer = await charlie.like(**{field: uuid7(NOON)})

        assert (answer.status_code, answer.json()["code"], answer.json()["field"]) == (
            400,
            "field_unknown",
            field,
        )
        assert await world.rows("select count(*) from people") == [(0,)]


async def test_a_token_in_the_address_names_nobody(world: World, charlie: Visitor) -> None:
    await charlie.like()
    person = (await charlie.session()).json()["person"]["id"]
    reads = [
        await world.reader.get(f"/v1/{SITE}/{name}", params={"subject": "a", "token": charlie.token})
        for name in ("page", "thread", "counts")
    ]
    posted = await world.reader.post(
        f"/v1/{SITE}/interactions?token={charlie.token}",
        data={"subject": "a", "widget": "like", "action": "like"},
        headers={"origin": PAGE},
    )

    assert [(answer.status_code, answer.json()["field"]) for answer in reads] == [(400, "token")] * 3
    assert posted.json()["person"]["id"] != person


async def test_site_and_token_must_agree(world: World, charlie: Visitor) -> None:
    await charlie.like()
    away = world.visitor("Charlie", site=OTHER_SITE, page=OTHER_PAGE)
    away.token = charlie.token

    assert (await away.like()).json()["code"] == "token_invalid"
    assert (await away.session()).json()["code"] == "token_invalid"
    assert (await charlie.post(widget="like", action="like", site=OTHER_SITE)).json()["field"] == "site"


async def test_people_are_kept_only_from_their_first_interaction_on(world: World, charlie: Visitor) -> None:
    await world.page()
    await charlie.like(text="refused")
    await charlie.session(token="garbage")

    assert await world.rows("select count(*) from people") == [(0,)]
    assert charlie.token is None


async def test_the_same_key_twice_is_one_comment_of_one_new_guest(world: World) -> None:
    first, again = world.visitor("Charlie"), world.visitor("Charlie")
    one = (await first.comment("once", idempotency_key=KEY)).json()
    two = (await again.comment("once", idempotency_key=KEY)).json()
    three = (await first.comment("once", idempotency_key=KEY)).json()

    assert one["id"] == two["id"] == three["id"]
    assert one["person"] == two["person"] == three["person"]
    assert (await world.page())["comments"]["count"] == 1

    other = (await world.visitor("Dana").comment("once", idempotency_key=f"{KEY}0")).json()

    assert other["person"]["id"] != one["person"]["id"]


async def test_a_key_that_was_used_for_something_else_is_a_conflict(world: World, charlie: Visitor) -> None:
    await charlie.says("one", idempotency_key=KEY)
    before = await world.dump()
    answers = [
        await charlie.comment("two", idempotency_key=KEY),
        await charlie.comment("one", subject="b", idempotency_key=KEY),
        await charlie.like(idempotency_key=KEY),
    ]

    assert [(answer.status_code, answer.json()["code"]) for answer in answers] == [
        (409, "idempotency_key_reused")
    ] * 3
    assert await world.dump() == before


async def test_a_double_click_posts_once(world: World) -> None:
    clicks = [world.visitor("Charlie") for _ in range(20)]
    answers = await asyncio.gather(*(each.comment("once", idempotency_key=KEY) for each in clicks))

    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.json()["id"] for answer in answers}) == 1
    assert (await world.page())["comments"]["count"] == 1


async def test_keys_of_two_sites_are_two_guests(world: World) -> None:
    here = (await world.visitor("Charlie").like(idempotency_key=KEY)).json()
    there = (
        await world.visitor("Charlie", site=OTHER_SITE, page=OTHER_PAGE).like(idempotency_key=KEY)
    ).json()

    assert here["person"]["id"] != there["person"]["id"]
