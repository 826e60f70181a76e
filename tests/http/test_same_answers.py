"""The same doings have the same answers, the same record and the same state on each database."""

from __future__ import annotations

import itertools
import json
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from tests.http.clock import NOON, Clock
from tests.postgres import Shelf
from widget_server.app import Server, opened
from widget_server.doing import Doing
from widget_server.errors import TransomError
from widget_server.interact import perform
from widget_server.pages import see
from widget_server.settings import load
from widget_server.store import sites
from widget_server.vocabulary import (
    Mode,
    Person,
    PersonKind,
    Role,
    Row,
    Site,
    SiteSettings,
    Subject,
    Transaction,
    sql,
)
from widget_server.widgets.base import Look

pytestmark = [
    pytest.mark.only_sqlite("it has a PostgreSQL of its own beside the file"),
    pytest.mark.straight("no request is sent"),
]

PEOPLE = ("charlie", "dana", "eve")
PAGES = ("a", "b")
WIDGETS = ("like", "count", "comments")
TEXTS = (
    "Hello",
    "<b>bold</b> _and_ `code`",
    "héllo 👋🏽\n\n> quoted",
    "  ",
    "x" * 3_000,
    "http://example.com",
)
MODES = [mode for mode in Mode if mode is not Mode.CLOSED]
BEGINNING: tuple[tuple[Any, ...], ...] = (
    ("comment", "charlie", "a", "A first one", 0),
    ("comment", "dana", "a", "A second one", 0),
    ("approve", 1),
    ("reply", "dana", "a", "An answer", 1),
    ("comment", "eve", "b", "Elsewhere", 0),
)
"""So that there is something to be done to."""

ANSWERED = 6
"""Earlier texts that a doing may be about, counted from the last."""

DOINGS = some.one_of(
    some.tuples(some.sampled_from(["like", "unlike"]), some.sampled_from(PEOPLE), some.sampled_from(PAGES)),
    some.tuples(
        some.sampled_from(["comment", "reply"]),
        some.sampled_from(PEOPLE),
        some.sampled_from(PAGES),
        some.sampled_from(TEXTS),
        some.integers(0, ANSWERED),
    ),
    some.tuples(
        some.just("edit"), some.sampled_from(PEOPLE), some.sampled_from(TEXTS), some.integers(0, ANSWERED)
    ),
    some.tuples(some.just("delete"), some.sampled_from(PEOPLE), some.integers(0, ANSWERED)),
    some.tuples(
        some.sampled_from(["approve", "hold", "reject", "remove", "undo"]), some.integers(0, ANSWERED)
    ),
    some.tuples(some.just("again"), some.integers(0, 2)),
)


@dataclass(slots=True)
class Side:
    """One database under a server, and what has happened on it."""

    server: Server
    clock: Clock
    site: str = ""
    texts: list[tuple[str, str]] = field(default_factory=list)
    """The ids of the texts that came in, each with its page."""
    names: dict[str, str] = field(default_factory=dict)
    """What stands for an id, which is another one on each side."""
    made: list[Doing] = field(default_factory=list)

    async def begin(self, site: Site) -> None:
        """A site of its own for each run."""
        self.site, self.texts, self.names, self.made = site.id, [], {}, []
        await self.server.house.database.write(sites.add(site))

    async def do(self, step: tuple[Any, ...]) -> object:
        """The answer to one doing, or why it was refused."""
        self.clock.forward(1)
        doing = await self._doing(step)
        if doing is None:
            return "nothing to do it to"
        self.made.append(doing)
        try:
            outcome = await perform(self.server.house, doing)
        except TransomError as error:
            return error.code, error.field, self.plain(error.detail)
        known = outcome.interaction
        self.names.setdefault(known.id, f"#{len(self.names)}")
        if known.kind == "comment" and outcome.changed:
            self.texts.append((known.id, known.subject))
        return self.plain([known.id, known.kind, known.target, known.verdict, known.reasons, outcome.changed])

    async def held(self) -> object:
        """All that is stored of the site, and what its pages show."""
        stored = await self.server.house.database.read(_stored(self.site))
        site = await self.server.house.sites.get(self.site)
        shown = []
        for page in PAGES:
            look = Look(site, Subject(self.site, page), self.clock.now)
            seen = await see(self.server.house, look, WIDGETS, None, lambda _, summary, __: repr(summary))
            shown.append((seen.made, seen.degraded))
        return self.plain(stored), self.plain(shown)

    def plain(self, value: object) -> object:
        """The value as text, with a name for each id."""
        text = json.dumps(value, default=str, sort_keys=True)
        for identifier, name in self.names.items():
            text = text.replace(identifier, name)
        return text

    async def _doing(self, step: tuple[Any, ...]) -> Doing | None:
        site = await self.server.house.sites.get(self.site)
        match step:
            case ("like" | "unlike" as action, str(who), str(page)):
                return self._by(site, who, page, action)
            case ("comment", str(who), str(page), str(text), int()):
                return self._by(site, who, page, "comment", text=text, name=who)
            case ("again", int(back)):
                return self.made[-1 - back] if len(self.made) > back else None
            case (*_, int(back)) if self.texts:
                return self._about(site, step, *self.texts[-1 - back % len(self.texts)])
            case (*_, int()):
                return None
            case _:
                raise AssertionError(step)

    def _about(self, site: Site, step: tuple[Any, ...], text: str, page: str) -> Doing:
        match step:
            case ("reply", str(who), _, str(source), int()):
                fields = {"text": source, "name": who, "parent": text}
                return self._by(site, who, page, "comment", **fields)
            case ("edit", str(who), str(source), int()):
                return self._by(site, who, page, "edit", text=source, id=text)
            case ("delete", str(who), int()):
                return self._by(site, who, page, "delete", id=text)
            case _:
                judge = Person(site.id, "bob", PersonKind.MODERATOR, "Bob")
                subject = Subject(site.id, page)
                return Doing(
                    site,
                    subject,
                    "comments",
                    step[0],
                    {"id": text},
                    judge,
                    self.clock.now,
                    role=Role.MODERATOR,
                )

    def _by(self, site: Site, who: str, page: str, action: str, **fields: str) -> Doing:
        person = Person(site.id, who, PersonKind.GUEST, "")
        widget = "like" if action in {"like", "unlike"} else "comments"
        key = f"{who}-{len(self.made)}"
        return Doing(site, Subject(site.id, page), widget, action, fields, person, self.clock.now, key=key)


