"""Watching requests: each has an id, is counted by its route, and is named in the log where it is slow."""

from __future__ import annotations

import logging
import re
import secrets
import time
from contextvars import ContextVar

from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from widget_server.web.metrics import Metrics

logger = logging.getLogger(__name__)

REQUEST_ID: ContextVar[str | None] = ContextVar("request_id", default=None)
"""Of the request that this code runs for."""

SANE = re.compile(rb"[A-Za-z0-9_-]{8,64}")
"""What a proxy may call a request; anything else might be made to look like a line of the log."""

METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})

NO_ROUTE = "none"


class Watch:
    """Lets requests pass, and looks at the clock."""

    def __init__(self, app: ASGIApp, metrics: Metrics, slow: float) -> None:
        """`slow`: seconds from which on a request is slow."""
        self._app = app
        self._metrics = metrics
        self._slow = slow

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        begun = time.perf_counter()
        status = 500

        async def watched(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        REQUEST_ID.set(
            _id_of(scope)
        )  # and left so: each request has a context, and the HTTP server's log is of it too
        try:
            await self._app(scope, receive, watched)
        finally:
            taken = time.perf_counter() - begun
            route = scope.get("route")
            name = route.path if isinstance(route, Route) else NO_ROUTE
            method = scope["method"] if scope["method"] in METHODS else "other"
            self._metrics.meter(name, method, status).take(taken)
            if taken >= self._slow:
                message = "request %s was slow: %s %s, status %d, %.3f s"
                logger.warning(message, REQUEST_ID.get(), method, name, status, taken)


def _id_of(scope: Scope) -> str:
    for name, value in scope["headers"]:
        if name == b"x-request-id" and SANE.fullmatch(value):
            given: str = value.decode("ascii")
            return given
    return secrets.token_hex(8)
