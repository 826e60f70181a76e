"""Coming in by a one-time link, going out, and the sessions in between."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from widget_server.errors import NotFound
from widget_server.people.sign_in import IDLE_LIFE, SESSION_LIFE, enter, invited
from widget_server.store import sessions
from widget_server.store.sites import SITE_ID
from widget_server.web.admin.desk import Desk, Form, Visit, same_origin, secret_of
from widget_server.web.forms import body_fields, needed, query_fields, refuse_others, text_of

PASSING = {"referrer-policy": "strict-origin"}
"""On the page whose address holds the link's secret: nobody is told more than the origin."""


async def home(desk: Desk, request: Request) -> Response:
    """The queue for those who are signed in; the gate lets others know how to get in."""
    held = secret_of(desk, request)
    if held is None or not SITE_ID.fullmatch(held[0]):
        return RedirectResponse(f"{desk.base}/sign-in", 303)
    return RedirectResponse(f"{desk.base}/sites/{held[0]}/queue", 303)


async def sign_in(desk: Desk, request: Request) -> Response:
    """The page behind a link: a button, so that what fetches links (mail scanners, previews) uses nothing up."""
    query = query_fields(request, {"site", "link"})
    site, link = (query.get(name, [""])[0] for name in ("site", "link"))
    if not link:
        return desk.pages.answer("sign_in.html", site="", link="", moderator=None)
    moderator = await desk.house.database.read(invited(site, link, desk.house.clock()))
    page = desk.pages.answer("sign_in.html", site=site, link=link, moderator=moderator)
    page.headers.update(PASSING)
    return page


async def signed_in(desk: Desk, request: Request) -> Response:
    """Use the link up, and begin a session with a cookie of its own."""
    same_origin(desk, request)
    form = await body_fields(request, desk.settings.max_body)
    site = needed(text_of(form, "site"), "site")
    link = needed(text_of(form, "link"), "link")
    refuse_others(form)
    held = secret_of(desk, request)
    before = held[1] if held and held[0] == site else None
    agent = request.headers.get("user-agent", "")
    now = desk.house.clock()
    await desk.house.database.read(invited(site, link, now))  # guesses take no turn of the writer
    entered = await desk.house.database.write(enter(site, link, agent, before, now))
    response = RedirectResponse(f"{desk.base}/sites/{site}/queue", 303)
    set_cookie(desk, response, f"{site}.{entered.secret}", SESSION_LIFE // 1000)
    return response


async def signed_out(visit: Visit, form: Form) -> Response:
    """End this session."""
    refuse_others(form)
    await _end(visit, visit.session.digest)
    return _left(visit)


async def list_sessions(visit: Visit) -> Response:
    """Where this moderator is signed in."""
    query_fields(visit.request, ())
    idle_since = visit.now - IDLE_LIFE
    found = await visit.desk.house.database.read(
        sessions.of_moderator(visit.site.id, visit.moderator.id, visit.now, idle_since)
    )
    return visit.page("sessions.html", sessions=found)


async def revoke(visit: Visit, form: Form) -> Response:
    """End one of one's own sessions."""
    refuse_others(form)
    digest = visit.request.path_params["session"]
    if not await _end(visit, digest):
        message = "This session is over already."
        raise NotFound(message)
    return _left(visit) if digest == visit.session.digest else visit.redirect("sessions")


async def revoke_others(visit: Visit, form: Form) -> Response:
    """End all of one's own sessions but this one."""
    refuse_others(form)
    site, moderator, own = visit.site.id, visit.moderator.id, visit.session.digest
    await visit.desk.house.database.write(sessions.revoke_all(site, moderator, visit.now, but=own))
    return visit.redirect("sessions")


def set_cookie(desk: Desk, response: Response, value: str, seconds: int) -> None:
    """Keep a session in the browser: for this host alone, out of reach of scripts, for our own pages."""
    response.set_cookie(
        desk.cookie,
        value,
        max_age=seconds,
        path=desk.cookie_path,
        secure=desk.is_secure,
        httponly=True,
        samesite="lax",
    )


async def _end(visit: Visit, digest: str) -> bool:
    ending = sessions.revoke(visit.site.id, visit.moderator.id, digest, visit.now)
    return await visit.desk.house.database.write(ending)


def _left(visit: Visit) -> Response:
    response = RedirectResponse(f"{visit.desk.base}/sign-in", 303)
    set_cookie(visit.desk, response, "", 0)
    return response
