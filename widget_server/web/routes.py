"""The table of routes: every address of the embed API, from which the app, its reference and its tests are made."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route
from starlette.types import ASGIApp

from widget_server.web import acting, reading
from widget_server.web.assets import Assets
from widget_server.web.embed import Embed
from widget_server.web.standalone import Thread

Handler = Callable[[Embed, Request], Awaitable[Response]]


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One address of the embed API: the fields it takes (name → what it means) and what it answers."""

    method: str
    path: str
    name: str
    summary: str
    fields: Mapping[str, str]
    needed: frozenset[str]


SUBJECT = "The subject: a page's key or one of the site's own."
WIDGETS = "Names of widgets with commas between; left out: all of the site's."
LANGUAGE = "The language of the fragments (BCP 47)."
FORMAT = "`json` or `fragments` (HTML in JSON, for the elements)."

ENDPOINTS: Sequence[Endpoint] = (
    Endpoint(
        "GET",
        "/v1/{site}/page",
        "page",
        "All widgets of one subject, in one answer that is the same for everybody.",
        {"subject": SUBJECT, "widgets": WIDGETS, "lang": LANGUAGE, "format": FORMAT},
        frozenset({"subject"}),
    ),
    Endpoint(
        "GET",
        "/v1/{site}/counts",
        "counts",
        "How many published comments each of up to 200 subjects has.",
        {"subject": "A subject; once for each."},
        frozenset({"subject"}),
    ),
    Endpoint(
        "GET",
        "/v1/{site}/thread",
        "thread",
        "A further part of a thread, or the document that works without JavaScript.",
        {
            "subject": SUBJECT,
            "after": "The cursor that the part before gave.",
            "root": "The root comment whose further replies are asked for.",
            "lang": LANGUAGE,
            "format": "`json`, `fragments`, or `page` (a document).",
            "reply": "In the document: the comment to answer.",
        },
        frozenset({"subject"}),
    ),
    Endpoint(
        "POST",
        "/v1/{site}/interactions",
        "interactions",
        "Do one thing: the widget's action with its own fields.",
        {
            "subject": "The subject; left out: the page at `url`.",
            "url": "The page's address, on one of the site's origins.",
            "title": "The page's title.",
            "widget": "The widget's name.",
            "action": "One of the widget's actions; its fields come beside these.",
            "token": "The guest's token; left out: a new guest, whose token the answer brings.",
            "idempotency_key": "16 to 128 characters made at random; the same request with the same key is done once.",
            "lang": LANGUAGE,
            "format": "`json`, `fragments`, or `page` (a redirect to the document).",
        },
        frozenset({"widget", "action"}),
    ),
    Endpoint(
        "POST",
        "/v1/{site}/session",
        "session",
        "What is the token's owner's own on one subject.",
        {
            "token": "The guest's token.",
            "subject": SUBJECT,
            "widgets": WIDGETS,
            "lang": LANGUAGE,
            "format": FORMAT,
        },
        frozenset({"token", "subject"}),
    ),
)


def embed_routes(embed: Embed, assets: Assets) -> Sequence[BaseRoute]:
    """The routes of the table."""
    handlers: Mapping[str, ASGIApp | Callable[[Request], Awaitable[Response]]] = {
        "page": reading.Read(embed, reading.page),
        "counts": reading.Read(embed, reading.counts),
        "thread": Thread(embed, assets),
        "interactions": _bound(embed, acting.interactions),
        "session": _bound(embed, acting.session),
    }
    return [
        Route(endpoint.path, handlers[endpoint.name], methods=[endpoint.method], name=endpoint.name)
        for endpoint in ENDPOINTS
    ]


def _bound(embed: Embed, handler: Handler) -> Callable[[Request], Awaitable[Response]]:
    async def handle(request: Request) -> Response:
        return await handler(embed, request)

    return handle
