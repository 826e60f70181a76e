"""What every widget keeps to, as tests that a widget's own test class inherits."""

from __future__ import annotations

import asyncio
import inspect
import json
from collections.abc import AsyncIterator, Iterator, Mapping
from importlib.resources import files
from itertools import product
from pathlib import Path
from typing import Any

import orjson
import pytest

from widget_server.app import Server, opened
from widget_server.doing import Doing, Outcome
from widget_server.errors import Refused
from widget_server.fields import chosen_of, schema_fault
from widget_server.ids import uuid7
from widget_server.interact import perform
from widget_server.pages import see
from widget_server.plugins import Plugin
from widget_server.settings import load
from widget_server.store import sites
from widget_server.store.mine import held
from widget_server.testing import keepers
from widget_server.testing.html import faults
from widget_server.testing.sources import foreign
from widget_server.visits import Make
from widget_server.vocabulary import Intent, Person, Role, Site, SiteSettings, Subject
from widget_server.web.rendering import Rendering, as_json
from widget_server.widgets.base import (
    Action,
    Emoji,
    Field,
    Flag,
    Id,
    Keeper,
    Lines,
    Look,
    Moment,
    OneOf,
    Summary,
    Text,
    Whole,
    Widget,
    schema_of,
)

NOW = 1_800_000_000_000
SITE = Site("blog", "Blog", ("https://blog.example",), SiteSettings(), NOW)
HOSTILE = "\"'><img src=x onerror=alert(1)>{{ 7 * 7 }}"
"""A subject that tries to become more than a text."""


class WidgetContract:
    """Inherit from it, and have a fixture `widget`, in the class or in conftest.py; override no test away."""

    @pytest.fixture
    async def server(self, widget: Widget, tmp_path: Path) -> AsyncIterator[Server]:
        """A server on an empty folder that has the widget, by whatever door it came."""
        settings = load({}, None, {"data": str(tmp_path / "data"), "public_url": "https://talk.example"})
        extra = {widget.name: Plugin(widget.name, "under test", widget.version, widget)}
        async with opened(settings, clock=lambda: NOW, extra=extra) as server:
            assert server.house.broken == []
            await server.house.database.write(sites.add(SITE))
            yield server

    @pytest.fixture
    def rendering(self, widget: Widget) -> Rendering:
        """What makes the widget's HTML."""
        return Rendering([widget], "https://talk.example")

    def test_it_says_who_it_is(self, widget: Widget) -> None:
        """Its name can stand in an element's name and in an address."""
        assert widget.name.isascii()
        assert widget.name.replace("-", "").isalnum()
        assert widget.name == widget.name.lower()
        assert widget.title
        assert widget.version
        assert (files(widget.package) / "fragment.html").is_file()

    def test_it_uses_vocabulary_and_errors_alone(self, widget: Widget) -> None:
        """So that nothing else of the server can change under it."""
        module = inspect.getmodule(type(widget))
        assert module is not None
        assert foreign(module, "widget_server.widgets.base", widget.package) == []

    def test_its_settings_are_sound(self, widget: Widget) -> None:
        """Each has a kind and a default that fits, and the defaults go together."""
        assert schema_fault(schema_of(widget)) == ""
        assert chosen_of(widget, {}, {}) == {}

    def test_its_strings_are_whole_in_every_language(self, widget: Widget) -> None:
        """Each language says the same, with the same gaps to fill."""
        tables = dict(_strings(widget))
        english = tables.get("en", {})
        for language, table in tables.items():
            plurals = {key for key in table if "." in key and key.rpartition(".")[0] in english}
            assert set(english) - {key for key in english if key.endswith(".one")} <= set(table), language
            assert set(table) - plurals <= set(english), language
            for key in set(table) & set(english):
                assert all(table[key].strip()), (language, key)

    def test_its_actions_say_what_they_take(self, widget: Widget) -> None:
        """Every text and number is bounded."""
        for name, action in widget.actions.items():
            assert name.isidentifier(), name
            assert name not in {"page", "session", "thread"}, "these are looks"
            assert action.title, name
            for field in action.fields.values():
                assert isinstance(field, Field), name
                if isinstance(field, Text | Whole):
                    assert field.least <= field.most < 2**63, name

    def test_it_accepts_without_side_effects(self, widget: Widget) -> None:
        """The same fields give the same intent, and stay as they were."""
        for name, action in widget.actions.items():
            fields = good_fields(action, uuid7(NOW))
            before = dict(fields)
            intents = [_accepted(widget, name, fields) for _ in range(2)]
            assert intents[0] == intents[1], name
            assert fields == before, name
            assert intents[0] is None or isinstance(intents[0], Intent), name

    async def test_everybody_sees_it(self, widget: Widget, server: Server, rendering: Rendering) -> None:
        """As JSON, and as HTML in every language, on a page where nothing was done yet."""
        look = Look(SITE, Subject(SITE.id, HOSTILE), NOW)
        summaries = await see(server.house, look, [widget.name], None, _plain)
        assert summaries.degraded == []
        assert json.loads(summaries.made[widget.name]) is not None
        for language in (*sorted(rendering.languages), "xx"):
            seen = await see(server.house, look, [widget.name], None, _html(rendering, language))
            assert seen.degraded == [], language
            assert faults(seen.made[widget.name]) == [], language
            assert HOSTILE not in seen.made[widget.name]

    async def test_each_of_its_actions_is_done_or_refused(
        self, widget: Widget, server: Server, rendering: Rendering
    ) -> None:
        """And after it the widget shows to the person, and to everybody, what there is now."""
        for name, action in widget.actions.items():
            outcome = await _done(server, widget, name, action)
            for person in (outcome.person if outcome else None, None):
                doing = name if person else "page"
                look = Look(
                    SITE,
                    Subject(SITE.id, name),
                    NOW,
                    doing=doing,
                    touched=outcome.interaction.target if outcome and person else None,
                )
                for make in (_plain, _html(rendering, "en"), _parts(rendering, "en")):
                    seen = await see(server.house, look, [widget.name], person, make)
                    assert seen.degraded == [], name

    async def test_its_parts_find_their_places(
        self, widget: Widget, server: Server, rendering: Rendering
    ) -> None:
        """Every element at the top has an id, by which the browser swaps it."""
        for name, action in widget.actions.items():
            outcome = await _done(server, widget, name, action)
            if outcome is None:
                continue
            for doing in (name, "session"):
                look = Look(
                    SITE, Subject(SITE.id, name), NOW, doing=doing, touched=outcome.interaction.target
                )
                seen = await see(server.house, look, [widget.name], outcome.person, _parts(rendering, "en"))
                assert faults(seen.made[widget.name], parts=True) == [], (name, doing)

    async def test_a_person_is_nobodys_business(self, widget: Widget, server: Server) -> None:
        """What everybody sees is the same before and after somebody looked at their own."""
        for name, action in widget.actions.items():
            outcome = await _done(server, widget, name, action)
            look = Look(SITE, Subject(SITE.id, name), NOW)
            before = await see(server.house, look, [widget.name], None, _plain)
            if outcome:
                await see(server.house, look, [widget.name], outcome.person, _plain)
            after = await see(server.house, look, [widget.name], None, _plain)
            assert after.made == before.made, name

    async def test_a_persons_rows_in_its_tables_can_be_taken_along_and_taken_out(
        self, widget: Widget, server: Server
    ) -> None:
        """Of one with tables of its own: they have its name, and nobody stays in them who is forgotten."""
        if not isinstance(widget, Keeper):
            return
        known = await asyncio.to_thread(keepers.tables, widget)
        assert [name for name in known if not name.startswith(keepers.prefix(widget))] == []
        named = [name for name, has_person in known.items() if has_person]
        wrote = False
        for (name, action), is_whole in product(widget.actions.items(), (False, True)):
            outcome = await _done(server, widget, name, action, is_whole=is_whole)
            if outcome is None or not any((await keepers.held_of(server, named, outcome.person)).values()):
                continue
            wrote = True
            assert await _exported(server, widget, outcome.person), name
            await keepers.forget(server, widget, outcome.person)
            left = await keepers.held_of(server, named, outcome.person)
            assert left == dict.fromkeys(named, 0), name
            assert not await _exported(server, widget, outcome.person), name
        assert wrote or not named, "none of its actions wrote down a person"


