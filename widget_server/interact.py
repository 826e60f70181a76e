"""The one way anything happens: accept → review → record → announce."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any, TypeVar

from widget_server.doing import Doing, Outcome, Prepared, Rendered, Unchanged
from widget_server.errors import FieldInvalid, NameReserved, NotFound, Refused, ThreadClosed
from widget_server.fields import checked_fields
from widget_server.house import Changed, House
from widget_server.ids import uuid7
from widget_server.markup import VERSION, clean_name, clean_text, is_blank
from widget_server.moderation.pipeline import Facts, Submission, review
from widget_server.people.access import may_act
from widget_server.people.names import is_reserved
from widget_server.record import before, done_before, record
from widget_server.soundness import sound_intent, sound_statements
from widget_server.store.database import Apart
from widget_server.store.interactions import Once
from widget_server.store.known import Known
from widget_server.vocabulary import (
    Add,
    Choose,
    Clear,
    Intent,
    Mode,
    Record,
    Review,
    Rewrite,
    Role,
    Statement,
    Transaction,
    Verdict,
    Write,
)
from widget_server.widgets.base import Keeper, Widget

PUBLISH = Review(Verdict.PUBLISH)

T = TypeVar("T")

_in_order = json.JSONEncoder(sort_keys=True).encode


async def perform(house: House, doing: Doing) -> Outcome:
    """Do it, durably, or raise the error that says why not; nothing is half done."""
    outcome, _ = await perform_and(house, doing, _nothing)
    return outcome


async def perform_and(
    house: House, doing: Doing, then: Callable[[Outcome], Transaction[T]]
) -> tuple[Outcome, T | None]:
    """Do it, and read something more in the same transaction; None where nothing was written that it could join."""
    once = Once(doing.key, _digest(doing)) if doing.key else None
    try:
        prepared = await _prepare(house, doing, once)
    except Refused:
        # The site may have closed since; a request that was done before is answered as it was then.
        earlier = await house.database.read(done_before(doing, once)) if once else None
        if earlier is None:
            raise
        return earlier, None
    try:
        return await house.commit(
            _work(house, doing, prepared, then), lambda done: _changed(prepared.intent, done[0])
        )
    except Unchanged as nothing:
        return nothing.outcome, None


def _work(
    house: House, doing: Doing, prepared: Prepared, then: Callable[[Outcome], Transaction[T]]
) -> Transaction[tuple[Outcome, T]] | Apart[tuple[Outcome, T]]:
    """People choose and write apart from each other; whoever changes a text that is there meets its moderators."""
    begin = partial(_doing, house, doing, prepared, then)
    match doing.role, prepared.intent:
        case Role.PERSON, Choose() | Add() | Clear() | Write() | Record() if not prepared.own:
            return Apart(begin, (doing.site.id, doing.person.id))
        case _:
            return begin()


def _doing(
    house: House, doing: Doing, prepared: Prepared, then: Callable[[Outcome], Transaction[T]]
) -> Transaction[tuple[Outcome, T]]:
    """All of it on one snapshot: whether it was done before, the review, the record, and what is read then."""
    met = yield from before(doing)
    outcome = (yield from done_before(doing, prepared.once)) if prepared.once and met.done else None
    if outcome is None:
        outcome = yield from record(doing, _reviewed(house, doing, prepared, met), met)
    return outcome, (yield from then(outcome))


def _nothing(_: Outcome) -> Transaction[None]:
    yield from ()


def _changed(intent: Intent, outcome: Outcome) -> Sequence[Changed]:
    if not outcome.changed:
        return ()
    interaction = outcome.interaction
    is_own = isinstance(
        intent, Choose | Add | Clear | Record
    )  # nothing that another widget shows has changed
    return [(interaction.site, interaction.subject, interaction.widget if is_own else None)]


async def _prepare(house: House, doing: Doing, once: Once | None) -> Prepared:
    intent, own = await _accept(house, doing)
    prepared = Prepared(intent, PUBLISH, id=uuid7(doing.now), once=once, own=own)
    match intent:
        case Write() | Rewrite():
            text = _text(doing, intent)
            rendered = Rendered(text, await house.renderer.render(text), VERSION)
            return replace(prepared, rendered=rendered, name=_given_name(intent))
        case _:
            return prepared


async def _accept(house: House, doing: Doing) -> tuple[Intent, Sequence[Statement]]:
    """What the widget makes of it, and what it writes into tables of its own."""
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

    def accepted() -> tuple[Intent, Sequence[Statement]]:
        intent = sound_intent(widget.accept(doing.action, fields, doing.site), action.role)
        own = widget.apply(doing.action, fields, doing.site) if isinstance(widget, Keeper) else ()
        return intent, sound_statements(own)

    return await house.guard.call(doing.widget, accepted, brief=True)


def _text(doing: Doing, intent: Write | Rewrite) -> str:
    """The text, without what nobody could read."""
    if isinstance(intent, Write) and doing.site.settings.mode is Mode.CLOSED and doing.role is Role.PERSON:
        raise ThreadClosed
    text = clean_text(intent.text, doing.site.settings.max_length)
    if is_blank(text):
        message = "Please write something first."
        raise FieldInvalid(message, field="text")
    return text


def _given_name(intent: Write | Rewrite) -> str | None:
    """The name that came with a text: None where none was asked for, `""` where it was left empty."""
    if isinstance(intent, Rewrite) or intent.name is None:
        return None
    return clean_name(intent.name) if intent.name.strip() else ""


def _reviewed(house: House, doing: Doing, prepared: Prepared, met: Known) -> Prepared:
    """Let the checks say whether a text may be seen; nothing else is reviewed."""
    intent = prepared.intent
    if not isinstance(intent, Write | Rewrite):
        return prepared
    name = met.name if prepared.name is None else prepared.name
    if isinstance(intent, Write) and doing.site.settings.name_required and not name:
        message = "Please give a name."
        raise FieldInvalid(message, field="name")
    if name and doing.role is Role.PERSON and is_reserved(name, met.staff):
        raise NameReserved(field="name")
    if doing.role is Role.MODERATOR:
        return prepared
    submission = Submission(
        site=doing.site,
        subject=replace(doing.subject, key=met.subject),
        text=prepared.rendered.source,
        name=name,
        is_edit=isinstance(intent, Rewrite),
        facts=Facts(met.has_published),
    )
    return replace(prepared, review=review(submission, house.checks))


def _digest(doing: Doing) -> str:
    """What was asked, so that the same key for something else is noticed."""
    asked: Mapping[str, Any] = {
        "subject": doing.subject.key,
        "widget": doing.widget,
        "action": doing.action,
        "fields": dict(doing.fields),
    }
    return hashlib.sha256(_in_order(asked).encode()).hexdigest()
