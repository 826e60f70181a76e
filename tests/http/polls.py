"""What tests do with polls, and what they see of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import httpx

from tests.http.world import BOB, SITE, Visitor, World
from widget_server.doing import Doing, Outcome
from widget_server.interact import perform
from widget_server.vocabulary import Person, PersonKind, Role, Subject

LUNCH = "poll:lunch"
OPTIONS = ("Pizza", "Curry", "Soup")
HOUR = 3_600_000


async def moderate(world: World, action: str, **fields: object) -> Outcome:
    """Bob does something with a poll."""
    house = world.server.house
    bob = Person(SITE, BOB, PersonKind.MODERATOR, "Bob")
    site = await house.sites.get(SITE)
    doing = Doing(
        site, Subject(SITE, LUNCH), "poll", action, fields, bob, world.clock.now, role=Role.MODERATOR
    )
    return await perform(house, doing)


async def ask(world: World, **fields: object) -> Outcome:
    """Bob asks where to eat."""
    return await moderate(world, "ask", **{"question": "Where to?", "options": OPTIONS, **fields})


async def change(world: World, **fields: object) -> Outcome:
    """Bob puts another version in its place."""
    return await moderate(world, "change", **{"question": "Where to?", "options": OPTIONS, **fields})


async def vote(visitor: Visitor, *choice: str, **fields: object) -> httpx.Response:
    """Vote for options by their ids, as a form does."""
    chosen = {f"choice.{each}": each for each in choice} if len(choice) > 1 else {"choice": choice[0]}
    return await visitor.post(**{"widget": "poll", "action": "vote", "subject": LUNCH, **chosen, **fields})


async def seen(world: World) -> dict[str, Any]:
    """What everybody sees of the poll."""
    found: dict[str, Any] = (await world.page(LUNCH, widgets="poll"))["poll"]
    return found


def counts(summary: Mapping[str, Any]) -> dict[str, int]:
    """Votes by the text of the option."""
    return {each["text"]: each["count"] for each in summary["options"]}


def code(answer: httpx.Response) -> tuple[int, str | None]:
    """The status, and the code of a problem."""
    return answer.status_code, answer.json().get("code")