def good_fields(action: Action, text: str, *, is_whole: bool = False) -> dict[str, Any]:
    """Fields that an action takes, those that it needs or all; `text` is the id of a text that is there."""
    return {name: _good(field, text) for name, field in action.fields.items() if is_whole or field.required}


async def _done(
    server: Server, widget: Widget, name: str, action: Action, *, is_whole: bool = False
) -> Outcome | None:
    """Do it as a new person on a subject of its own, about a text of one's own; None where it is refused."""
    person, subject = Person(SITE.id, uuid7(NOW)), Subject(SITE.id, name)
    write = Doing(SITE, subject, "comments", "comment", {"text": "Hello"}, person, NOW)
    text = (await perform(server.house, write)).interaction.id
    fields = good_fields(action, text, is_whole=is_whole)
    doing = Doing(SITE, subject, widget.name, name, fields, person, NOW, role=Role(action.role))
    try:
        return await perform(server.house, doing)
    except Refused:
        return None


async def _exported(server: Server, keeper: Keeper, person: Person) -> list[dict[str, Any]]:
    """All rows that a keeper's export gives of a person, which can be written as JSON."""
    tables = {keeper.name: keeper.export_person()}
    document = await server.house.database.read(held(person.site, person.id, tables))
    told: dict[str, list[dict[str, Any]]] = json.loads(json.dumps(document["plugins"][keeper.name]))
    return [row for rows in told.values() for row in rows]


def _good(field: Field, text: str) -> str | int:  # noqa: PLR0911 - one for each kind
    match field:
        case Text(least=least):
            return "hello"[: field.most].ljust(least, "o")
        case Whole(least=least):
            return least
        case OneOf(words=words):
            return words[0]
        case Emoji() | Lines(of=Emoji()):
            return "👍"
        case Lines(of=OneOf(words=words)):
            return words[0]
        case Lines(least=least):
            return "\n".join(f"line {number}"[: field.each] for number in range(max(1, least)))
        case Flag():
            return True
        case Moment():
            return "2100-01-01T00:00Z"
        case Id():
            return text


def _accepted(widget: Widget, action: str, fields: Mapping[str, Any]) -> Intent | None:
    try:
        return widget.accept(action, fields, SITE)
    except Refused:
        return None


def _plain(widget: Widget, summary: Summary, look: Look) -> bytes:  # noqa: ARG001 - the shape of a `Make`
    return orjson.dumps(as_json(summary))


def _html(rendering: Rendering, language: str) -> Make:
    return lambda widget, summary, look: rendering.fragment(
        widget, summary, rendering.language(language), look
    )


def _parts(rendering: Rendering, language: str) -> Make:
    return lambda widget, summary, look: rendering.parts(widget, summary, rendering.language(language), look)


def _strings(widget: Widget) -> Iterator[tuple[str, dict[str, str]]]:
    folder = files(widget.package) / "strings"
    for file in folder.iterdir() if folder.is_dir() else ():
        if file.name.endswith(".json"):
            yield file.name.removesuffix(".json"), json.loads(file.read_text(encoding="utf-8"))
