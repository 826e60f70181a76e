"""Visits: one widget each on its way through a look, what it asks, and the answers from the store."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from typing import Any

from widget_server.errors import Refused, Unavailable
from widget_server.markup import VERSION
from widget_server.store import choices, comments, own, people, subjects, threads
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
    Transaction,
)
from widget_server.widgets.base import Look, Summary, Widget

logger = logging.getLogger(__name__)

NOBODY = Mine()

Make = Callable[[Widget, Summary], Any]
"""What is made of a widget's summary, for instance HTML; runs under the guard with the widget's own code."""


class Unanswerable(Exception):
    """What a widget asks for cannot be had."""

    def __init__(self, visit: Visit) -> None:
        super().__init__(visit.widget.name)
        self.visit = visit


class Visit:
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
        """Whether it waits for an answer."""
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


def answers(
    look: Look, person: Person | None, asking: Sequence[Visit]
) -> Transaction[tuple[str, list[tuple[Visit, Any]]]]:
    """All questions of a round, on one snapshot."""
    key = yield from subjects.resolve(look.site.id, look.subject.key)
    known = (yield from people.get(look.site.id, person.id)) if person else None
    found: list[tuple[Visit, Any]] = []
    for visit in asking:
        if known:
            visit.mine = yield from _mine(look, key, visit.widget.name, known)
        found.append((visit, (yield from _answered(look, key, visit))))
    return key, found


def _answered(look: Look, key: str, visit: Visit) -> Transaction[Any]:
    """The answer to one widget's question; a question at fault is that widget's alone."""
    try:
        return (yield from answer(look, key, visit))
    except Unavailable as error:
        if isinstance(visit.question, Statement):
            raise Unanswerable(visit) from error
        raise
    except Refused:
        if look.doing == "thread":
            raise
        raise Unanswerable(visit) from None
    except Exception as error:
        raise Unanswerable(visit) from error


def answer(look: Look, key: str, visit: Visit) -> Transaction[Any]:
    """The answer to what a visit asks."""
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
            person = visit.mine.person.id if visit.mine.person else ""
            return (yield own.completed(statement, {"site": site, "subject": key, "person": person}))
        case unknown:
            message = f"There is nothing to read by {type(unknown).__name__}."
            raise TypeError(message)


def _mine(look: Look, key: str, widget: str, person: Person) -> Transaction[Mine]:
    """What a person's own is, as far as the look shows it."""
    place = Place(look.site.id, key, widget, person.id)
    values = yield from choices.of_person(place)
    if look.doing not in {"page", "session"}:
        return Mine(person, values)  # after a doing only what it was about is shown
    since = look.now - look.site.settings.edit_window * 1000
    texts = yield from threads.own(place, since)
    return Mine(person, values, tuple(texts))


def is_stale(text: Comment) -> bool:
    """Whether a text was rendered under older rules than those of now."""
    return text.html_version != VERSION and bool(text.source)
