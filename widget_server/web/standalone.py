"""The page that works without JavaScript: the same fragments, their forms and links, in a document of its own."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import quote

from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from widget_server import identity
from widget_server.errors import PluginFailed, TransomError
from widget_server.ids import is_uuid
from widget_server.pages import see
from widget_server.store import subjects
from widget_server.vocabulary import Site, Subject, Transaction
from widget_server.web.acting import known_or_none
from widget_server.web.describing import completed, data_block, described, stored
from widget_server.web.embed import Embed, format_of, subject_of, widgets_of
from widget_server.web.forms import query_fields
from widget_server.web.reading import Read, root_of, thread
from widget_server.web.refusal import Refusal, headers_of
from widget_server.web.rendering import COMMENTS
from widget_server.web.templating import document
from widget_server.widgets.base import Look, Summary, Widget

THREAD = "thread.html"

FIELDS = frozenset({"subject", "widget", "widgets", "after", "root", "lang", "format", "reply"})


class Thread:
    """A thread for whoever asks: JSON and fragments from the cache, or a document for a browser without JavaScript."""

    def __init__(self, embed: Embed, refusal: Refusal) -> None:
        """Read the document's template now."""
        self._embed = embed
        self._refusal = refusal
        self._thread = document(THREAD)
        self._read = Read(embed, thread)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        request = Request(scope, receive)
        given = query_fields(request, FIELDS).get("format", [""])[0] or None
        if format_of(given, request) == "page":
            response = await self._answer(request)
            await response(scope, receive, send)
        else:
            await self._read(scope, receive, send)

    async def _answer(self, request: Request) -> Response:
        """The document, or why there is none, on a page that a person can read."""
        try:
            return await self._document(request)
        except TransomError as error:
            return self._refusal.answer(error)

    async def _document(self, request: Request) -> Response:
        embed = self._embed
        query = {name: values[0] for name, values in query_fields(request, FIELDS).items() if values[0]}
        site = await embed.site(request)
        subject = await embed.house.database.read(stored(site, subject_of(site, query.get("subject"))))
        look = Look(
            site,
            subject,
            embed.house.clock(),
            doing="thread" if {"root", "after"} & query.keys() else "page",  # a further part may be refused
            after=query.get("after"),
            root=root_of(query.get("root")),
        )
        locale = embed.rendering.language(query.get("lang"))
        named, reply = query.get("widgets"), query.get("reply", "")
        names = widgets_of(embed, look, named) if named else [query.get("widget", COMMENTS)]
        more: dict[str, object] = {"standalone": True, "reply": reply if is_uuid(reply) else ""}
        place = embed.rendering.place(site, subject, locale, names[0])
        if named:  # so that the way back leads to the same widgets
            more["action"] = f"{place['action']}?widgets={quote(named, safe='')}"

        def of(widget: Widget, summary: Summary, look: Look) -> tuple[str, str]:
            fragment = embed.rendering.fragment(widget, summary, locale, look, **more)
            return fragment, described(widget, summary, look)

        seen = await see(embed.house, look, names, known_or_none(embed, request, site), of)
        if not seen.made:
            raise PluginFailed
        made = [seen.made[name] for name in names if name in seen.made]
        text = self._thread.render(
            place
            | {
                "title": subject.title or subject.key,
                "url": identity.page_link(subject.url, site.origins),
                "style": self._refusal.style,
                "fragments": _safe([fragment for fragment, _ in made]),
                "data": [data_block(completed(told, site, subject)) for _, told in made if told],
            }
        )
        return Response(text, headers=headers_of(site.origins), media_type="text/html")


def _safe(fragments: Sequence[str]) -> list[Markup]:
    """Made by the widgets' own templates, which escape."""
    return [Markup(each) for each in fragments]  # noqa: S704 - see there


def _stored(site: Site, subject: Subject) -> Transaction[Subject]:
    key = yield from subjects.resolve(site.id, subject.key)
    return (yield from subjects.get(site.id, key)) or subject
