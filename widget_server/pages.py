"""The one way a subject is read: every widget asks for what it shows, all in one snapshot.

Widgets ask by data (`ReadTally`, `ReadThread`, …); their code runs under the guard, the answers come from the store.
One that fails is named in `degraded`, and the others go on.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from widget_server.errors import NotFound, Overloaded, PluginFailed, Refused, TextTooCostly, Unavailable
from widget_server.house import House
from widget_server.markup import VERSION
from widget_server.store import choices, comments, people, subjects, threads
from widget_server.store.choices import Place
from widget_server.vocabulary import (
    Comment,
    Mine,
    Person,
    ReadComment,
    Reading,
    ReadMine,
    ReadTally,
    ReadThread,
    Statement,
    ThreadPage,
    Transaction,
)
from widget_server.widgets.base import Look, Summary, Widget

logger = logging.getLogger(__name__)

ROUNDS = 8
"""How often a widget may ask before its answer has to be there."""

NOBODY = Mine()

Make = Callable[[Widget, Summary], Any]
"""What is made of a widget's summary, for instance HTML; runs under the guard with the widget's own code."""


@dataclass(frozen=True, slots=True)
class Seen:
    """What a look found: for each widget what was made of its summary, and the widgets that failed.

    `key` is the stored key of the subject, which another key may have led to.
    """

    key: str
    made: Mapping[str, Any]
    degraded: Sequence[str]
    tallies: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """For each widget that read nothing but tallies and texts, the widgets whose tallies these were."""


async def see(house: House, look: Look, names: Sequence[str], person: Person | None, make: Make) -> Seen:
    """Read some widgets of one subject: as everybody sees them, or with a person as that person does."""
    visits = [_Visit(_widget(house, look, name), look, make) for name in names]
    key = look.subject.key
    await asyncio.gather(*(_step(house, visit, None) for visit in visits))
    rounds = 0
    while rounds < ROUNDS and (asking := [visit for visit in visits if visit.asks]):
        try:
            key, answers = await house.database.read(_answers(look, person, asking))
        except _Unanswerable as fault:
            fault.visit.fail(fault)
        else:
            rounds += 1
            await asyncio.gather(*(_go_on(house, visit, answer) for visit, answer in answers))
    made = {visit.widget.name: visit.made for visit in visits if visit.is_done}
    tallies = {visit.widget.name: frozenset(visit.tallies) for visit in visits if not visit.reads_more}
    return Seen(key, made, [visit.widget.name for visit in visits if not visit.is_done], tallies)


def enabled(house: House, look: Look) -> Sequence[str]:
    """The widgets that a site has switched on."""
    wanted = look.site.settings.widgets
    return [name for name in house.widgets if wanted is None or name in wanted]


class _Unanswerable(Exception):
    """What a widget asks for cannot be had."""

    def __init__(self, visit: _Visit) -> None:
        super().__init__(visit.widget.name)
        self.visit = visit


class _Visit:
    """One widget on its way through a look."""

    def __init__(self, widget: Widget, look: Look, make: Make) -> None:
        self.widget = widget
        self.look = look
        self.make = make
        self.mine = NOBODY
        self.generator: Reading[Any] | None = None
        self.question: Any = None
        self.made: Any = None
        self.tallies: set[str] = set()
        self.reads_more = False
        self.is_done = False
        self.failed = False

    @property
    def asks(self) -> bool:
        return not self.is_done and not self.failed

    @property
    def is_brief(self) -> bool:
        """Whether the next step is a matter of microseconds: a first question, or what is shown of one doing."""
        return self.generator is None or self.look.doing not in {"page", "thread", "session"}

    def fail(self, error: Exception) -> None:
        """Leave this widget out of the answer; a further part of a thread, which is all its own, it may refuse."""
        self.failed = True
        if isinstance(error, Refused) and self.look.doing == "thread":
            raise error
        logger.error("the widget %r failed", self.widget.name, exc_info=error)

    def step(self, answer: object) -> None:
        """Let the widget go on with an answer: to its next question, or to the end."""
        try:
            if self.generator is None:
                self.generator = self.widget.load(self.look)
                self.question = next(self.generator)
            else:
                self.question = self.generator.send(answer)
        except StopIteration as stop:
            self.made = self.make(self.widget, self.widget.summary(stop.value, self.mine, self.look))
            self.is_done = True
        else:
            self._note(self.question)

    def _note(self, question: object) -> None:
        """Remember what the answer will rest on."""
        match question:
            case ReadTally(widget=widget):
                self.tallies.add(widget or self.widget.name)
            case ReadThread():
                self.tallies.add(self.widget.name)
            case ReadComment():
                pass
            case _:
                self.reads_more = True


def _widget(house: House, look: Look, name: str) -> Widget:
    if name not in enabled(house, look):
        message = f"This site has no widget {name[:60]!r}."
        raise NotFound(message, field="widgets")
    return house.widgets[name].thing


async def _step(house: House, visit: _Visit, answer: object) -> None:
    try:
        await house.guard.call(visit.widget.name, lambda: visit.step(answer), brief=visit.is_brief)
    except (PluginFailed, Overloaded, Refused) as error:
        visit.fail(error)


async def _go_on(house: House, visit: _Visit, answer: object) -> None:
    try:
        fresh = await _fresh(house, visit.look, answer)
    except (TextTooCostly, Overloaded) as error:
        visit.fail(error)
    else:
        await _step(house, visit, fresh)


def _answers(
    look: Look, person: Person | None, asking: Sequence[_Visit]
) -> Transaction[tuple[str, list[tuple[_Visit, Any]]]]:
    """All questions of a round, on one snapshot."""
    key = yield from subjects.resolve(look.site.id, look.subject.key)
    known = (yield from people.get(look.site.id, person.id)) if person else None
    found: list[tuple[_Visit, Any]] = []
    for visit in asking:
        if known:
            visit.mine = yield from _mine(look, key, visit.widget.name, known)
        found.append((visit, (yield from _answered(look, key, visit))))
    return key, found


def _answered(look: Look, key: str, visit: _Visit) -> Transaction[Any]:
    """The answer to one widget's question; a question at fault is that widget's alone."""
    try:
        return (yield from _answer(look, key, visit))
    except Unavailable as error:
        if isinstance(visit.question, Statement):
            raise _Unanswerable(visit) from error
        raise
    except Refused:
        if look.doing == "thread":
            raise
        raise _Unanswerable(visit) from None
    except Exception as error:
        raise _Unanswerable(visit) from error


def _answer(look: Look, key: str, visit: _Visit) -> Transaction[Any]:
    site, settings = look.site.id, look.site.settings
    match visit.question:
        case ReadTally(widget=widget):
            return (yield from choices.tally(site, key, widget or visit.widget.name))
        case ReadThread(after=after, root=None):
            return (yield from threads.page(site, key, visit.widget.name, settings.page_size, after))
        case ReadThread(after=after, root=str(root)):
            return (yield from threads.replies(site, key, visit.widget.name, root, after))
        case ReadComment(id=comment):
            found = yield from comments.get(site, comment)
            return found if found and (found.subject, found.widget) == (key, visit.widget.name) else None
        case ReadMine():
            return visit.mine
        case Statement(text=str()) as statement:
            return (yield statement)
        case unknown:
            message = f"There is nothing to read by {type(unknown).__name__}."
            raise TypeError(message)


def _mine(look: Look, key: str, widget: str, person: Person) -> Transaction[Mine]:
    place = Place(look.site.id, key, widget, person.id)
    values = yield from choices.of_person(place)
    if look.doing not in {"page", "session"}:
        return Mine(person, values)  # after a doing only what it was about is shown
    since = look.now - look.site.settings.edit_window * 1000
    own = yield from threads.own(place, since)
    return Mine(person, values, tuple(own))


async def _fresh(house: House, look: Look, answer: object) -> Any:  # noqa: ANN401 - the answer, of whatever type
    """Render again what was rendered under older rules, and keep the new rendering."""
    match answer:
        case ThreadPage() if any(_is_stale(comment) for comment in answer.comments):
            return replace(answer, comments=await _rendered(house, look, answer.comments))
        case Comment() if _is_stale(answer):
            return (await _rendered(house, look, (answer,)))[0]
        case _:
            return answer


async def _rendered(house: House, look: Look, texts: Sequence[Comment]) -> tuple[Comment, ...]:
    stale = [text for text in texts if _is_stale(text)]
    htmls = await house.renderer.render_all([text.source for text in stale])
    new = {
        text.id: replace(text, html=html, html_version=VERSION)
        for text, html in zip(stale, htmls, strict=True)
    }
    try:
        await house.database.write(_keep(look.site.id, list(new.values())))
    except Unavailable:
        logger.warning("renderings could not be kept; they will be made again")
    return tuple(new.get(text.id, text) for text in texts)


def _keep(site: str, texts: Sequence[Comment]) -> Transaction[None]:
    for text in texts:
        yield from comments.rerender(site, text.id, text.html, text.html_version, text.revision)


def _is_stale(text: Comment) -> bool:
    return text.html_version != VERSION and bool(text.source)
