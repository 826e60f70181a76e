"""Visits: one widget each on its way through a look, what it asks, and the answers from the store."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from widget_server.errors import Refused, Unavailable
from widget_server.markup import VERSION
from widget_server.store import choices, comments, many, own, people, threads
from widget_server.store.choices import Place
from widget_server.vocabulary import (
    Comment,
    Mine,
    Person,
    ReadComment,
    Reading,
    ReadMine,
    ReadOwn,
    ReadTally,
    ReadThread,
    Statement,
    Tally,
    ThreadPage,
    Transaction,
)
from widget_server.widgets.base import Look, Summary, Widget

logger = logging.getLogger(__name__)

NOBODY = Mine()

NAME = re.compile(r"[a-z0-9-]{1,60}")
"""The name of a widget; whatever else a question names has no tally that could be read."""

Make = Callable[[Widget, Summary, Look], Any]
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
        self.key = look.subject.key
        self.mine = NOBODY
        self.generator: Reading[Any] | None = None
        self.question: Any = None
        self.tally = ""
        """The widget whose tally it asks for, if that is its question."""
        self.made: Any = None
        self.until: int | None = None
        """When time alone will change what is shown."""
        self.tallies: set[str] = set()
        self.reads_more = False
        self.is_long = False
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

    def step(self, answer: object) -> None:
        """Let the widget go on with an answer: to its next question, or to the end."""
        try:
            if self.generator is None:
                self.generator = self.widget.load(self.look)
                self.question = next(self.generator)
            else:
                self.question = self.generator.send(answer)
        except StopIteration as stop:
            summary = self.widget.summary(stop.value, self.mine, self.look)
            self.until = _until(summary)
            self.made = self.make(self.widget, summary, self.look)
            self.is_done = True
        else:
            self._note(self.question)

    def _note(self, question: object) -> None:
        """Remember what the answer will rest on."""
        self.tally = ""
        match question:
            case ReadTally(widget=None):
                self.tally = self.widget.name
                self.tallies.add(self.tally)
            case ReadTally(widget=str(widget)):
                self.tally = widget if NAME.fullmatch(widget) else ""
                self.tallies.add(widget)
            case ReadThread():
                self.tallies.add(self.widget.name)
                self.is_long = True
            case ReadComment() | ReadOwn():
                self.is_long = True
            case Statement():
                self.reads_more = self.is_long = True
            case _:
                self.reads_more = True


def _until(summary: Summary) -> int | None:
    """Until when a summary holds, where it says so."""
    until = summary.get("fresh_until")
    if until is not None and type(until) is not int:
        message = "`fresh_until` is a time in milliseconds."
        raise TypeError(message)
    return until


def answers(asking: Sequence[Visit], person: Person | None) -> Transaction[list[tuple[Visit, Any]]]:
    """All questions of a round, on one snapshot; what is counted of all of their subjects is read at once."""
    look = asking[0].look
    keys = {visit.look.subject.key for visit in asking}
    known = yield from many.known(look.site.id, keys, {visit.tally for visit in asking if visit.tally})
    someone = (yield from people.get(look.site.id, person.id)) if person else None
    held: Mapping[many.Where, many.Own] = {}
    if someone:
        subjects, widgets = {each.subject for each in known.values()}, {visit.widget.name for visit in asking}
        held = yield from many.own(look.site.id, someone.id, subjects, widgets, _since(look))
    found: list[tuple[Visit, Any]] = []
    for visit in asking:
        there = known[visit.look.subject.key]
        visit.key = there.subject
        if someone:
            mine = held.get((there.subject, visit.widget.name)) or many.Own()
            visit.mine = Mine(someone, mine.values, tuple(mine.texts))
        if visit.tally:
            found.append((visit, Tally({**there.counts.get(visit.tally, {})})))
        else:
            found.append((visit, (yield from _answered(visit))))
    return found


def _since(look: Look) -> int | None:
    """From when on a person's texts are shown as still to be changed; after a doing only what it was about is shown."""
    return look.now - look.site.settings.edit_window * 1000 if look.doing in {"page", "session"} else None


def _answered(visit: Visit) -> Transaction[Any]:
    """The answer to one widget's question; a question at fault is that widget's alone."""
    try:
        return (yield from answer(visit.look, visit.key, visit))
    except Unavailable as error:
        if isinstance(visit.question, Statement):
            raise Unanswerable(visit) from error
        raise
    except Refused:
        if visit.look.doing == "thread":
            raise
        raise Unanswerable(visit) from None
    except Exception as error:
        raise Unanswerable(visit) from error


def answer(look: Look, key: str, visit: Visit) -> Transaction[Any]:
    """The answer to what a visit asks."""
    site, name, person = look.site.id, visit.widget.name, visit.mine.person
    match visit.question:
        case ReadTally(widget=(str() | None) as widget):
            return (yield from choices.tally(site, key, widget or name))
        case ReadThread() as thread:
            return (yield from _page(look, key, name, thread))
        case ReadComment(id=comment):
            found = yield from comments.get(site, comment)
            return found if found and (found.subject, found.widget) == (key, name) else None
        case ReadOwn():
            return (yield from comments.of_person(Place(site, key, name, person.id))) if person else None
        case ReadMine():
            return visit.mine
        case Statement(text=str()) as statement:
            known = {"site": site, "subject": key, "person": person.id if person else ""}
            return (yield own.completed(statement, known))
        case unknown:
            message = f"There is nothing to read by {type(unknown).__name__}."
            raise TypeError(message)


def _page(look: Look, key: str, widget: str, asked: ReadThread) -> Transaction[ThreadPage]:
    """One page of a thread."""
    site, size = look.site.id, look.site.settings.page_size
    if asked.root is not None:
        return (yield from threads.replies(site, key, widget, asked.root, asked.after))
    page = yield from threads.page(site, key, widget, size, asked.after)
    if not asked.chosen:
        return page
    return replace(page, chosen=(yield from threads.chosen(site, key, widget, page.comments)))


def is_stale(text: Comment) -> bool:
    """Whether a text was rendered under older rules than those of now."""
    return text.html_version != VERSION and bool(text.source)
