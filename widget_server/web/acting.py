"""Acting: people's interactions, and what is theirs on a page."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from functools import partial
from typing import Any
from urllib.parse import quote

import orjson
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from widget_server import identity
from widget_server.doing import Doing, Outcome
from widget_server.errors import FieldUnknown, NotFound, OriginNotAllowed, TokenInvalid, Unavailable
from widget_server.ids import is_uuid
from widget_server.interact import perform_and
from widget_server.pages import Seen, glance, see, see_all, shown
from widget_server.people import guests
from widget_server.store import comments
from widget_server.vocabulary import Person, Role, Site, Subject, Transaction, Verdict
from widget_server.web.describing import completed, described, stored
from widget_server.web.embed import Embed, format_of, names_in, widgets_of
from widget_server.web.forms import Value, body_fields, needed, refuse_others, text_of
from widget_server.web.many import Places
from widget_server.web.rendering import COMMENTS, Locale, as_json
from widget_server.widgets.base import Look, Summary, Widget

logger = logging.getLogger(__name__)

DAY = 86_400_000
COOKIE_LIFE = 400 * 86_400


@dataclass(frozen=True, slots=True)
class _Actor:
    """Who acts: the person, and the token that goes back where there is a new one."""

    person: Person
    token: str | None


async def interactions(embed: Embed, request: Request, read: dict[str, Value] | None = None) -> Response:
    """Do one thing, and answer with what became of it; `read` gets the fields, for who has to show them again."""
    site = await embed.site(request)
    origin = allowed_origin(embed, request, site)
    fields = await body_fields(request, embed.settings.max_body)
    if read is not None:
        read |= fields
    return await _done(embed, request, site, origin, fields)


async def interaction(embed: Embed, request: Request) -> Response:
    """Edit (`PATCH`) or delete (`DELETE`) one comment, for clients that are no browsers."""
    site = await embed.site(request)
    origin = allowed_origin(embed, request, site)
    fields = await body_fields(request, embed.settings.max_body)
    comment = request.path_params["id"]
    if not fields.get("token"):
        needed(None, "token")
    stored = await embed.house.database.read(comments.get(site.id, comment)) if is_uuid(comment) else None
    if stored is None:
        raise NotFound
    named = {"subject": stored.subject, "widget": stored.widget, "id": comment}
    for name in (*named, "action"):
        if name in fields:
            message = f"The address says it already: leave {name!r} out."
            raise FieldUnknown(message, field=name)
    action = "edit" if request.method == "PATCH" else "delete"
    return await _done(embed, request, site, origin, {**fields, **named, "action": action})


async def _done(
    embed: Embed, request: Request, site: Site, origin: str, fields: dict[str, Value]
) -> Response:
    locale = embed.rendering.language(text_of(fields, "lang"))
    wanted = format_of(text_of(fields, "format"), request)
    doing, actor = _doing(embed, request, site, fields, origin)
    outcome, summary = await perform_and(embed.house, doing, partial(_glance, embed, doing))
    if wanted == "page":
        return _back(embed, site, doing, actor, locale, named=request.query_params.get("widgets", ""))
    answer = await _after(embed, doing, outcome, summary, locale, is_html=wanted == "fragments")
    if actor.token and (outcome.changed or doing.now - outcome.interaction.at < DAY):
        answer["token"] = (
            actor.token
        )  # an idempotency key that comes to light later must not bring the token back
    return private(answer, origin)


async def session(embed: Embed, request: Request) -> Response:
    """What is one person's own on a page, or on several subjects: read with the token, never kept."""
    site = await embed.site(request)
    origin = allowed_origin(embed, request, site)
    fields = await body_fields(request, embed.settings.max_body)
    now = embed.house.clock()
    person, fresh = guests.known(embed.house.tokens, needed(text_of(fields, "token"), "token"), site.id, now)
    embed.limits.read.take(f"{site.id} {embed.network(request)}")
    asked = names_in([text_of(fields, "subject") or ""])
    places = Places.of(site, asked, now, doing="session")
    names = widgets_of(embed, places.looks[0], text_of(fields, "widgets"))
    locale = embed.rendering.language(text_of(fields, "lang"))
    is_html = format_of(text_of(fields, "format") or "json", request) == "fragments"
    refuse_others(fields)

    def of(widget: Widget, summary: Summary, look: Look) -> object:
        return embed.rendering.parts(widget, summary, locale, look) if is_html else as_json(summary)

    seen = await see_all(embed.house, places.looks, names, person, of)
    answer: dict[str, Any] = {"person": {"id": person.id}}
    if len(asked) > 1:
        answer |= places.told(seen)
    else:
        answer |= {"parts" if is_html else "widgets": seen[0].made, "degraded": seen[0].degraded}
    return private(answer | ({"token": fresh} if fresh else {}), origin)


def allowed_origin(embed: Embed, request: Request, site: Site) -> str:
    """The page's origin, which must be one of the site's or the server's own."""
    origin = request.headers.get("origin")
    if origin is None:
        message = "The request has no Origin header, so it comes from no page of this site."
        raise OriginNotAllowed(message)
    embed.check_origin(site, origin)
    return origin


def private(answer: dict[str, Any], origin: str) -> Response:
    """An answer for one person: never kept by anybody, readable by the page that asked."""
    return Response(
        orjson.dumps(answer),
        headers={
            "cache-control": "no-store",
            "access-control-allow-origin": origin,
            "vary": "origin",
        },
        media_type="application/json",
    )


