"""Rendering: widgets' templates, strings and style sheets, each from the widget's own package."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache, partial
from importlib.resources import files
from typing import Any, TypeVar
from urllib.parse import quote, urlencode

import orjson
from jinja2 import Template

from widget_server.errors import Misconfigured
from widget_server.vocabulary import Site, Subject
from widget_server.web.numbers import number, plural
from widget_server.web.templating import spoken
from widget_server.widgets.base import Look, Summary, Widget

ENGLISH = "en"
COMMENTS = "comments"
"""The widget whose page needs no name in the address."""

RIGHT_TO_LEFT = frozenset({"ar", "fa", "he", "ur", "yi"})

LARGEST = 4_000_000
"""Bytes of one widget's part of an answer."""

Strings = Mapping[str, str]
Made = TypeVar("Made", bound=str | bytes)


@dataclass(frozen=True, slots=True)
class Locale:
    """In which language a page is shown."""

    language: str
    direction: str


@dataclass(frozen=True, slots=True)
class _Materials:
    """What one widget brought."""

    templates: Mapping[str, str]
    """The sources, by `widget/file`."""
    fragment: str
    parts: str
    style: str
    strings: Mapping[str, Strings]
    script: str
    made: dict[tuple[str, str], Template] = field(default_factory=dict)
    """Templates in a language, made when they are first asked for."""

    def template(self, name: str, language: str) -> Template:
        """A template in a language."""
        found = self.made.get((name, language))
        if found is None:
            speak = partial(_translate, self.strings, language)
            found = self.made[name, language] = spoken(self.templates, name, speak)
        return found


class Rendering:
    """Makes HTML of summaries."""

    def __init__(self, widgets: Iterable[Widget], public_url: str) -> None:
        """Read every template now, so that a fault in one is found at the start."""
        self._public_url = public_url
        self._base_style = (files("widget_server.widgets") / "base.css").read_text(encoding="utf-8")
        self._materials = {widget.name: _materials(widget.name, *_read(widget)) for widget in widgets}
        self.languages = frozenset(
            language for materials in self._materials.values() for language in materials.strings
        ) | {ENGLISH}
        self._known = {language.lower(): language for language in self.languages}

    @property
    def names(self) -> Iterable[str]:
        """The widgets that there are templates for."""
        return self._materials

    @property
    def scripts(self) -> Mapping[str, str]:
        """The browser modules of those widgets that bring one, by their names."""
        return {name: found.script for name, found in self._materials.items() if found.script}

    def language(self, asked: str | None) -> Locale:
        """The nearest language there is: the asked one, its main language, else English."""
        wanted = (asked or "").strip().lower().replace("_", "-")[:35]
        found = self._known.get(wanted) or self._known.get(wanted.partition("-")[0]) or ENGLISH
        return Locale(found, "rtl" if found.partition("-")[0] in RIGHT_TO_LEFT else "ltr")

    def style(self, names: Iterable[str]) -> str:
        """The style sheets of some widgets, one after the other."""
        chosen = [self._materials[name].style for name in names if name in self._materials]
        return "\n".join([self._base_style, *chosen])

    def fragment(self, widget: Widget, summary: Summary, shown: Locale, look: Look, **more: object) -> str:
        """What the element of a widget holds."""
        materials = self._materials[widget.name]
        template = materials.template(materials.fragment, shown.language)
        text = template.render(self._context(widget, summary, shown, look, more))
        return _bounded(text if more.get("standalone") else _wrapped(text, shown))

    def parts(self, widget: Widget, summary: Summary, shown: Locale, look: Look, **more: object) -> str:
        """What changed after a doing; a widget without a template for that sends its whole fragment."""
        materials = self._materials[widget.name]
        template = materials.template(materials.parts, shown.language)
        return _bounded(template.render(self._context(widget, summary, shown, look, more)))

    def phrase(self, widget: str, key: str, shown: Locale) -> str:
        """One sentence of a widget's, for the live region."""
        return _translate(self._materials[widget].strings, shown.language, key)

    def _context(
        self, widget: Widget, summary: Summary, shown: Locale, look: Look, more: Mapping[str, object]
    ) -> dict[str, Any]:
        strings = self._materials[widget.name].strings
        return {
            "touched": [],
            "verdict": "publish",
            "standalone": False,
            "doing": look.doing,
            **summary,
            **self.place(look.site, look.subject, shown, widget.name),
            **more,
            "t": partial(_translate, strings, shown.language),
            "number": partial(number, shown.language),
        }

    def place(self, site: Site, subject: Subject, shown: Locale, widget: str) -> dict[str, Any]:
        """Where a fragment stands: the addresses that its forms and links need."""
        return {
            "site": site.id,
            "subject": subject.key,
            "lang": shown.language,
            "dir": shown.direction,
            "server": self._public_url,
            **self.addresses(site.id, subject.key, shown.language, widget),
        }

    def addresses(self, site: str, subject: str, language: str, widget: str) -> Mapping[str, str]:
        """Where forms are sent, and where the widget is read on a page of its own."""
        return _addresses(f"{self._public_url}/v1", site, subject, language, widget)


