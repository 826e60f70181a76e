"""The page that works without JavaScript: the same fragment, its forms and links, in a document of its own."""

from __future__ import annotations

from importlib.resources import files

from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from widget_server import identity
from widget_server.ids import is_uuid
from widget_server.pages import see
from widget_server.store import subjects
from widget_server.vocabulary import Site, Subject, Transaction
from widget_server.web.acting import known_or_none
from widget_server.web.assets import Assets
from widget_server.web.embed import Embed, format_of, subject_of
from widget_server.web.forms import query_fields
from widget_server.web.reading import COMMENTS, Read, thread
from widget_server.web.rendering import environment_of
from widget_server.widgets.base import Look, Summary, Widget

FIELDS = frozenset({"subject", "after", "root", "lang", "format", "reply"})


class Thread:
    """A thread for whoever asks: JSON and fragments from the cache, or a document for a browser without JavaScript."""

    def __init__(self, embed: Embed, assets: Assets) -> None:
        """Read the document's template now."""
        self._embed = embed
        self._style = assets.address("page.css")
        source = (files("widget_server.web") / "templates" / "thread.html").read_text(encoding="utf-8")
        self._template = environment_of({"thread.html": source}).get_template("thread.html")
        self._read = Read(embed, thread)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        request = Request(scope, receive)
        given = query_fields(request, FIELDS).get("format", [""])[0] or None
        if format_of(given, request) == "page":
            response = await self._document(request)
            await response(scope, receive, send)
        else:
            await self._read(scope, receive, send)

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
            doing="thread" if "root" in query else "page",
            after=query.get("after"),
            root=query.get("root"),
        )
        locale = embed.rendering.language(query.get("lang"))

        def of(widget: Widget, summary: Summary) -> str:
            more = {"standalone": True, "reply": reply if is_uuid(reply) else ""}
            return embed.rendering.fragment(widget, summary, locale, look, **more)

        seen = await see(embed.house, look, [COMMENTS], known_or_none(embed, request, site), of)
        text = self._template.render(
            embed.rendering.place(site, stored, locale)
            | {
                "title": stored.title or stored.key,
                "url": identity.page_link(stored.url, site.origins),
                "style": self._style,
                "fragment": Markup(seen.made.get(COMMENTS, "")),  # noqa: S704 - made by the widget's own template
            }
        )
        return Response(text, headers=_headers(site), media_type="text/html")


def _stored(site: Site, subject: Subject) -> Transaction[Subject]:
    key = yield from subjects.resolve(site.id, subject.key)
    return (yield from subjects.get(site.id, key)) or subject


def _headers(site: Site) -> dict[str, str]:
    """The document runs no script, and only pages of the site may frame it."""
    ancestors = " ".join(site.origins) or "'none'"
    policy = (
        "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none';"
        f" frame-ancestors 'self' {ancestors}"
    )
    return {
        "content-security-policy": policy,
        "cache-control": "private, no-store",
        "vary": "cookie, accept",
        "referrer-policy": "same-origin",
        "x-content-type-options": "nosniff",
    }
