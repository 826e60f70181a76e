"""What the tests of ratings share: to rate, to review, and what is seen of it."""

from __future__ import annotations

import re
from typing import Any

from tests.http.world import Visitor, World


async def rate(who: Visitor, stars: object, **fields: object) -> dict[str, Any]:
    """Give stars; what the rating shows then."""
    answer = await who.post(widget="rating", action="rate", stars=stars, **fields)
    assert answer.status_code == 200, answer.text
    summary: dict[str, Any] = answer.json()["summary"]
    return summary


async def review(who: Visitor, stars: object, text: str, **fields: object) -> dict[str, Any]:
    """Give stars and say why; the whole answer."""
    given = {"stars": stars, "text": text, "name": who.name, **fields}
    answer = await who.post(widget="rating", action="review", **given)
    assert answer.status_code == 200, answer.text
    said: dict[str, Any] = answer.json()
    return said


async def shown(world: World, **query: str) -> dict[str, Any]:
    """What everybody sees."""
    rating: dict[str, Any] = (await world.page(widgets="rating", **query))["rating"]
    return rating


async def told(world: World) -> list[tuple[str, int | None, str]]:
    """The reviews that everybody sees: name, stars, text."""
    reviews = (await shown(world))["reviews"]
    return [(each["name"], each["stars"], re.sub("<[^>]+>", "", each["html"]).strip()) for each in reviews]