@pytest.fixture
async def sides(tmp_path: Path, shelf: Shelf) -> AsyncIterator[tuple[Side, Side]]:
    """A file, and a database of the server."""
    name = shelf.take()
    async with AsyncExitStack() as stack:
        found = []
        for folder, database in (("file", ""), ("server", shelf.server.url(name))):
            clock = Clock()
            chosen = load({}, None, {"data": str(tmp_path / folder), "database": database})
            found.append(Side(await stack.enter_async_context(opened(chosen, clock=clock)), clock))
        yield found[0], found[1]
    shelf.give_back(name)


@pytest.fixture(scope="module")
def numbers() -> Iterator[int]:
    """For the names of the sites."""
    return itertools.count()


@settings(
    max_examples=30,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(steps=some.lists(DOINGS, min_size=10, max_size=25), mode=some.sampled_from(MODES))
async def test_both_databases_answer_and_record_alike(
    sides: tuple[Side, Side], numbers: Iterator[int], steps: list[tuple[Any, ...]], mode: Mode
) -> None:
    site = Site(f"site-{next(numbers)}", "A site", ("https://a.example",), SiteSettings(mode=mode), NOON)
    file, server = sides
    file.clock.now = server.clock.now = NOON
    for side in sides:
        await side.begin(site)

    for step in (*BEGINNING, *steps):
        assert await file.do(step) == await server.do(step)
    assert await file.held() == await server.held()


def _stored(site: str) -> Transaction[dict[str, list[list[object]]]]:
    """Every row of the site that a doing writes, in the order of its key."""
    stored = {}
    rows = yield sql("select * from subjects where site = :site order by subject", site=site)
    stored["subjects"] = _values(rows, "subject url title created roots")
    rows = yield sql("select * from people where site = :site order by person", site=site)
    stored["people"] = _values(rows, "person kind name created")
    rows = yield sql(
        "select * from choices where site = :site order by subject, widget, person, value", site=site
    )
    stored["choices"] = _values(rows, "subject widget person value amount interaction excluded")
    rows = yield sql("select * from tallies where site = :site order by subject, widget, value", site=site)
    stored["tallies"] = _values(rows, "subject widget value count")
    rows = yield sql("select * from comments where site = :site order by comment", site=site)
    names = (
        "comment subject parent root path depth person name source html status created edited children live"
    )
    stored["comments"] = _values(rows, f"{names} visible revision")
    rows = yield sql("select * from interactions where site = :site order by interaction", site=site)
    names = "interaction at subject widget kind person target verdict reasons data client idempotency"
    stored["interactions"] = _values(rows, names)
    return stored


def _values(rows: list[Row] | Any, names: str) -> list[list[object]]:  # noqa: ANN401 - a driver's own sequence
    return [[row[name] for name in names.split()] for row in rows]
