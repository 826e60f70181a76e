"""Addresses for those who run the server: whether it lives, whether it is ready, and what it counts."""

from __future__ import annotations

import hmac
from collections.abc import Sequence

from prometheus_client import CONTENT_TYPE_LATEST
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from widget_server.errors import NotFound, Overloaded, TokenInvalid, Unavailable
from widget_server.house import House
from widget_server.settings import Settings
from widget_server.store.migrate import pending
from widget_server.web.metrics import Metrics

NOT_KEPT = {"cache-control": "no-store"}


def operating_routes(house: House, settings: Settings, metrics: Metrics) -> Sequence[Route]:
    """The routes; `/metrics` is not there unless the settings have a token for it."""

    async def healthz(request: Request) -> Response:  # noqa: ARG001 - Starlette's shape
        return PlainTextResponse("ok", headers=NOT_KEPT)

    async def readyz(request: Request) -> Response:  # noqa: ARG001 - as above
        """Requests can be answered: the database is reached, its schema is this program's, and it keeps up."""
        waiting = await pending(house.database, house.sets)
        if waiting:
            message = f"{len(waiting)} migrations have not run yet."
            raise Unavailable(message)
        load = house.database.load()
        if load.waiting >= load.most:
            raise Overloaded(retry_after=1)
        return PlainTextResponse("ready", headers=NOT_KEPT)

    async def told(request: Request) -> Response:
        if not settings.metrics_token:
            raise NotFound
        given = request.headers.get("authorization", "").encode()
        if not hmac.compare_digest(given, f"Bearer {settings.metrics_token}".encode()):
            message = "The metrics need the header `Authorization: Bearer` with the token of the settings."
            raise TokenInvalid(message)
        return Response(await metrics.text(), headers={**NOT_KEPT, "content-type": CONTENT_TYPE_LATEST})

    return [Route("/healthz", healthz), Route("/readyz", readyz), Route("/metrics", told)]
