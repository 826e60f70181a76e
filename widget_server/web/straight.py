"""The straight path: what people do goes to its handler without a router, whose layers cost as much as the handler.

They are for what any route may need: converters of paths, wrappers of `send`, stacks of things to close. What is posted
to the embed API needs a site's name, and a way to tell of errors.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route
from starlette.types import ASGIApp, Receive, Scope, Send

from widget_server.errors import TransomError
from widget_server.web.problems import on_any_error, problem

BEFORE = "/v1/{site}/"

PIECES = 4
"""Of a path: nothing, the version, the site and a noun."""

Handler = Callable[[Request], Awaitable[Response]]


class Straight:
    """Answers what is posted to `/v1/{site}/noun`; the router has all else, a wrong method too."""

    def __init__(self, app: ASGIApp, routes: Sequence[BaseRoute]) -> None:
        """`app` answers everything else; of the routes those are taken that answer such a `POST`."""
        self._app = app
        self._routes: Mapping[str, Route] = {
            route.path.removeprefix(BEFORE): route
            for route in routes
            if isinstance(route, Route) and route.path.startswith(BEFORE) and route.methods == {"POST"}
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        route = self._found(scope)
        if route is None:
            await self._app(scope, receive, send)
            return
        scope["route"] = route  # by which it is counted
        scope["path_params"] = {"site": scope["path"].split("/")[2]}
        request = Request(scope, receive)
        handler: Handler = route.endpoint
        try:
            answer = await handler(request)
        except TransomError as error:
            answer = problem(error)
        except Exception as error:
            await (await on_any_error(request, error))(scope, receive, send)
            raise  # so that the HTTP server's log has it, as of any other route
        await answer(scope, receive, send)

    def _found(self, scope: Scope) -> Route | None:
        if scope["type"] != "http" or scope["method"] != "POST":
            return None
        pieces: list[str] = scope["path"].split("/")
        if len(pieces) != PIECES or pieces[1] != "v1" or pieces[0] or not pieces[2]:
            return None
        return self._routes.get(pieces[3])
