"""The fast path: kept answers are sent before the router is asked; everything else passes through."""

from __future__ import annotations

from time import perf_counter

from starlette.types import ASGIApp, Receive, Scope, Send

from widget_server.web.cache import Entry, PageCache, Variant
from widget_server.web.metrics import Meter, Metrics


class FastPath:
    """Answers a page read from the cache in two sends."""

    def __init__(self, app: ASGIApp, cache: PageCache, metrics: Metrics) -> None:
        """`app` answers whatever the cache does not hold."""
        self._app = app
        self._cache = cache
        self._metrics = metrics
        self._meters: dict[tuple[str, int], Meter] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] == "http" and scope["method"] == "GET":
            begun = perf_counter()
            path = scope["path"]
            entry = self._cache.get((path, scope["query_string"]))
            if entry is not None:
                status = await send_entry(entry, scope, send)
                kind = path[path.rfind("/") :], status
                meter = self._meters.get(kind) or self._meter(*kind)
                meter.take(perf_counter() - begun)
                return
        await self._app(scope, receive, send)

    def _meter(self, noun: str, status: int) -> Meter:
        """The meter of one kind of kept answers: these are few, since only what has a route is kept."""
        meter = self._meters[noun, status] = self._metrics.meter(f"/v1/{{site}}{noun}", "GET", status)
        return meter


async def send_entry(entry: Entry, scope: Scope, send: Send) -> int:
    """Send a kept answer in the encoding that the client takes, or say that it has it already; gives the status."""
    accepted = known = b""
    for name, value in scope["headers"]:
        if name == b"accept-encoding":
            accepted = value
        elif name == b"if-none-match":
            known = value
    if known and (entry.etag in known or known.strip() == b"*"):
        await send({"type": "http.response.start", "status": 304, "headers": entry.not_modified})
        await send({"type": "http.response.body", "body": b""})
        return 304
    variant = _variant(entry, accepted)
    await send({"type": "http.response.start", "status": 200, "headers": variant.headers})
    await send({"type": "http.response.body", "body": variant.body})
    return 200


def _variant(entry: Entry, accepted: bytes) -> Variant:
    for name in (b"br", b"gzip"):
        if name in accepted and name in entry.variants and _accepts(name, accepted):
            return entry.variants[name]
    return entry.variants[b""]


def _accepts(name: bytes, accepted: bytes) -> bool:
    """Whether an encoding is named, and not with the weight 0 (RFC 9110, section 12.5.3)."""
    for each in accepted.lower().split(b","):
        coding, _, weight = each.replace(b" ", b"").partition(b";q=")
        if coding == name:
            return weight.strip(b"0.") != b"" or not weight
    return False
