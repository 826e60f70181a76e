"""Watching requests: each has an id, is counted by its route, and is named in the log where it is slow."""

from __future__ import annotations

import logging
import re
import secrets
import time
from contextvars import ContextVar

from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from widget_server.settings import Settings
from widget_server.web.client_address import is_forwarded_unheard
from widget_server.web.metrics import Metrics

logger = logging.getLogger(__name__)

REQUEST_ID: ContextVar[str | None] = ContextVar("request_id", default=None)
"""Of the request that this code runs for."""

SANE = re.compile(rb"[A-Za-z0-9_-]{8,64}")
"""What a proxy may call a request; anything else might be made to look like a line of the log."""

METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})

NO_ROUTE = "none"

UNHEARD = (
    "forwarded headers come from an address that trusted_proxies does not name: if it is your proxy's, everybody behind"
    " it counts as one client (this is said once)"
)


class Watch:
    """Lets requests pass, and looks at the clock."""

    def __init__(self, app: ASGIApp, metrics: Metrics, settings: Settings) -> None:
        """`app` answers; the settings say what is slow, and whose forwarded headers count."""
        self._app = app
        self._metrics = metrics
        self._slow = settings.slow_seconds
        self._trusted = settings.trusted_proxies
        self._has_warned = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        begun = time.perf_counter()
        status = 500

        async def watched(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        if not self._has_warned and is_forwarded_unheard(scope, self._trusted):
            self._has_warned = True
            logger.warning(UNHEARD)
        # And left so: each request has a context of its own, and what the HTTP server logs of it comes later.
        REQUEST_ID.set(_id_of(scope))
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
