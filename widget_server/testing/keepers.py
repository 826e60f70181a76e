"""What a plug-in with tables of its own keeps to: their names, and what is done with a person in them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from importlib.resources import files

from widget_server.app import Server
from widget_server.ids import uuid7
from widget_server.store.mine import Erasure, erase
from widget_server.vocabulary import Person, Statement, Transaction
from widget_server.widgets.base import Keeper

TABLE = re.compile(
    r"create\s+table\s+(?:if\s+not\s+exists\s+)?\"?(\w+)\"?\s*\((.*?)\)\s*;", re.DOTALL | re.IGNORECASE
)
PERSON = re.compile(r"^\s*\"?person\"?\s", re.MULTILINE | re.IGNORECASE)


def tables(keeper: Keeper) -> dict[str, bool]:
    """The tables that a keeper's migrations make, and of each whether a column names a person."""
    folder = files(keeper.package) / "migrations"
    texts = [each.read_text(encoding="utf-8") for each in folder.iterdir() if each.name.endswith(".sql")]
    return {name: bool(PERSON.search(body)) for text in texts for name, body in TABLE.findall(text)}


def prefix(keeper: Keeper) -> str:
    """With which the names of its tables begin."""
    return keeper.name.replace("-", "_")


async def held_of(server: Server, names: Sequence[str], person: Person) -> dict[str, int]:
    """How many rows name a person, by table."""
    return await server.house.database.read(_counted(names, person))


async def forget(server: Server, keeper: Keeper, person: Person) -> None:
    """Forget a person as the server does when it is asked to."""
    now = server.house.clock()
    wish = Erasure(person.site, person.id, uuid7(now), uuid7(now), now)
    await server.house.database.write(erase(wish, {keeper.name: keeper.erase_person()}))


def _counted(names: Sequence[str], person: Person) -> Transaction[dict[str, int]]:
    found: dict[str, int] = {}
    for name in names:
        text = f"select count(*) as number from {name} where site = :site and person = :person"  # noqa: S608 - a word
        rows = yield Statement(text, {"site": person.site, "person": person.id})
        found[name] = rows[0]["number"]
    return found
