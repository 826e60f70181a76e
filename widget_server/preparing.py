"""Preparing: what a widget is told of the store before it decides, and whether that still holds when it is recorded."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from widget_server.doing import Doing, Told
from widget_server.errors import PluginFailed, TransomError
from widget_server.house import House
from widget_server.store import own, subjects
from widget_server.vocabulary import Statement, Transaction
from widget_server.widgets.base import Look, Preparing

ROUNDS = 8
"""How often a widget may ask before it has to decide."""

Rows = Sequence[dict[str, Any]]


class Moved(Exception):
    """What a widget was told has changed before its decision was recorded."""


async def known_too(
    house: House, doing: Doing, widget: object, fields: Mapping[str, Any]
) -> tuple[Mapping[str, Any], Sequence[Told]]:
    """The fields with what the widget made of the store, and what that rests on."""
    if not isinstance(widget, Preparing):
        return fields, ()
    asking = _Asking(widget, doing, fields)
    told: list[Told] = []
    rows: Rows | None = None
    for _ in range(ROUNDS + 1):
        question = await house.guard.call(doing.widget, partial(asking.step, rows), brief=True)
        if not isinstance(question, Statement):
            return {**fields, **question}, told
        rows = await _told(house, doing, question)
        told.append(Told(question, rows))
    message = f"{doing.widget} asks without an end."
    raise PluginFailed(message)


async def _told(house: House, doing: Doing, question: Statement) -> Rows:
    """The answer; a question at fault is the widget's own failure."""
    try:
        return await house.database.read(_read(doing, question))
    except TransomError:
        raise
    except Exception as error:
        message = f"{doing.widget} failed."
        raise PluginFailed(message) from error


def still_so(doing: Doing, subject: str, told: Sequence[Told]) -> Transaction[None]:
    """Ask all of it again; raises `Moved` where an answer is another one now."""
    for each in told:
        rows = yield from _asked(doing, subject, each.statement)
        if rows != each.rows:
            raise Moved


class _Asking:
    """A widget's `prepare` on its way."""

    def __init__(self, widget: Preparing, doing: Doing, fields: Mapping[str, Any]) -> None:
        self._begin = partial(
            widget.prepare,
            doing.action,
            fields,
            Look(doing.site, doing.subject, doing.now, doing=doing.action),
        )
        self._generator: Transaction[Mapping[str, Any]] | None = None

    def step(self, rows: Rows | None) -> Statement | Mapping[str, Any]:
        """The next question, or in the end what the widget made of the answers."""
        try:
            if self._generator is None or rows is None:
                self._generator = self._begin()
                question: object = next(self._generator)
            else:
                question = self._generator.send(rows)
        except StopIteration as end:
            return dict(end.value)
        if isinstance(question, Statement) and isinstance(question.text, str):
            return question
        message = f"There is nothing to read by {type(question).__name__}."
        raise TypeError(message)


def _read(doing: Doing, statement: Statement) -> Transaction[Rows]:
    subject = yield from subjects.resolve(doing.site.id, doing.subject.key)
    return (yield from _asked(doing, subject, statement))


def _asked(doing: Doing, subject: str, statement: Statement) -> Transaction[Rows]:
    known = {"site": doing.site.id, "subject": subject}
    return (yield from own.rows(doing.widget, statement, known))
