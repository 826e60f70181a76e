"""Live: the stream of a subject's changes, as Server-Sent Events; ids and kinds alone, the same for everybody."""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass

from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from widget_server.errors import TransomError
from widget_server.live import Hub, Stream, retry
from widget_server.web.cache import FOR_EVERYBODY
from widget_server.web.embed import Embed, subject_of
from widget_server.web.forms import query_fields
from widget_server.web.problems import problem

PATH = re.compile(r"/v1/([^/]+)/live")

LONGEST_CURSOR = 100

HEADERS = [
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"cache-control", b"no-store"),
    (b"x-accel-buffering", b"no"),  # nginx would keep events until its buffer is full
    *FOR_EVERYBODY,
]


@dataclass(frozen=True, slots=True)
class _Asked:
    """What a client wants to hear of."""

    site: str
    subject: str
    after: str
    """The cursor up to which it heard already; empty: none."""
    network: str
    is_told: bool
    """False: nothing is told there."""


class Live:
    """The endpoint; it answers for as long as its client reads."""

    def __init__(self, embed: Embed, hub: Hub) -> None:
        """`hub` tells what happens."""
        self._embed = embed
        self._hub = hub

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One stream, from its first byte to its last."""
        headers = scope[
            "headers"
        ]  # the server's own list, of which Starlette's request puts a copy into the scope
        try:
            asked = await self._asked(Request(scope))
            if not asked.is_told:
                await _answer(send, 204)  # which a browser's EventSource takes for good
            elif scope["method"] == "HEAD":
                await _answer(send, 200)
            else:
                scope["headers"] = headers
                await self._stream(asked, headers, receive, send)
        except TransomError as error:
            await problem(error)(scope, receive, send)

    async def _asked(self, request: Request) -> _Asked:
        query = query_fields(request, {"subject", "after"})
        site = await self._embed.site(request)
        if origin := request.headers.get("origin"):
            self._embed.check_origin(site, origin)
        return _Asked(
            site.id,
            subject_of(site, query.get("subject", [""])[0]).key,
            (request.headers.get("last-event-id") or query.get("after", [""])[0])[:LONGEST_CURSOR],
            self._embed.network(request),
            self._embed.is_told(site),
        )

    async def _stream(self, asked: _Asked, headers: list[object], receive: Receive, send: Send) -> None:
        self._hub.enter(asked.site, asked.network)
        try:
            stream = Stream(send)
            if stream.is_direct:
                headers.clear()  # some 2 kB, which uvicorn would keep until the end, for nobody
            topic, missed = await self._hub.join(stream, asked.site, asked.subject, asked.after)
            try:
                await send({"type": "http.response.start", "status": 200, "headers": HEADERS})
                stream.open(retry() + missed, retry() + topic.reset())
                while (await receive())["type"] != "http.disconnect":
                    pass
            except asyncio.CancelledError:
                _forgive(stream)
            finally:
                self._hub.part(stream, topic)
        finally:
            self._hub.leave(asked.site, asked.network)


def _forgive(stream: Stream) -> None:
    """That a stream was dropped is an end like any other; any other cancellation goes on."""
    task = asyncio.current_task()
    if not stream.is_over or task is None:
        raise asyncio.CancelledError
    task.uncancel()


class LivePath:
    """Streams pass by the router: what it wraps around `send` would take memory for as long as they last."""

    def __init__(self, app: ASGIApp, live: Live) -> None:
        """`app` answers everything else."""
        self._app = app
        self._live = live

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] == "http" and scope["method"] == "GET":
            found = PATH.fullmatch(scope["path"])
            if found:
                scope["path_params"] = {"site": found[1]}
                await self._live(scope, receive, send)
                return
        await self._app(scope, receive, send)


async def _answer(send: Send, status: int) -> None:
    await send({"type": "http.response.start", "status": status, "headers": HEADERS})
    await send({"type": "http.response.body", "body": b""})
