"""The one way anything happens: accept → review → record → announce."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from widget_server.errors import FieldInvalid, NameReserved, NotFound, Refused, ThreadClosed
from widget_server.fields import checked_fields
from widget_server.house import Changed, House
from widget_server.ids import uuid7
from widget_server.markup import VERSION, clean_name, clean_text, is_blank
from widget_server.moderation.pipeline import Facts, Submission, review
from widget_server.people.access import may_act
from widget_server.people.names import is_reserved
from widget_server.record import Doing, Outcome, Prepared, Rendered, Unchanged, done_before, record
from widget_server.store import moderators, people, subjects
from widget_server.store.interactions import Once
from widget_server.vocabulary import (
    Add,
    Choose,
    Clear,
    Erase,
    Intent,
    Judge,
    Mode,
    Record,
    Review,
    Rewrite,
    Role,
    Subject,
    Transaction,
    Verdict,
    Write,
)
from widget_server.widgets.base import Widget

PUBLISH = Review(Verdict.PUBLISH)


async def perform(house: House, doing: Doing) -> Outcome:
    """Do it, durably, or raise the error that says why not; nothing is half done."""
    digest = _digest(doing)
    try:
        prepared = await _prepare(house, doing)
    except Refused:
        # The site may have closed since; a request that was done before is answered as it was then.
        before = await house.database.read(done_before(doing, Once(doing.key, digest))) if doing.key else None
        if before is None:
            raise
        return before
    try:
        return await house.commit(
            record(doing, replace(prepared, id=uuid7(doing.now), digest=digest)),
            partial(_changed, prepared.intent),
        )
    except Unchanged as nothing:
        return nothing.outcome


def _changed(intent: Intent, outcome: Outcome) -> Sequence[Changed]:
    if not outcome.changed:
        return ()
    interaction = outcome.interaction
    is_choice = isinstance(intent, Choose | Add | Clear)
    return [(interaction.site, interaction.subject, interaction.widget if is_choice else None)]


async def _prepare(house: House, doing: Doing) -> Prepared:
    intent = await _accept(house, doing)
    match intent:
        case Write() | Rewrite():
            return await _review(house, doing, intent)
        case _:
            return Prepared(intent, PUBLISH)


async def _accept(house: House, doing: Doing) -> Intent:
    """What the widget makes of it."""
    plugin = house.widgets.get(doing.widget)
    enabled = doing.site.settings.widgets
    if plugin is None or (enabled is not None and doing.widget not in enabled):
        message = f"This site has no widget {doing.widget[:60]!r}."
        raise NotFound(message, field="widget")
    widget: Widget = plugin.thing
    action = widget.actions.get(doing.action)
    if action is None:
        message = f"The widget {doing.widget!r} has no action {doing.action[:60]!r}."
        raise NotFound(message, field="action")
    may_act(doing.role, action.role)
    fields = checked_fields(doing.fields, action.fields)
    return await house.guard.call(
        doing.widget, lambda: _sound(widget.accept(doing.action, fields, doing.site)), brief=True
    )


def _sound(intent: object) -> Intent:
    """The intent, if it can be recorded; runs under the guard, so what cannot be is the widget's failure."""
    match intent:
        case Choose(values=values):
            "".join(values)
            return intent
        case Record(data=data):
            json.dumps(dict(data))
            return intent
        case Add() | Clear() | Write() | Rewrite() | Erase() | Judge():
            return intent
        case _:
            message = f"{type(intent).__name__} is no intent."
            raise TypeError(message)


async def _review(house: House, doing: Doing, intent: Write | Rewrite) -> Prepared:
    """Render the text, and let the checks say whether it may be seen."""
    if isinstance(intent, Write) and doing.site.settings.mode is Mode.CLOSED and doing.role is Role.PERSON:
        raise ThreadClosed
    text = clean_text(intent.text, doing.site.settings.max_length)
    if is_blank(text):
        message = "Please write something first."
        raise FieldInvalid(message, field="text")
    facts, staff, known, subject = await house.database.read(_facts(doing))
    given = _given_name(intent)
    name = known if given is None else given
    if isinstance(intent, Write) and doing.site.settings.name_required and not name:
        message = "Please give a name."
        raise FieldInvalid(message, field="name")
    if name and doing.role is Role.PERSON and is_reserved(name, staff):
        raise NameReserved(field="name")
    rendered = Rendered(text, await house.renderer.render(text), VERSION)
    submission = Submission(doing.site, subject, text, name, isinstance(intent, Rewrite), facts)
    verdict = PUBLISH if doing.role is Role.MODERATOR else review(submission, house.checks)
    return Prepared(intent, verdict, rendered, given)


def _given_name(intent: Write | Rewrite) -> str | None:
    """The name that came with a text: None where none was asked for, `""` where it was left empty."""
    if isinstance(intent, Rewrite) or intent.name is None:
        return None
    return clean_name(intent.name) if intent.name.strip() else ""


def _facts(doing: Doing) -> Transaction[tuple[Facts, Sequence[str], str, Subject]]:
    published = yield from people.has_published(doing.site.id, doing.person.id)
    staff = yield from moderators.names(doing.site.id)
    key = yield from subjects.resolve(doing.site.id, doing.subject.key)
    person = yield from people.get(doing.site.id, doing.person.id)
    return Facts(published), staff, person.name if person else "", replace(doing.subject, key=key)


def _digest(doing: Doing) -> str:
    """What was asked, so that the same key for something else is noticed."""
    asked: Mapping[str, Any] = {
        "subject": doing.subject.key,
        "widget": doing.widget,
        "action": doing.action,
        "fields": dict(doing.fields),
    }
    return hashlib.sha256(json.dumps(asked, sort_keys=True).encode()).hexdigest()
