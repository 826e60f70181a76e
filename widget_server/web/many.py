"""Many subjects in one answer: their widgets, or their counts; the same for everybody, so kept in the page cache."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson
from starlette.requests import Request

from widget_server.pages import Seen, enabled, see_all
from widget_server.store import many
from widget_server.vocabulary import Site
from widget_server.web.cache import Entry, Made
from widget_server.web.embed import Embed, format_of, names_in, subjects_of, widgets_of
from widget_server.web.forms import one, query_fields
from widget_server.web.rendering import COMMENTS, Locale, plain
from widget_server.widgets.base import Look, Summary, Widget

COUNT = "count"


@dataclass(frozen=True, slots=True)
class Places:
    """Some subjects of a site by what each was called, and a look at each; two names may mean the same."""

    site: Site
    keys: Mapping[str, str]
    looks: Sequence[Look]

    @classmethod
    def of(cls, site: Site, asked: Sequence[str], now: int, doing: str = "page") -> Places:
        """The subjects that a request names."""
        subjects = subjects_of(site, asked)
        different = {subject.key: subject for subject in subjects.values()}
        looks = [Look(site, subject, now, doing) for subject in different.values()]
        return cls(site, {given: subject.key for given, subject in subjects.items()}, looks)

    @property
    def about(self) -> frozenset[tuple[str, str]]:
        """Whose change makes an answer stale, as far as that is known before anything was read."""
        return frozenset((self.site.id, look.subject.key) for look in self.looks)

    def told(self, seen: Sequence[Seen]) -> dict[str, Any]:
        """What was found at these looks, by the names that were given."""
        made = {look.subject.key: each.made for look, each in zip(self.looks, seen, strict=True)}
        degraded = dict.fromkeys(name for each in seen for name in each.degraded)
        subjects = {given: made[key] for given, key in self.keys.items()}
        return {"subjects": subjects, "degraded": list(degraded)}


async def pages(embed: Embed, request: Request, places: Places, query: Mapping[str, Sequence[str]]) -> Entry:
    """Widgets of several subjects."""
    names = widgets_of(embed, places.looks[0], one(query, "widgets"))
    locale = embed.rendering.language(one(query, "lang"))
    is_html = format_of(one(query, "format") or "json", request) == "fragments"

    def of(widget: Widget, summary: Summary, look: Look) -> object:
        return embed.rendering.fragment(widget, summary, locale, look) if is_html else plain(summary)

    async def make() -> Made:
        seen = await see_all(embed.house, places.looks, names, None, of)
        body = places.told(seen)
        about = places.about | {(places.site.id, each.key) for each in seen}
        if is_html:
            body |= embed.dress(names, locale)
        until = min((each.until for each in seen if each.until is not None), default=None)
        return Made(orjson.dumps(body), about, lasting=not body["degraded"], until=until)

    return await embed.cache.fetch(_address(request), places.about, make)


async def counts(embed: Embed, request: Request) -> Entry:
    """How many published comments each of some subjects has."""
    query = query_fields(request, {"subject", "lang", "format"}, repeated={"subject"})
    site = await embed.site(request)
    places = Places.of(site, names_in(query.get("subject", [])), embed.house.clock())
    locale = embed.rendering.language(one(query, "lang"))
    is_html = format_of(one(query, "format") or "json", request) == "fragments"

    async def make() -> Made:
        found = await embed.house.database.read(many.known(site.id, places.keys.values(), [COMMENTS]))
        numbers = {key: known.counts.get(COMMENTS, {}).get("published", 0) for key, known in found.items()}
        about = places.about | {(site.id, known.subject) for known in found.values()}
        if is_html:
            return Made(orjson.dumps(_labelled(embed, places, numbers, locale)), about)
        return Made(
            orjson.dumps({"counts": {given: numbers[key] for given, key in places.keys.items()}}), about
        )

    return await embed.cache.fetch(_address(request), places.about, make)


def _labelled(embed: Embed, places: Places, numbers: Mapping[str, int], locale: Locale) -> dict[str, object]:
    """The same as what elements show; nothing where the site has no such widget."""
    widget = embed.house.widgets[COUNT].thing
    shown = {
        look.subject.key: embed.rendering.fragment(widget, {"count": numbers[look.subject.key]}, locale, look)
        for look in places.looks
        if COUNT in enabled(embed.house, look)
    }
    made = {given: shown[key] for given, key in places.keys.items() if key in shown}
    return {"widgets": made, "lang": locale.language, "css": embed.rendering.style([COUNT])}


def _address(request: Request) -> tuple[str, bytes]:
    return request.scope["path"], request.scope["query_string"]
