"""Moderators decide on reviews as on comments, and take out ratings as likes."""

from __future__ import annotations

from typing import Any

import pytest

from tests.admin.world import Admin, World
from widget_server.store import fraud

SUBJECT = "blog.example/post"
PLACE = {"subject": SUBJECT, "widget": "rating"}
BOT, HOME = "b0" * 16, "40" * 16


async def shown(world: World) -> dict[str, Any]:
    """What readers see."""
    answer = await world.client().get(
        "/v1/blog/page", params={"subject": SUBJECT, "widgets": "rating", "format": "json"}
    )
    rating: dict[str, Any] = answer.json()["widgets"]["rating"]
    return rating


async def test_a_held_review_stands_in_the_queue_with_its_stars_and_is_decided_on(
    world: World, bob: Admin
) -> None:
    text = (await world.act("Charlie", "review", stars="4", text="Well made")).interaction.id
    queue = (await bob.get("queue")).text

    assert "Well made" in queue
    assert "Rating: 4" in queue
    assert "Held: the site holds every comment" in queue
    assert (await shown(world))["total"] == 0

    for decision, names in (("approve", ["Charlie"]), ("remove", []), ("approve", ["Charlie"])):
        answer = await bob.decide(text, decision, **await world.seen(text))
        assert answer.status_code == 303, answer.text
        assert [each["name"] for each in (await shown(world))["reviews"]] == names
    done = await bob.client.get(answer.headers["location"])
    assert "Approved" in done.text
    undo = answer.headers["location"].partition("done=")[2]
    await bob.decide(text, "undo", decision=undo)
    rating = await shown(world)
    assert (rating["reviews"], rating["count"]) == ([], 1)
    assert "Well made" not in (await bob.get("queue")).text
    assert "Rating: 4" in (await bob.get("comments")).text
    assert "Rating: 4" in (await bob.get("comments", status="removed")).text


async def test_a_review_that_was_written_anew_is_decided_on_anew(world: World, bob: Admin) -> None:
    text = (await world.act("Charlie", "review", stars="1", text="Rude")).interaction.id
    before = await world.seen(text)
    await bob.decide(text, "reject", **before)
    await world.act("Charlie", "review", stars="2", text="Civil")

    page = (await bob.get(f"comments/{text}")).text
    assert "in place of a text that a moderator decided against" in page
    assert "wrote it, or wrote it anew" in page
    assert "Rating: 2" in page
    stale = await bob.decide(text, "approve", **before)
    assert stale.status_code == 409
    await bob.decide(text, "approve", **await world.seen(text))
    assert [(each["stars"], each["name"]) for each in (await shown(world))["reviews"]] == [(2, "Charlie")]


async def test_a_review_takes_no_answers(world: World, bob: Admin) -> None:
    text = (await world.act("Charlie", "review", stars="4", text="Well made")).interaction.id
    comment = await world.comment("Charlie", "A comment")
    for each in (text, comment):
        await bob.decide(each, "approve", **await world.seen(each))

    assert "Publish the answer" in (await bob.get(f"comments/{comment}")).text
    assert "Publish the answer" not in (await bob.get(f"comments/{text}")).text
    refused = await bob.post(f"comments/{text}/replies", text="Thanks", key="k" * 20)
    assert refused.status_code == 404


@pytest.fixture(name="rated")
async def _rated(world: World) -> World:
    """Twelve bots that give one star within a minute, two people who give five, one of them with a review."""
    await world.act("Neighbour", "review", client=HOME, stars="5", text="I was here before")
    for number in range(12):
        world.clock.now += 3_000
        await world.act(f"bot{number}", "rate", client=BOT, stars="1")
    world.clock.now += 3_600_000
    await world.act("Dan", "rate", client="da" * 16, stars="5")
    return world


async def test_ratings_that_look_made_up_are_taken_out_and_put_back(rated: World, alice: Admin) -> None:
    found = await rated.server.house.database.read(fraud.origins("blog", **PLACE))
    busy = await rated.server.house.database.read(fraud.busiest("blog"))
    page = (await alice.get("choices", **PLACE)).text

    busiest = found.networks[0]
    assert (busiest.name, busiest.choices, busiest.new) == (BOT, 12, 12)
    assert [(each.widget, each.count) for each in busy] == [("rating", 14)]
    assert BOT in page
    assert (await shown(rated))["mean"] == 1.6  # of 22 / 14

    await alice.post("choices/recounts", **PLACE, action="exclude", **{f"network.{BOT}": "on"})
    after = await shown(rated)
    assert (after["count"], after["mean"], after["distribution"]["1"]) == (2, 5.0, 0)

    await alice.post("choices/recounts", **PLACE, action="include", **{f"network.{BOT}": "on"})
    assert (await shown(rated))["count"] == 14


async def test_who_was_taken_out_stays_out_with_other_stars(rated: World, alice: Admin) -> None:
    await alice.post("choices/recounts", **PLACE, action="exclude", **{f"network.{BOT}": "on"})

    await rated.act("bot0", "rate", client=BOT, stars="2")
    await rated.act("bot1", "unrate", client=BOT)
    await rated.act("bot1", "rate", client=BOT, stars="3")
    await rated.act("bot2", "review", client=BOT, stars="4", text="Believe me")
    after = await shown(rated)
    assert (after["count"], after["mean"]) == (2, 5.0)

    await alice.post("choices/recounts", **PLACE, action="include", **{f"network.{BOT}": "on"})
    back = (await shown(rated))["distribution"]
    assert back == {"1": 9, "2": 1, "3": 1, "4": 1, "5": 2}


async def test_stars_that_were_taken_out_are_not_shown_at_the_review(rated: World, alice: Admin) -> None:
    text = (await rated.act("bot0", "review", client=BOT, stars="5", text="Buy it")).interaction.id
    await alice.decide(text, "approve", **await rated.seen(text))
    assert [each["stars"] for each in (await shown(rated))["reviews"]] == [5]

    await alice.post("choices/recounts", **PLACE, action="exclude", **{f"network.{BOT}": "on"})

    assert [each["stars"] for each in (await shown(rated))["reviews"]] == [None]
