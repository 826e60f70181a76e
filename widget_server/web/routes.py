"""The routes of the embed API: a handler for each row of the table in `endpoints`."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import partial

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route
from starlette.types import ASGIApp

from widget_server.web import acting, many, mine, reading
from widget_server.web.assets import Asset, Assets
from widget_server.web.cache import Made, packed
from widget_server.web.embed import Embed
from widget_server.web.endpoints import ENDPOINTS
from widget_server.web.live import Live
from widget_server.web.openapi import openapi
from widget_server.web.refusal import Refusal, posted
from widget_server.web.standalone import Thread

Handler = Callable[[Embed, Request], Awaitable[Response]]


def embed_routes(embed: Embed, assets: Assets, live: Live) -> Sequence[BaseRoute]:
    """The routes of the table."""
    refusal = Refusal(embed, assets)
    handlers: Mapping[str, ASGIApp | Callable[[Request], Awaitable[Response]]] = {
        "page": reading.Read(embed, reading.page),
        "counts": reading.Read(embed, many.counts),
        "thread": Thread(embed, refusal),
        "live": live,
        "interactions": _bound(embed, partial(posted, refusal)),
        "session": _bound(embed, acting.session),
        "edit": _bound(embed, acting.interaction),
        "delete": _bound(embed, acting.interaction),
        "me": _bound(embed, mine.me),
    }
    document = openapi(ENDPOINTS, embed.house.widgets, embed.settings.public_url)
    return [
        Route("/v1/openapi.json", Asset(packed(Made(orjson.dumps(document), frozenset())))),
        *_routes(handlers),
    ]


def _routes(
    handlers: Mapping[str, ASGIApp | Callable[[Request], Awaitable[Response]]],
) -> Sequence[BaseRoute]:
    return [
        Route(endpoint.path, handlers[endpoint.name], methods=[endpoint.method], name=endpoint.name)
        for endpoint in ENDPOINTS
    ]


def _bound(embed: Embed, handler: Handler) -> Callable[[Request], Awaitable[Response]]:
    async def handle(request: Request) -> Response:
        return await handler(embed, request)

    return handle
