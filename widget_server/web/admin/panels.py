"""Pages of widgets: what there is of one on the site, and forms for what moderators may do with it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import partial
from typing import Any

from starlette.responses import Response

from widget_server import interact
from widget_server.doing import Doing
from widget_server.errors import FieldInvalid, NotFound, PluginFailed, Refused
from widget_server.store import choices, own
from widget_server.vocabulary import Person, PersonKind, Role, Statement, Subject, Tally, Transaction
from widget_server.web.admin.desk import Form, Visit
from widget_server.web.admin.lists import one_each
from widget_server.web.embed import subject_of
from widget_server.web.forms import needed, text_of
from widget_server.widgets.base import Action, Entry, Field, Flag, Lines, Look, Moment, OneOf, Panelled, Text

PAGE = choices.MOST - 1
"""Entries on one page."""

NUMBER = re.compile(r"[0-9]{1,6}")

LONG = 400
"""Characters beyond which a text gets an area of its own."""

Rows = Sequence[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Input:
    """A field of a form: what kind of control, and what it holds."""

    name: str
    label: str
    hint: str
    required: bool
    control: str
    value: Any
    words: Sequence[str] = ()
    most: int | None = None


@dataclass(frozen=True, slots=True)
class Offer:
    """A form for one action; without a subject it is typed."""

    action: str
    title: str
    subject: str
    inputs: Sequence[Input]
    error: str = ""


@dataclass(frozen=True, slots=True)
class Sent:
    """A form that was refused, and why."""

    subject: str = ""
    action: str = ""
    typed: Mapping[str, Any] = field(default_factory=dict)
    error: str = ""


async def look(visit: Visit) -> Response:
    """The entries of a widget's panel."""
    query = one_each(visit, {"skip", "done"})
    skip = query.get("skip") or "0"
    if not NUMBER.fullmatch(skip):
        message = "The number of entries to skip is a whole number."
        raise FieldInvalid(message, field="skip")
    return await _page(visit, int(skip), Sent(), done=query.get("done"))


async def act(visit: Visit, form: Form) -> Response:
    """Do what a form asks for; what is refused is shown again as it was typed."""
    widget = _panelled(visit)
    named, action = needed(text_of(form, "subject"), "subject"), needed(text_of(form, "action"), "action")
    taken = _actions(widget).get(action)
    if taken is None:
        message = "There is no such action on this page."
        raise NotFound(message, field="action")
    flags = {name for name, kind in taken.fields.items() if isinstance(kind, Flag)}
    fields = {**form, **{name: name in form for name in flags}}
    moderator = visit.moderator
    person = Person(visit.site.id, moderator.id, PersonKind.MODERATOR, moderator.name)
    try:
        subject = Subject(visit.site.id, subject_of(visit.site, named).key)
        doing = Doing(visit.site, subject, widget.name, action, fields, person, visit.now, Role.MODERATOR)
        await interact.perform(visit.desk.house, doing)
    except Refused as error:
        return await _page(visit, 0, Sent(named, action, fields, error.detail), status=error.status)
    return visit.redirect("widgets", widget.name, done=action)


def _panelled(visit: Visit) -> Any:  # noqa: ANN401 - a widget that is `Panelled`
    name = visit.request.path_params["widget"]
    if name not in dict(visit.panels):
        message = "There is no such page."
        raise NotFound(message)
    return visit.desk.house.widgets[name].thing


async def _page(
    visit: Visit, skip: int, sent: Sent, *, done: str | None = None, status: int = 200
) -> Response:
    widget, guard = _panelled(visit), visit.desk.house.guard
    statement = await guard.call(widget.name, lambda: _sound(widget.panel()), brief=True)
    found = await visit.desk.house.database.read(_read(visit.site.id, widget.name, statement, skip))
    entries = await guard.call(widget.name, partial(_entries, widget, visit, found[:PAGE]), brief=True)
    actions = _actions(widget)
    # A form that was refused is shown again where it was: at its entry, or as that of a new one.
    fresh = "" if sent.subject in {entry.subject for entry in entries} else sent.subject
    return visit.page(
        "panel.html",
        status,
        widget=widget,
        entries=[(entry, _offers(widget, entry, sent)) for entry in entries],
        fresh=replace(_offer(widget, widget.begins, fresh, {}, sent), subject=""),
        typed=fresh,
        done=actions[done].title if done and done in actions else "",
        error=sent.error,
        next=skip + PAGE if len(found) > PAGE else None,
    )


def _sound(statement: object) -> Statement:
    if isinstance(statement, Statement):
        return statement
    message = "A panel is a statement."
    raise TypeError(message)


def _read(
    site: str, widget: str, statement: Statement, skip: int
) -> Transaction[Sequence[tuple[dict[str, Any], Tally]]]:
    found: Rows = yield from own.rows(widget, statement, {"site": site, "most": PAGE + 1, "skip": skip})
    rows = found[: PAGE + 1]
    if not all(isinstance(row.get("subject"), str) for row in rows):
        raise PluginFailed
    tallies = yield from choices.tallies(site, widget, [row["subject"] for row in rows])
    return [(row, tallies.get(row["subject"], Tally())) for row in rows]


def _entries(widget: Panelled, visit: Visit, found: Sequence[tuple[dict[str, Any], Tally]]) -> list[Entry]:
    look = Look(visit.site, Subject(visit.site.id, ""), visit.now)
    return [widget.entry(row, tally, look) for row, tally in found]


def _actions(widget: Any) -> Mapping[str, Action]:  # noqa: ANN401 - a widget that is `Panelled`
    """What moderators may do with it."""
    actions: Mapping[str, Action] = widget.actions
    return {name: action for name, action in actions.items() if action.role is Role.MODERATOR}


def _offers(widget: Any, entry: Entry, sent: Sent) -> Sequence[Offer]:  # noqa: ANN401 - as above
    known = _actions(widget)
    return [
        _offer(widget, action, entry.subject, filled, sent)
        for action, filled in entry.offers.items()
        if action in known
    ]


def _offer(
    widget: Any,  # noqa: ANN401 - as above
    action: str,
    subject: str,
    filled: Mapping[str, Any],
    sent: Sent,
) -> Offer:
    taken = _actions(widget)[action]
    is_this = sent.action == action and sent.subject == subject
    values = sent.typed if is_this else filled
    hints: Mapping[str, str] = widget.hints
    inputs = [
        _input(name, kind, values.get(name), hints.get(name, "")) for name, kind in taken.fields.items()
    ]
    return Offer(action, taken.title, subject, inputs, sent.error if is_this else "")


def _input(name: str, kind: Field, value: Any, hint: str) -> Input:  # noqa: ANN401 - of the field's own type
    made = partial(Input, name, name.replace("_", " ").capitalize(), hint, kind.required)
    match kind:
        case Lines():
            text = value if isinstance(value, str) else "\n".join(value or ())
            return made(control="area", value=text)
        case Flag():
            return made(control="check", value=value in {True, "on", "yes"})
        case OneOf(words=words):
            return made(control="select", value=value or words[0], words=words)
        case Moment():
            return made(control="moment", value=_local(value))
        case Text(most=most):
            return made(control="area" if most > LONG else "line", value=value or "", most=most)
        case _:
            return made(control="line", value="" if value is None else value)


def _local(value: object) -> str:
    """A time as `<input type=datetime-local>` takes it, in UTC."""
    if isinstance(value, int):
        return datetime.fromtimestamp(value // 1000, UTC).replace(tzinfo=None).isoformat(timespec="minutes")
    return value if isinstance(value, str) else ""
