"""Descriptions: what widgets tell machines of a subject, in the words of schema.org, as JSON-LD."""

from __future__ import annotations

from typing import Any

import orjson
from markupsafe import Markup

from widget_server import identity
from widget_server.store import subjects
from widget_server.vocabulary import Site, Subject, Transaction
from widget_server.widgets.base import Describer, Look, Summary, Widget

CONTEXT = "https://schema.org"

LARGEST = 100_000
"""Bytes of one widget's description."""

ESCAPES = str.maketrans({"<": "\\u003c", ">": "\\u003e", "&": "\\u0026"})
"""So that no text can end the element that holds it."""


def described(widget: Widget, summary: Summary, look: Look) -> str:
    """What a widget tells, as JSON; empty where it tells nothing. Call it under the guard: it is the widget's code."""
    told = widget.describe(summary, look) if isinstance(widget, Describer) else None
    if told is None:
        return ""
    text = orjson.dumps(dict(told)).decode()
    if len(text) > LARGEST or "@type" not in told:
        message = f"A description has a `@type`, and at most {LARGEST} bytes."
        raise ValueError(message)
    return text


def completed(told: str, site: Site, subject: Subject) -> dict[str, Any]:
    """The whole of it, with what is known of the subject; a link only where it leads to the site's own pages."""
    link = identity.page_link(subject.url, site.origins)
    about = {"name": subject.title or subject.key} | ({"url": link} if link else {})
    own: dict[str, Any] = orjson.loads(told)
    return {"@context": CONTEXT, **about, **own}


def data_block(data: dict[str, Any]) -> Markup:
    """A description as an element of a document; a data block is no script, and no policy keeps it away."""
    text = orjson.dumps(data).decode().translate(ESCAPES)
    return Markup(f'<script type="application/ld+json">{text}</script>')  # noqa: S704 - nothing in it ends the element


def stored(site: Site, subject: Subject) -> Transaction[Subject]:
    """A subject as it is stored, by whatever key; the one that was asked for, where none is."""
    key = yield from subjects.resolve(site.id, subject.key)
    return (yield from subjects.get(site.id, key)) or subject
