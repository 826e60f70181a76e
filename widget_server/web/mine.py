"""Mine: what is held about the person who asks, to read, to take along, and to take back."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, TypeVar

from starlette.requests import Request
from starlette.responses import Response

from widget_server.errors import FieldInvalid, PluginFailed
from widget_server.house import House
from widget_server.ids import uuid7
from widget_server.people import guests
from widget_server.soundness import sound_export, sound_statements
from widget_server.store.mine import Erasure, erase, held
from widget_server.vocabulary import Person, Statement
from widget_server.web.acting import allowed_origin, private
from widget_server.web.embed import Embed
from widget_server.web.forms import body_fields, needed, refuse_others, text_of
from widget_server.widgets.base import Keeper

T = TypeVar("T")

PATIENCE = 60.0
"""Seconds that forgetting somebody may take: of a busy person there are thousands of texts."""


async def me(embed: Embed, request: Request) -> Response:
    """Read, export or erase all that is held about a token's owner."""
    site = await embed.site(request)
    origin = allowed_origin(embed, request, site)
    fields = await body_fields(request, embed.settings.max_body)
    house, now = embed.house, embed.house.clock()
    token, action = needed(text_of(fields, "token"), "token"), text_of(fields, "action") or "read"
    refuse_others(fields)
    person, _ = guests.known(house.tokens, token, site.id, now)
    (embed.limits.client if action == "erase" else embed.limits.read).take(
        f"{site.id} {embed.network(request)}"
    )
    for name in house.out_of_reach:
        message = f"The plug-in {name!r} keeps something here and is out of order; please come back later."
        raise PluginFailed(message)
    match action:
        case "read":
            return private(await _held(house, person), origin)
        case "export":
            document = await _held(house, person)
            return _file(document, f"{site.id}-mine.json", origin)
        case "erase":
            wish = Erasure(site.id, person.id, uuid7(now), uuid7(now), now)
            own = {
                each.name: await _asked(house, each.name, partial(_erasure, each)) for each in _keepers(house)
            }
            subjects = await house.commit(
                erase(wish, own), lambda those: [(site.id, each) for each in those], patience=PATIENCE
            )
            return private({"erased": True, "subjects": len(subjects)}, origin)
        case _:
            message = "The action is one of read, export, erase."
            raise FieldInvalid(message, field="action")


async def _held(house: House, person: Person) -> dict[str, Any]:
    """All that is held about a person, the plug-ins' own tables too."""
    own = {each.name: await _asked(house, each.name, partial(_export, each)) for each in _keepers(house)}
    return await house.database.read(held(person.site, person.id, own))


def _keepers(house: House) -> Sequence[Keeper]:
    """The plug-ins with tables of their own, whether a site has them switched on or not."""
    return [plugin.thing for plugin in house.widgets.values() if isinstance(plugin.thing, Keeper)]


async def _asked(house: House, name: str, question: Callable[[], T]) -> T:
    """What a plug-in says; where it fails, so does the request, since a part of the answer would not be all."""
    return await house.guard.call(name, question, brief=True)


def _export(keeper: Keeper) -> Mapping[str, Statement]:
    return sound_export(keeper.export_person())


def _erasure(keeper: Keeper) -> Sequence[Statement]:
    return sound_statements(keeper.erase_person())


def _file(document: object, name: str, origin: str) -> Response:
    response = Response(json.dumps(document, indent=2, ensure_ascii=False), media_type="application/json")
    response.headers.update(
        {
            "cache-control": "no-store",
            "access-control-allow-origin": origin,
            "vary": "origin",
            "content-disposition": f'attachment; filename="{name}"',
        }
    )
    return response
