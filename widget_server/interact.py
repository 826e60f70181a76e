"""The one way anything happens: accept → review → record → announce."""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any, TypeVar

from widget_server.doing import Doing, Outcome, Prepared, Rendered, Unchanged
from widget_server.errors import (
    Conflict,
    FieldInvalid,
    NameReserved,
    NotFound,
    Overloaded,
    PluginFailed,
    Refused,
    ThreadClosed,
    Unavailable,
)
from widget_server.fields import checked_fields
from widget_server.house import Changed, House
from widget_server.ids import uuid7
from widget_server.markup import VERSION, clean_name, clean_text, is_blank
from widget_server.moderation.pipeline import Opinion, Submission, review
from widget_server.people.access import may_act
from widget_server.people.names import is_reserved
from widget_server.preparing import Moved, known_too, still_so
from widget_server.record import before, done_before, record, with_earlier
from widget_server.reviews import checks_of, opinions
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

TRIES = 5
"""How often a doing is begun that meets another world than the one it was decided in."""

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
    for _ in range(TRIES):
        try:
            return await _performed(house, doing, once, then)
        except Moved:
            pass
    raise Conflict("This changes faster than you can act on it; please try again.")


async def _performed(
    house: House, doing: Doing, once: Once | None, then: Callable[[Outcome], Transaction[T]]
) -> tuple[Outcome, T | None]:
    """Decide, and record it if the world is still the one in which it was decided; raises `Moved` where it is not."""
    try:
        prepared = await _prepare(house, doing, once)
    except Refused:
        # The site may have closed since; a request that was done before is answered as it was then.
        earlier = await house.database.read(done_before(doing, once)) if once else None
        if earlier is None:
            raise
        return earlier, None
    try:
        return await _committed(house, doing, prepared, then)
    except Unchanged as nothing:
        return nothing.outcome, None


async def _committed(
    house: House, doing: Doing, prepared: Prepared, then: Callable[[Outcome], Transaction[T]]
) -> tuple[Outcome, T]:
    """The doing in a commit; one with somebody else's statements has one of its own, and a plug-in's time."""
    work = _work(house, doing, prepared, then)
    changed = partial(_changed, prepared.intent)
    if not prepared.own or house.guard.is_ours(doing.widget):
        return await house.commit(work, changed)
    loop = asyncio.get_running_loop()
    begun = loop.time()
    try:
        return await house.commit(work, changed, patience=house.guard.limit)
    except Unavailable as error:
        if isinstance(error, Overloaded) or loop.time() - begun < house.guard.limit:
            raise
        house.guard.leave_alone(doing.widget)
        message = f"{doing.widget} took too long to write."
        raise PluginFailed(message) from error


def _work(
    house: House, doing: Doing, prepared: Prepared, then: Callable[[Outcome], Transaction[T]]
) -> Transaction[tuple[Outcome, T]] | Apart[tuple[Outcome, T]]:
    """People choose and write apart from each other; whoever changes a text that is there meets its moderators."""
    begin = partial(_doing, house, doing, prepared, then)
    match doing.role, prepared.intent:
        case Role.PERSON, Choose() | Add() | Clear() | Write(single=False) | Record() if not prepared.own:
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
        yield from still_so(doing, met.subject, prepared.told)
        ready = yield from with_earlier(doing, prepared, met)
        outcome = yield from record(doing, _reviewed(house, doing, ready, met), met)
    return outcome, (yield from then(outcome))


def _nothing(_: Outcome) -> Transaction[None]:
    yield from ()


def _changed(intent: Intent, done: tuple[Outcome, object]) -> Sequence[Changed]:
    outcome, _ = done
    if not outcome.changed:
        return ()
    interaction = outcome.interaction
    # Nothing that another widget shows has changed.
    is_own = isinstance(intent, Choose | Add | Clear | Record)
    return [(interaction.site, interaction.subject, interaction.widget if is_own else None)]


async def _prepare(house: House, doing: Doing, once: Once | None) -> Prepared:
    accepted = await _accept(house, doing)
    prepared = replace(
        accepted,
        id=uuid7(doing.now),
        once=once,
        notifiers=house.told_of(doing.site, accepted.intent.kind),
    )
    match prepared.intent:
        case Write() | Rewrite() as intent:
            text = _text(doing, intent)
            rendered = Rendered(text, await house.renderer.render(text), VERSION)
            prepared = replace(prepared, rendered=rendered, name=_given_name(intent))
            return replace(prepared, opinions=await _opinions(house, doing, prepared))
        case _:
            return prepared


async def _opinions(house: House, doing: Doing, prepared: Prepared) -> Sequence[Opinion]:
    """What the plug-ins' checks think of a text: they may take their time, so they are asked before it is written."""
    if doing.role is Role.MODERATOR or not checks_of(house, doing.site):
        return ()
    met = await house.database.read(before(doing))
    if prepared.once and met.done:
        return ()
    return await opinions(house, _submission(doing, prepared, met, _name(prepared, met)))


async def _accept(house: House, doing: Doing) -> Prepared:
    """What the widget makes of it, what it writes into tables of its own, and what its decision rests on."""
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
    fields, told = await known_too(house, doing, widget, checked_fields(doing.fields, action.fields))

    def accepted() -> tuple[Intent, Sequence[Statement]]:
        intent = sound_intent(widget.accept(doing.action, fields, doing.site), action.role)
        own = widget.apply(doing.action, fields, doing.site) if isinstance(widget, Keeper) else ()
        return intent, sound_statements(own)

    intent, own = await house.guard.call(doing.widget, accepted, brief=True)
    return Prepared(intent, PUBLISH, own=own, told=told)


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
    name = _name(prepared, met)
    if isinstance(intent, Write) and doing.site.settings.name_required and not name:
        message = "Please give a name."
        raise FieldInvalid(message, field="name")
    if name and doing.role is Role.PERSON and is_reserved(name, met.staff):
        raise NameReserved(field="name")
    if doing.role is Role.MODERATOR:
        return prepared
    submission = _submission(doing, prepared, met, name)
    return replace(prepared, review=review(submission, house.checks, prepared.opinions))


def _name(prepared: Prepared, met: Known) -> str:
    """Under which a text is written."""
    return met.name if prepared.name is None else prepared.name


def _submission(doing: Doing, prepared: Prepared, met: Known, name: str) -> Submission:
    return Submission(
        site=doing.site,
        subject=replace(doing.subject, key=met.subject),
        widget=doing.widget,
        text=prepared.rendered.source,
        name=name,
        person=met.person.kind if met.person else doing.person.kind,
        is_edit=isinstance(prepared.intent, Rewrite) or prepared.earlier is not None,
        has_published=met.has_published,
    )


def _digest(doing: Doing) -> str:
    """What was asked, so that the same key for something else is noticed."""
    asked: Mapping[str, Any] = {
        "subject": doing.subject.key,
        "widget": doing.widget,
        "action": doing.action,
        "fields": dict(doing.fields),
    }
    return hashlib.sha256(_in_order(asked).encode()).hexdigest()
