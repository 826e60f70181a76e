"""The page that works without JavaScript: the same fragment, its forms and links, in a document of its own."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.resources import files

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
from widget_server.web.assets import Assets
from widget_server.web.embed import Embed, format_of, subject_of
from widget_server.web.forms import query_fields
from widget_server.web.problems import tell
from widget_server.web.reading import COMMENTS, Read, root_of, thread
from widget_server.web.rendering import environment_of
from widget_server.widgets.base import Look, Summary, Widget

THREAD = "thread.html"
REFUSAL = "refusal.html"

FIELDS = frozenset({"subject", "after", "root", "lang", "format", "reply"})


class Thread:
    """A thread for whoever asks: JSON and fragments from the cache, or a document for a browser without JavaScript."""

    def __init__(self, embed: Embed, assets: Assets) -> None:
        """Read the document's template now."""
        self._embed = embed
        self._style = embed.path + assets.address("page.css")
        folder = files("widget_server.web") / "templates"
        texts = {name: (folder / name).read_text(encoding="utf-8") for name in (THREAD, REFUSAL)}
        environment = environment_of(texts)
        self._thread, self._refusal = (environment.get_template(name) for name in texts)
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
            told = tell(error)
        values = {
            "style": self._style,
            "error": told.error,
            "request_id": told.request_id if told.is_ours else "",
        }
        headers = {**_headers(()), **told.headers}
        return Response(self._refusal.render(values), told.error.status, headers, "text/html")

    async def _document(self, request: Request) -> Response:
        embed = self._embed
        query = {name: values[0] for name, values in query_fields(request, FIELDS).items() if values[0]}
        site = await embed.site(request)
        stored = await embed.house.database.read(_stored(site, subject_of(site, query.get("subject"))))
        reply = query.get("reply", "")
        look = Look(
            site,
            stored,
            embed.house.clock(),
            doing="thread" if {"root", "after"} & query.keys() else "page",  # a further part may be refused
            after=query.get("after"),
            root=root_of(query.get("root")),
        )
        locale = embed.rendering.language(query.get("lang"))

        def of(widget: Widget, summary: Summary) -> str:
            more = {"standalone": True, "reply": reply if is_uuid(reply) else ""}
            return embed.rendering.fragment(widget, summary, locale, look, **more)

        seen = await see(embed.house, look, [COMMENTS], known_or_none(embed, request, site), of)
        if seen.degraded:
            raise PluginFailed
        text = self._thread.render(
            embed.rendering.place(site, stored, locale)
            | {
                "title": stored.title or stored.key,
                "url": identity.page_link(stored.url, site.origins),
                "style": self._style,
                "fragment": Markup(seen.made[COMMENTS]),  # noqa: S704 - made by the widget's own template
            }
        )
        return Response(text, headers=_headers(site.origins), media_type="text/html")


def _stored(site: Site, subject: Subject) -> Transaction[Subject]:
    key = yield from subjects.resolve(site.id, subject.key)
    return (yield from subjects.get(site.id, key)) or subject


def _headers(origins: Sequence[str]) -> dict[str, str]:
    """The document runs no script, and only pages of the site, with these origins, may frame it."""
    ancestors = " ".join(origins)
    policy = (
        "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none';"
        f" frame-ancestors 'self' {ancestors}".rstrip()
    )
    return {
        "content-security-policy": policy,
        "cache-control": "private, no-store",
        "vary": "cookie, accept",
        "referrer-policy": "same-origin",
        "x-content-type-options": "nosniff",
    }