def _doing(
    embed: Embed, request: Request, site: Site, fields: dict[str, Value], origin: str
) -> tuple[Doing, _Actor]:
    """The request as a doing; what is left of the fields is the action's own."""
    now = embed.house.clock()
    key = guests.checked_key(text_of(fields, "idempotency_key"))
    url, title = text_of(fields, "url"), text_of(fields, "title")
    subject = identity.identify(site, text_of(fields, "subject"), url, title)
    widget = needed(text_of(fields, "widget"), "widget")
    action = needed(text_of(fields, "action"), "action")
    client = embed.network(request)
    token = text_of(fields, "token") or _cookie(embed, request, site, origin)
    if embed.house.role_of(widget, action) is Role.READER:
        embed.limits.read.take(f"{site.id} {client}")
        reader = _reader(embed, site, token, now)
        return Doing(site, subject, widget, action, fields, reader, now, Role.READER), _Actor(reader, None)
    actor = (
        _Actor(*guests.known(embed.house.tokens, token, site.id, now))
        if token is not None
        else _new_guest(embed, site, client, key, now)
    )
    embed.limits.client.take(f"{site.id} {client}")
    embed.limits.person.take(f"{site.id} {actor.person.id}")
    embed.limits.site.take(site.id)
    marked = embed.house.tokens.mark(site.id, client, now // DAY)
    return Doing(site, subject, widget, action, fields, actor.person, now, key=key, client=marked), actor


def _reader(embed: Embed, site: Site, token: str | None, now: int) -> Person:
    """Whoever reads: nobody, unless a token in hand says who, which a widget may ask and the record does not keep."""
    try:
        return guests.known(embed.house.tokens, token or "", site.id, now)[0]
    except TokenInvalid:
        return Person(site.id, "")


def _new_guest(embed: Embed, site: Site, client: str, key: str | None, now: int) -> _Actor:
    embed.limits.new.take(f"{site.id} {client}")
    return _Actor(*guests.new(embed.house.tokens, site.id, key, now))


def _glance(embed: Embed, doing: Doing, outcome: Outcome) -> Transaction[Summary | None]:
    return glance(embed.house, _look(doing, outcome), doing.widget, outcome)


def _look(doing: Doing, outcome: Outcome) -> Look:
    return Look(doing.site, doing.subject, doing.now, doing=doing.action, touched=outcome.interaction.target)


async def _after(
    embed: Embed, doing: Doing, outcome: Outcome, summary: Summary | None, locale: Locale, *, is_html: bool
) -> dict[str, Any]:
    """What the answer says: what was done, and what the widget shows now."""
    interaction, look = outcome.interaction, _look(doing, outcome)
    verdict = str(interaction.verdict)

    def of(widget: Widget, summary: Summary, look: Look) -> tuple[object, str]:
        if is_html:
            made = embed.rendering.parts(widget, summary, locale, look, verdict=verdict)
            return made, described(widget, summary, look)
        return as_json(summary), ""

    try:
        if summary is None:
            seen = await see(embed.house, look, [doing.widget], doing.person, of)
        else:
            seen = await shown(embed.house, look, doing.widget, summary, of)
    except Unavailable:  # it is done and durable all the same; a reload shows it
        logger.exception("the answer to an interaction could not be made")
        seen = Seen(doing.subject.key, {}, [doing.widget])
    made, told = seen.made.get(doing.widget, (None, ""))
    answer: dict[str, Any] = {
        "id": interaction.id,
        "verdict": verdict,
        "reasons": list(interaction.reasons),
        "person": {"id": outcome.person.id, "name": outcome.person.name},
        "widget": doing.widget,
        "degraded": seen.degraded,
    }
    if is_html:
        said = doing.action if interaction.verdict is Verdict.PUBLISH else verdict
        if told:
            answer["data"] = {doing.widget: completed(told, doing.site, await _subject(embed, doing))}
        phrase = embed.rendering.phrase
        return answer | {
            "parts": made or "",
            "message": phrase(doing.widget, f"said.{said}", locale) if doing.role is Role.PERSON else "",
        }
    return answer | {"summary": made}


async def _subject(embed: Embed, doing: Doing) -> Subject:
    """What is known of the subject; what the doing knew of it, where that cannot be read now."""
    try:
        return await embed.house.database.read(stored(doing.site, doing.subject))
    except Unavailable:
        return doing.subject


def _cookie(embed: Embed, request: Request, site: Site, origin: str) -> str | None:
    """The token of somebody without JavaScript: a cookie of ours, believed only on our own pages."""
    if not identity.allowed_origin(origin, (embed.settings.origin,)):
        return None
    token = request.cookies.get(f"transom-{site.id}")
    try:
        if token:
            guests.known(embed.house.tokens, token, site.id, embed.house.clock())
    except TokenInvalid:
        return None
    return token


def _back(embed: Embed, site: Site, doing: Doing, actor: _Actor, locale: Locale, *, named: str) -> Response:
    """Back to the page that works without JavaScript: a redirect, so that a reload posts nothing again.

    `named` are the widgets that the page showed, as its address names them; else it is the widget's own page.
    """
    place = embed.rendering.place(site, doing.subject, locale, COMMENTS if named else doing.widget)
    shown = f"&widgets={quote(named, safe='')}" if named else ""
    response = RedirectResponse(f"{place['thread']}{shown}&format=page", 303, {"cache-control": "no-store"})
    if actor.token:
        response.set_cookie(
            f"transom-{site.id}",
            actor.token,
            max_age=COOKIE_LIFE,
            path=f"{embed.path}/v1/{site.id}",
            secure=embed.settings.public_url.startswith("https:"),
            httponly=True,
            samesite="lax",
        )
    return response


def known_or_none(embed: Embed, request: Request, site: Site) -> Person | None:
    """Whom the cookie of the page without JavaScript names."""
    token = request.cookies.get(f"transom-{site.id}")
    if not token:
        return None
    try:
        return guests.known(embed.house.tokens, token, site.id, embed.house.clock())[0]
    except (TokenInvalid, NotFound):
        return None
