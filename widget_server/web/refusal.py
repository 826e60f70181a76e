"""Refusals to people without JavaScript: a page that says what is wrong, with what was typed in a form again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from starlette.requests import Request
from starlette.responses import Response

from widget_server.errors import TransomError
from widget_server.web import acting
from widget_server.web.assets import Assets
from widget_server.web.embed import Embed, format_of
from widget_server.web.forms import Value
from widget_server.web.problems import tell
from widget_server.web.rendering import COMMENTS
from widget_server.web.templating import document

TEMPLATE = "refusal.html"

TYPED = frozenset({"text", "name", "action", "format", "token", "idempotency_key"})
"""The fields of our own forms that stand in the page by themselves, or in no form of ours."""


class Refusal:
    """Makes the page that tells of an error."""

    def __init__(self, embed: Embed, assets: Assets) -> None:
        """Read the page's template now."""
        self._embed = embed
        self.style = embed.path + assets.address("page.css")
        self._template = document(TEMPLATE)

    def answer(
        self, error: TransomError, site: str = "", typed: Mapping[str, Value] | None = None
    ) -> Response:
        """The page; `typed` are the fields of a form of our own that was refused, to be sent again."""
        told = tell(error)
        fields = {name: f"{value}" for name, value in (typed or {}).items()}
        widget = fields.get("widget", COMMENTS)
        place = self._embed.rendering.addresses(
            site, fields.get("subject", ""), fields.get("lang", ""), widget
        )
        values = {
            "style": self.style,
            "error": told.error,
            "request_id": told.request_id if told.is_ours else "",
            "wait": told.headers.get("retry-after", ""),
            # A widget without a text to mend is looked at anew, and nothing is sent again.
            "hidden": {name: value for name, value in fields.items() if name not in TYPED}
            if widget == COMMENTS or "text" in fields
            else {},
            "name": fields.get("name"),
            "text": fields.get("text"),
            "target": place["action"],
            "action": fields.get("action", ""),
            "is_thread": widget == COMMENTS,
            "back": f"{place['thread']}&format=page" if fields.get("subject") else "",
        }
        headers = {**headers_of(()), **told.headers}
        return Response(self._template.render(values), told.error.status, headers, "text/html")


async def posted(refusal: Refusal, embed: Embed, request: Request) -> Response:
    """Do one thing; whoever sent a form of our own page without JavaScript reads on a page why it was not done."""
    read: dict[str, Value] = {}
    try:
        return await acting.interactions(embed, request, read)
    except TransomError as error:
        given = read.get("format")
        if given not in {None, "", "page"} or format_of(None, request) != "page":
            raise
        # What another page sent is not put into a form here, which its reader would send in our name.
        is_ours = request.headers.get("origin") == embed.settings.origin
        return refusal.answer(error, request.path_params["site"], read if is_ours else None)


def headers_of(origins: Sequence[str]) -> dict[str, str]:
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
