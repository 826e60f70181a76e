"""The addresses of the admin, below `/admin`."""

from __future__ import annotations

from collections.abc import Sequence

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from widget_server.errors import MethodNotAllowed, NotFound
from widget_server.house import House
from widget_server.settings import Settings
from widget_server.web.admin import answering, choosing, deciding, entering, lists, panels, plugging, settling
from widget_server.web.admin.desk import Desk, base_of
from widget_server.web.admin.gate import Act, Look, acting, guarded, looking
from widget_server.web.admin.pages import pages_below
from widget_server.web.admin.summaries import summaries

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")

SITE = "/admin/sites/{site}"

LOOKS: Sequence[tuple[str, Look]] = (
    (f"{SITE}/queue", lists.queue),
    (f"{SITE}/comments", lists.every),
    (f"{SITE}/comments/{{comment}}", lists.one),
    (f"{SITE}/choices", choosing.busiest),
    (f"{SITE}/widgets/{{widget}}", panels.look),
    (f"{SITE}/summaries", summaries),
    (f"{SITE}/log", lists.log),
    (f"{SITE}/settings", settling.look),
    (f"{SITE}/plug-ins", plugging.look),
    (f"{SITE}/plug-ins/{{plugin}}", plugging.look_at_one),
    (f"{SITE}/sessions", entering.list_sessions),
)
"""Pages for those who are signed in."""

ACTS: Sequence[tuple[str, Act]] = (
    (f"{SITE}/comments/{{comment}}/decisions", deciding.decide),
    (f"{SITE}/comments/{{comment}}/replies", answering.reply),
    (f"{SITE}/choices/recounts", choosing.recount),
    (f"{SITE}/widgets/{{widget}}/actions", panels.act),
    (f"{SITE}/settings", settling.change),
    (f"{SITE}/plug-ins", plugging.switch),
    (f"{SITE}/plug-ins/{{plugin}}", plugging.change),
    (f"{SITE}/sessions/others/revocation", entering.revoke_others),
    (f"{SITE}/sessions/{{session}}/revocation", entering.revoke),
    ("/admin/sign-out", entering.signed_out),
)
"""Forms of those who are signed in."""


def routes(house: House, settings: Settings) -> list[BaseRoute]:
    """Every route of the admin."""
    desk = Desk(house, settings, pages_below(base_of(settings)))
    return [
        Route("/admin", guarded(desk, _with_slash), methods=["GET"]),
        Route("/admin/", guarded(desk, entering.home), methods=["GET"]),
        Route("/admin/static/{version}/{name}", guarded(desk, _static), methods=["GET"]),
        Route("/admin/sign-in", guarded(desk, entering.sign_in), methods=["GET"]),
        Route("/admin/sign-in", guarded(desk, entering.signed_in), methods=["POST"]),
        *(Route(path, looking(desk, look), methods=["GET"]) for path, look in LOOKS),
        *(Route(path, acting(desk, act), methods=["POST"]) for path, act in ACTS),
        Route("/admin/{rest:path}", guarded(desk, _nowhere), methods=METHODS),
    ]


async def _with_slash(desk: Desk, _: Request) -> Response:
    return RedirectResponse(f"{desk.base}/", 303)


async def _static(desk: Desk, request: Request) -> Response:
    return desk.pages.static(request.path_params["name"])


async def _nowhere(_: Desk, request: Request) -> Response:
    raise NotFound if request.method in {"GET", "HEAD"} else MethodNotAllowed
