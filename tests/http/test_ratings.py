"""Ratings: one to five stars from each person, and what they come to."""

from __future__ import annotations

import asyncio
import json
import re
from typing import Any

import httpx
import pytest

from tests.http.rating import rate, shown
from tests.http.world import HOST, PAGE, SITE, Visitor, World

NOBODY_YET = {"1": 0, "2": 0, "3": 0, "4": 0, "5": 0}


async def test_stars_are_counted_changed_and_taken_back(
    world: World, charlie: Visitor, dana: Visitor
) -> None:
    assert (await shown(world))["mean"] is None

    await rate(charlie, 5)
    again = await rate(charlie, 5)
    both = await rate(dana, 2)
    changed = await rate(dana, 4)

    assert (again["count"], again["mean"], again["mine"]) == (1, 5.0, 5)
    assert (both["count"], both["mean"], both["mine"]) == (2, 3.5, 2)
    assert (changed["count"], changed["mean"], changed["distribution"]) == (
        2,
        4.5,
        {**NOBODY_YET, "4": 1, "5": 1},
    )

    await dana.post(widget="rating", action="unrate")
    gone = (await dana.post(widget="rating", action="unrate")).json()["summary"]

    assert (gone["count"], gone["mine"]) == (1, None)
    kinds = await world.rows("select kind from interactions order by interaction")
    assert [kind for (kind,) in kinds] == ["rate", "rate", "rate", "unrate"]
    rating = await shown(world)
    assert (rating["count"], rating["mean"], rating["mine"]) == (1, 5.0, None)


@pytest.mark.parametrize("stars", ["0", "6", "-1", "4.5", "five", "", "5 ", None])
async def test_what_is_no_number_of_stars_changes_nothing(
    world: World, charlie: Visitor, stars: object
) -> None:
    await rate(charlie, 3)
    before = await world.dump()

    for action, more in (("rate", {}), ("review", {"text": "Why not"})):
        answer = await charlie.post(widget="rating", action=action, stars=stars, **more)

        assert (answer.status_code, answer.json()["code"], answer.json()["field"]) == (
            422,
            "field_invalid",
            "stars",
        )
    assert await world.dump() == before


async def test_the_mean_is_rounded_to_one_decimal_and_half_of_one_upwards(world: World) -> None:
    people = [world.visitor(f"Guest {number}", f"198.51.100.{number}") for number in range(20)]
    await asyncio.gather(*(rate(each, 4) for each in people[:15]), *(rate(each, 5) for each in people[15:]))

    assert (await shown(world))["mean"] == 4.3  # of 4.25

    await rate(people[0], 5)
    await rate(people[1], 5)

    assert (await shown(world))["mean"] == 4.4  # of 4.35


async def test_lists_are_sorted_by_what_is_sure(world: World, charlie: Visitor, dana: Visitor) -> None:
    await rate(charlie, 5, subject="one five")
    people = [world.visitor(f"Guest {number}", f"198.51.100.{number}") for number in range(30)]
    await asyncio.gather(*(rate(each, 4, subject="thirty fours") for each in people))
    await asyncio.gather(*(rate(each, 2, subject="two twos") for each in (charlie, dana)))
    subjects = ["one five", "thirty fours", "two twos", "nothing"]
    sure = {each: (await shown(world, subject=each))["lower"] for each in subjects}

    assert sorted(subjects, key=lambda each: -sure[each]) == [
        "thirty fours",
        "one five",
        "nothing",
        "two twos",
    ]


async def test_machines_are_told_of_ratings_from_the_first_one_on(world: World, charlie: Visitor) -> None:
    page = {"subject": None, "url": f"{PAGE}/post", "title": "A </script><b>post & more"}
    where = {"subject": "blog.example/post", "widgets": "like,rating"}

    async def data(**query: str) -> Any:  # noqa: ANN401 - JSON
        return (await world.reader.get(f"/v1/{SITE}/page", params={**where, **query})).json().get("data")

    assert (await data(), await data(format="fragments")) == (None, None)

    await rate(charlie, 5, **page)
    aggregate = {"@type": "AggregateRating", "ratingValue": 5.0, "bestRating": 5, "worstRating": 1}
    expected = {
        "@context": "https://schema.org",
        "name": page["title"],
        "url": page["url"],
        "@type": "CreativeWork",
        "aggregateRating": {**aggregate, "ratingCount": 1},
    }
    assert await data() == await data(format="fragments") == {"rating": expected}

    answer = await charlie.post(
        widget="rating", action="review", stars=4, text="Good", format="fragments", **page
    )
    expected["aggregateRating"] = {**aggregate, "ratingValue": 4.0, "ratingCount": 1, "reviewCount": 1}
    assert answer.json()["data"] == await data() == {"rating": expected}
    await charlie.like(**page)  # what a like does not touch is kept
    assert await data(format="fragments") == {"rating": expected}

    await world.settle(plugins={"rating": {"kind": "Product"}})
    assert (await data())["rating"]["@type"] == "Product"

    document = await standalone(world, subject="blog.example/post")
    [block] = re.findall(r'<script type="application/ld\+json">(.*?)</script>', document.text)
    assert json.loads(block) == {**expected, "@type": "Product"}
    assert "<b>" not in block
    await charlie.post(widget="rating", action="unrate", **page)
    assert "ld+json" not in (await standalone(world, subject="blog.example/post")).text
    assert await data() is None


async def standalone(world: World, **query: str) -> httpx.Response:
    """The page of the widget for those without JavaScript."""
    asked = {"subject": "a", "widget": "rating", "format": "page", **query}
    return await world.reader.get(f"/v1/{SITE}/thread", params=asked)


async def test_without_javascript_one_comes_back_to_the_rating(world: World) -> None:
    form = {"subject": "a", "widget": "rating", "lang": "de"}
    headers = {"origin": HOST, "accept": "text/html"}
    post = f"/v1/{SITE}/interactions"

    answer = await world.reader.post(post, data={**form, "action": "rate", "stars": "4"}, headers=headers)
    assert answer.status_code == 303
    there = "/v1/" + answer.headers["location"].partition("/v1/")[2]
    back = await world.reader.get(there)
    assert (answer.headers["location"].startswith(world.url), "widget=rating" in there) == (True, True)
    assert "1 Bewertung" in back.text
    assert re.search(r'value="4" aria-pressed="true"', back.text)

    long = {**form, "action": "review", "stars": "2", "text": "x" * 10_001, "name": "Charlie"}
    refused = await world.reader.post(post, data=long, headers=headers)
    hidden = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', refused.text))
    assert (refused.status_code, hidden) == (422, {**form, "stars": "2"})
    assert "widget=rating" in re.findall(r'<a href="([^"]+)">Back<', refused.text)[0]
