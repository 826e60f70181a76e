"""The straight path: what people do goes to its handler without a router, whose layers took 7 % of a like.

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
        if scope["type"] == "http" and scope["method"] == "POST":
            match scope["path"].split("/"):
                case ["", "v1", site, noun] if site and noun in self._routes:
                    scope["path_params"] = {"site": site}
                    await _answered(self._routes[noun], scope, receive, send)
                    return
                case _:
                    pass
        await self._app(scope, receive, send)


async def _answered(route: Route, scope: Scope, receive: Receive, send: Send) -> None:
    scope["route"] = route  # by which it is counted
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
