"""The gate of the admin: who may pass, and what every answer carries."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable

from starlette.requests import Request
from starlette.responses import Response

from widget_server.errors import Forbidden, SignInRequired, TransomError, Unavailable
from widget_server.people.sign_in import SEEN_EVERY, Admitted, admit
from widget_server.store import moderation, sessions, sites
from widget_server.vocabulary import Site, Transaction
from widget_server.web.admin.desk import Desk, Form, Visit, own_form, same_origin, secret_of
from widget_server.web.admin.pages import SAFE
from widget_server.web.forms import body_fields
from widget_server.web.problems import as_problem, tell

logger = logging.getLogger(__name__)

Endpoint = Callable[[Request], Awaitable[Response]]
Look = Callable[[Visit], Awaitable[Response]]
Act = Callable[[Visit, Form], Awaitable[Response]]
Open = Callable[[Desk, Request], Awaitable[Response]]


def looking(desk: Desk, look: Look) -> Endpoint:
    """A page for those who are signed in."""

    async def handle(_: Desk, request: Request) -> Response:
        return await look(await visited(desk, request))

    return guarded(desk, handle)


def acting(desk: Desk, act: Act) -> Endpoint:
    """A form of those who are signed in: from our own page, and from this session."""

    async def handle(_: Desk, request: Request) -> Response:
        visit = await visited(desk, request)
        same_origin(desk, request)
        form = await body_fields(request, desk.settings.max_body)
        own_form(visit, form)
        return await act(visit, form)

    return guarded(desk, handle)


def guarded(desk: Desk, handle: Open) -> Endpoint:
    """Answer refusals as pages, and give every answer the headers that keep it safe."""

    async def endpoint(request: Request) -> Response:
        try:
            response = await handle(desk, request)
        except TransomError as error:
            response = refusal(desk, request, error)
        for name, value in SAFE.items():
            if name != "cache-control" or name not in response.headers:
                response.headers[name] = response.headers.get(name, value)
        return response

    return endpoint


async def visited(desk: Desk, request: Request) -> Visit:
    """Who comes, if the cookie, the session and the address agree on the site.

    Raises `SignInRequired` where nobody is signed in, `Forbidden` for the address of another site.
    """
    held = secret_of(desk, request)
    if held is None:
        raise SignInRequired
    admitted, site, waiting = await desk.house.database.read(_visit(*held, desk.house.clock()))
    if request.path_params.get("site", site.id) != site.id:
        message = f"You are signed in for the site {site.id!r}, and for no other."
        raise Forbidden(message)
    await _note_use(desk, admitted)
    return Visit(desk, request, admitted.moderator, admitted.session, site, desk.form_token(held[1]), waiting)


def refusal(desk: Desk, request: Request, error: TransomError) -> Response:
    """What went wrong, as a page for people and as a problem for scripts."""
    told = tell(error)
    if "application/json" in request.headers.get("accept", ""):
        answer = as_problem(told)
        del answer.headers["access-control-allow-origin"]
        return answer
    known_as = told.request_id if told.is_ours else ""
    page = desk.pages.answer("refusal.html", told.error.status, error=told.error, request_id=known_as)
    page.headers.update(told.headers)
    return page


def _visit(site_id: str, secret: str, now: int) -> Transaction[tuple[Admitted, Site, int]]:
    admitted = yield from admit(site_id, secret, now)
    site = yield from sites.get(site_id)
    if site is None:
        raise SignInRequired
    return admitted, site, (yield from moderation.held(site_id))


async def _note_use(desk: Desk, admitted: Admitted) -> None:
    session, now = admitted.session, desk.house.clock()
    if now - session.seen < SEEN_EVERY:
        return
    try:
        await desk.house.database.write(sessions.seen(session.site, session.digest, now))
    except Unavailable:
        logger.warning("the use of a session could not be noted")
