"""Reading: pages, and further parts of a thread; the same for everybody, so kept in the page cache."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace

import orjson
from starlette.requests import Request
from starlette.types import Receive, Scope, Send

from widget_server.errors import FieldInvalid, PluginFailed
from widget_server.ids import is_uuid
from widget_server.pages import Seen, see
from widget_server.visits import Make
from widget_server.web.cache import Entry, Made
from widget_server.web.describing import completed, described, stored
from widget_server.web.embed import Embed, format_of, names_in, subject_of, widgets_of
from widget_server.web.fastpath import send_entry
from widget_server.web.forms import one, query_fields
from widget_server.web.fragments import Making, Piece
from widget_server.web.many import Places, pages
from widget_server.web.rendering import COMMENTS, Locale, plain
from widget_server.widgets.base import Look, Summary, Widget

Answer = Callable[[Embed, Request], Awaitable[Entry]]


class Read:
    """An endpoint whose answer is the same for everybody."""

    def __init__(self, embed: Embed, answer: Answer) -> None:
        """`answer` makes it, or takes it from the cache."""
        self._embed = embed
        self._answer = answer

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        entry = await self._answer(self._embed, Request(scope, receive))
        await send_entry(entry, scope, send)


async def page(embed: Embed, request: Request) -> Entry:
    """All widgets of one subject or of several, in one answer."""
    query = query_fields(request, {"subject", "widgets", "lang", "format"}, repeated={"subject"})
    site = await embed.site(request)
    asked = names_in(query.get("subject", []))
    if len(asked) > 1:
        return await pages(embed, request, Places.of(site, asked, embed.house.clock()), query)
    look = Look(site, subject_of(site, one(query, "subject")), embed.house.clock())
    names = widgets_of(embed, look, one(query, "widgets"))
    locale = embed.rendering.language(one(query, "lang"))
    is_html = format_of(one(query, "format") or "json", request) == "fragments"
    making = embed.cache.fragments.begun((site.id, look.subject.key))

    async def make() -> Made:
        def of(widget: Widget, summary: Summary, look: Look) -> tuple[object, str]:
            made = embed.rendering.fragment(widget, summary, locale, look) if is_html else plain(summary)
            return made, described(widget, summary, look)

        if is_html:
            seen = await _with_kept(embed, look, names, locale, of=of, making=making)
        else:
            seen = await see(embed.house, look, names, None, of)
        body: dict[str, object] = {
            "subject": look.subject.key,
            "widgets": {name: made for name, (made, _) in seen.made.items()},
            "degraded": seen.degraded,
        }
        told = {name: each for name, (_, each) in seen.made.items() if each}
        if told:
            subject = await embed.house.database.read(stored(site, look.subject))
            body["data"] = {name: completed(each, site, subject) for name, each in told.items()}
        if is_html:
            body |= embed.dress(names, locale)
            if COMMENTS in names and embed.is_told(site):
                body["live"] = embed.live
        return _made(look, seen, body)

    return await _kept(embed, request, look, make)


async def _with_kept(
    embed: Embed, look: Look, names: Sequence[str], locale: Locale, *, of: Make, making: Making
) -> Seen:
    """See the widgets whose fragments are not kept, and keep those that nothing else can change."""
    fragments, place = embed.cache.fragments, making.place
    kept = {
        name: (piece.html, piece.told)
        for name in names
        if (piece := fragments.get(place, (name, locale.language))) is not None
    }
    seen = await see(embed.house, look, [name for name in names if name not in kept], None, of)
    for name, made in seen.made.items() if seen.key == look.subject.key else ():
        if name in seen.tallies:
            fragments.keep(making, (name, locale.language), Piece(*made), frozenset(seen.tallies[name]))
    every = {**kept, **seen.made}
    return replace(seen, made={name: every[name] for name in names if name in every})


async def thread(embed: Embed, request: Request) -> Entry:
    """A further part of a thread: the next roots, or more replies under one."""
    query = query_fields(request, {"subject", "widget", "after", "root", "lang", "format", "reply"})
    site = await embed.site(request)
    look = Look(
        site,
        subject_of(site, one(query, "subject")),
        embed.house.clock(),
        doing="thread",
        after=one(query, "after"),
        root=root_of(one(query, "root")),
    )
    name = one(query, "widget") or COMMENTS
    locale = embed.rendering.language(one(query, "lang"))
    is_html = format_of(one(query, "format"), request) == "fragments"

    async def make() -> Made:
        def of(widget: Widget, summary: Summary, look: Look) -> object:
            return embed.rendering.parts(widget, summary, locale, look) if is_html else plain(summary)

        seen = await see(embed.house, look, [name], None, of)
        if seen.degraded:
            raise PluginFailed
        made = seen.made[name]
        return _made(look, seen, {"parts": made} if is_html else made)

    return await _kept(embed, request, look, make, by_accept=one(query, "format") is None)


def root_of(given: str | None) -> str | None:
    """The root whose replies are asked for, which has to be a comment's id."""
    if given is not None and not is_uuid(given):
        message = "The root is not a comment's id."
        raise FieldInvalid(message, field="root")
    return given


async def _kept(
    embed: Embed,
    request: Request,
    look: Look,
    make: Callable[[], Awaitable[Made]],
    *,
    by_accept: bool = False,
) -> Entry:
    path, query = request.scope["path"], request.scope["query_string"]
    if by_accept:  # under a name that no address has: the fast path does not look at `Accept`
        query = b"json " + query
    about = frozenset({(look.site.id, look.subject.key)})
    return embed.cache.get((path, query)) or await embed.cache.fetch((path, query), about, make)


def _made(look: Look, seen: Seen, body: object) -> Made:
    """The answer; one that lacks a widget is kept for a moment only, since nothing will tell when it is back."""
    about = frozenset({(look.site.id, look.subject.key), (look.site.id, seen.key)})
    return Made(orjson.dumps(body), about, lasting=not seen.degraded, until=seen.until)