@lru_cache(maxsize=512)
def _addresses(below: str, site: str, subject: str, language: str, widget: str) -> Mapping[str, str]:
    base = f"{below}/{quote(site, safe='')}"
    named = {"subject": subject, "lang": language} | ({} if widget == COMMENTS else {"widget": widget})
    query = urlencode(named, quote_via=quote, safe="")
    return {"action": f"{base}/interactions", "thread": f"{base}/thread?{query}"}


def as_json(summary: Summary, without: Collection[str] = ()) -> orjson.Fragment:
    """A summary as JSON: made under the guard, so that what cannot be written fails its widget alone."""
    chosen = {name: value for name, value in summary.items() if name not in without}
    return orjson.Fragment(_bounded(orjson.dumps(chosen)))


def plain(summary: Summary) -> orjson.Fragment:
    """The same without what only a template needs."""
    return as_json(summary, without={"own", "touched"})


def _bounded(made: Made) -> Made:
    size = len(made.encode() if isinstance(made, str) else made)  # half a character cannot be encoded
    if size > LARGEST:
        message = f"A widget made {size} bytes; at most {LARGEST} are sent."
        raise ValueError(message)
    return made


def _wrapped(text: str, shown: Locale) -> str:
    """A fragment in the box that keeps the page's own style out, with a place to say what became of a doing."""
    start = f'<div class="transom" part="widget" lang="{shown.language}" dir="{shown.direction}">'
    return f'{start}{text}<output part="message"></output></div>'


def _translate(strings: Mapping[str, Strings], language: str, key: str, **values: object) -> str:
    count = values.get("n")
    for each in (language, ENGLISH):
        table = strings.get(each, {})
        text = table.get(key)
        if isinstance(count, int):
            text = table.get(f"{key}.{plural(each, count)}") or text
            values["n"] = number(each, count)
        if text:
            return text.format_map(values) if values else text
    return key


def _read(widget: Widget) -> Iterable[tuple[str, str]]:
    """The texts of a widget's package, with their names."""
    folder = files(widget.package)
    found = {each.name: each for each in folder.iterdir() if each.name.endswith((".html", ".css", ".js"))}
    strings = folder / "strings"
    if strings.is_dir():
        found |= {f"strings/{each.name}": each for each in strings.iterdir() if each.name.endswith(".json")}
    if "fragment.html" not in found:
        message = f"The widget {widget.name!r} has no fragment.html in its package {widget.package}."
        raise Misconfigured(message)
    return [(name, file.read_text(encoding="utf-8")) for name, file in sorted(found.items())]


@lru_cache(maxsize=256)
def _materials(name: str, *read: tuple[str, str]) -> _Materials:
    """What is made of a widget's texts; servers that one process opens share it."""
    texts = dict(read)
    strings: dict[str, Strings] = {
        file.removeprefix("strings/").removesuffix(".json"): orjson.loads(text)
        for file, text in texts.items()
        if file.startswith("strings/")
    }
    templates = {f"{name}/{file}": text for file, text in texts.items() if file.endswith(".html")}
    fragment, parts = f"{name}/fragment.html", f"{name}/parts.html"
    materials = _Materials(
        templates,
        fragment,
        parts if parts in templates else fragment,
        texts.get("style.css", ""),
        strings,
        texts.get("script.js", ""),
    )
    for each in {materials.fragment, materials.parts}:
        materials.template(each, ENGLISH)  # a fault in one is found at the start
    return materials
