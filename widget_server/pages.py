"""The one way a subject is read: every widget asks for what it shows, all in one snapshot.

Widgets ask by data (`ReadTally`, `ReadThread`, …); their code runs under the guard, the answers come from the store.
One that fails is named in `degraded`, and the others go on.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby
from typing import Any

from widget_server.doing import Outcome
from widget_server.errors import (
    FieldInvalid,
    NotFound,
    Overloaded,
    PluginFailed,
    Refused,
    TextTooCostly,
    Unavailable,
)
from widget_server.house import House, switched_on
from widget_server.markup import VERSION
from widget_server.store import choices, comments
from widget_server.store.choices import Place
from widget_server.visits import Make, Unanswerable, Visit, answer, answers, is_stale
from widget_server.vocabulary import (
    Comment,
    Mine,
    Person,
    ReadComment,
    ReadMine,
    ReadOwn,
    ReadTally,
    Statement,
    ThreadPage,
    Transaction,
)
from widget_server.widgets.base import Look, Summary, Widget

logger = logging.getLogger(__name__)

ROUNDS = 8
"""How often a widget may ask before its answer has to be there."""

MOST_LONG = 20
"""Subjects that are read at once where more is asked of each than tallies: threads, texts, widgets' own statements."""

AT_ONCE = 20
"""Subjects that a widget of others goes on with in one call, all within the time limit of that."""


@dataclass(frozen=True, slots=True)
class Seen:
    """What a look found: for each widget what was made of its summary, and the widgets that failed.

    `key` is the stored key of the subject, which another key may have led to.
    """

    key: str
    made: Mapping[str, Any]
    degraded: Sequence[str]
    tallies: Mapping[str, Collection[str]] = field(default_factory=dict)
    """For each widget that read nothing but tallies and texts, the widgets whose tallies these were."""
    until: int | None = None
    """When time alone will change something of it (milliseconds since the epoch)."""


async def see(house: House, look: Look, names: Sequence[str], person: Person | None, make: Make) -> Seen:
    """Read some widgets of one subject: as everybody sees them, or with a person as that person does."""
    return (await see_all(house, [look], names, person, make))[0]


async def see_all(
    house: House, looks: Sequence[Look], names: Sequence[str], person: Person | None, make: Make
) -> Sequence[Seen]:
    """The same of several subjects of one site, all in one snapshot; what was found of each, in the looks' order.

    Raises `FieldInvalid` where a widget reads more than tallies, and there are too many subjects for that.
    """
    visits = {
        name: [Visit(widget, look, make) for look in looks]
        for name, widget in [(name, _widget(house, looks[0], name)) for name in names]
    }
    await asyncio.gather(*(_step(house, [(visit, None) for visit in each]) for each in visits.values()))
    rounds = 0
    while rounds < ROUNDS and (asking := [each for those in visits.values() for each in those if each.asks]):
        _check_bound(looks, asking)
        apart = [visit for visit in asking if _reads_apart(house, visit)]
        together = [visit for visit in asking if not _reads_apart(house, visit)]
        await asyncio.gather(*(_ask_apart(house, visit, person) for visit in apart))
        try:
            found = await house.database.read(answers(together, person)) if together else []
        except Unanswerable as fault:
            _failed([fault.visit], fault)
        else:
            rounds += 1
            told = [list(those) for _, those in groupby(found, lambda one: one[0].widget.name)]
            await asyncio.gather(*(_go_on(house, each) for each in told))
    return [_seen(look, [each[place] for each in visits.values()]) for place, look in enumerate(looks)]


def _check_bound(looks: Sequence[Look], asking: Sequence[Visit]) -> None:
    long = next((visit for visit in asking if visit.is_long), None) if len(looks) > MOST_LONG else None
    if long is not None:
        message = f"The widget {long.widget.name!r} reads more than tallies: name at most {MOST_LONG} subjects for it."
        raise FieldInvalid(message, field="subject")


def _seen(look: Look, visits: Sequence[Visit]) -> Seen:
    """What the visits of one subject found."""
    key = look.subject.key
    made: dict[str, Any] = {}
    degraded: list[str] = []
    tallies: dict[str, Collection[str]] = {}
    for visit in visits:
        name = visit.widget.name
        if visit.key != look.subject.key:
            key = visit.key
        if visit.is_done and not visit.failed:
            made[name] = visit.made
        else:
            degraded.append(name)
        if not visit.reads_more and visit.until is None:
            tallies[name] = visit.tallies
    until = min((visit.until for visit in visits if visit.until is not None), default=None)
    return Seen(key, made, degraded, tallies, until)


def _reads_apart(house: House, visit: Visit) -> bool:
    """Whether it asks by a statement that somebody else wrote: nobody waits for that but its own widget."""
    return isinstance(visit.question, Statement) and not house.guard.is_ours(visit.widget.name)


async def _ask_apart(house: House, visit: Visit, person: Person | None) -> None:
    """Answer a statement in a read of its own, one of a plug-in at a time and within a plug-in's time."""
    guard, name, loop = house.guard, visit.widget.name, asyncio.get_running_loop()
    async with guard.turn(name):
        if guard.is_left_alone(name):
            visit.fail(PluginFailed(f"{name} took too long a moment ago and is left alone for a while."))
            return
        begun = loop.time()
        try:
            [(_, told)] = await house.database.read(answers([visit], person), patience=guard.limit)
        except Unanswerable as fault:
            if loop.time() - begun >= guard.limit:
                guard.leave_alone(name)
            visit.fail(fault)
            return
    await _step(house, [(visit, told)])


def glance(house: House, look: Look, name: str, outcome: Outcome) -> Transaction[Summary | None]:
    """What a widget of ours shows one person after a doing.

    It is read in the doing's own transaction. None where that takes a look of its own (see `see`): for others'
    code, for long answers, and where something fails.
    """
    if not house.guard.is_ours(name):
        return None
    visit = Visit(house.widgets[name].thing, look, lambda _, summary, __: summary)
    key, person = outcome.interaction.subject, outcome.person
    try:
        tally, values = yield from choices.shown(Place(look.site.id, key, name, person.id))
        visit.mine = Mine(person, values)
        visit.step(None)
        while visit.asks:
            match visit.question:
                case ReadTally(widget=None):
                    visit.step(tally)
                case ReadComment(id=wanted) if outcome.text and wanted == outcome.text.id:
                    visit.step(outcome.text)
                case ReadTally() | ReadComment() | ReadOwn() | ReadMine():
                    told = yield from answer(look, key, visit)
                    if isinstance(told, Comment) and is_stale(told):
                        return None
                    visit.step(told)
                case _:
                    return None
    except Unavailable:
        raise
    except Exception:  # noqa: BLE001 - whatever it is, the doing stands; the look after it meets the same, and tells
        return None
    summary: Summary = visit.made
    return summary


async def shown(house: House, look: Look, name: str, summary: Summary, make: Make) -> Seen:
    """What is made of a summary that a glance brought."""
    widget: Widget = house.widgets[name].thing
    try:
        made = await house.guard.call(name, lambda: make(widget, summary, look), brief=True)
    except (PluginFailed, Refused):
        return Seen("", {}, [name])
    return Seen("", {name: made}, [])


def enabled(house: House, look: Look) -> Sequence[str]:
    """The widgets that a site has switched on."""
    return switched_on(house.widgets, look.site.settings.widgets)


def _widget(house: House, look: Look, name: str) -> Widget:
    if name not in enabled(house, look):
        message = f"This site has no widget {name[:60]!r}."
        raise NotFound(message, field="widgets")
    return house.widgets[name].thing


async def _step(house: House, told: Sequence[tuple[Visit, Any]]) -> None:
    """Let one widget go on with what it was told of each subject: some in one call, each thread in its own."""
    if not told:
        return
    if any(visit.is_long for visit, _ in told):
        size = 1
    elif house.guard.is_ours(told[0][0].widget.name):
        size = len(told)
    else:
        size = AT_ONCE
    for start in range(0, len(told), size):
        await _step_together(house, told[start : start + size])


async def _step_together(house: House, told: Sequence[tuple[Visit, Any]]) -> None:
    """One call of one widget; where it fails for one subject, the others go on."""
    waiting = dict(told)

    def step() -> None:
        failure = None
        for visit, found in told:
            try:
                visit.step(found)
            except Exception as error:  # noqa: BLE001 - the guard says what becomes of it, once for all
                failure = failure or error
            else:
                del waiting[visit]
        if failure is not None:
            raise failure

    visit = told[0][0]
    try:
        await house.guard.call(visit.widget.name, step, brief=visit.is_brief)
    except (PluginFailed, Overloaded, Refused) as error:
        _failed(tuple(waiting), error)


def _failed(visits: Sequence[Visit], error: Exception) -> None:
    """Leave visits of one widget out of the answer, and say so once."""
    for visit in visits:
        visit.fail(error)
    if visits:
        logger.error("the widget %r failed", visits[0].widget.name, exc_info=error)


async def _go_on(house: House, told: Sequence[tuple[Visit, Any]]) -> None:
    """Let one widget go on with the answers of a round."""
    fresh: list[tuple[Visit, Any]] = []
    for visit, found in told:
        try:
            fresh.append((visit, await _fresh(house, visit.look, found)))
        except (TextTooCostly, Overloaded) as error:
            _failed([visit], error)
    await _step(house, fresh)


async def _fresh(house: House, look: Look, told: object) -> Any:  # noqa: ANN401 - the answer, of whatever type
    """Render again what was rendered under older rules, and keep the new rendering."""
    match told:
        case ThreadPage() if any(is_stale(comment) for comment in told.comments):
            return replace(told, comments=await _rendered(house, look, told.comments))
        case Comment() if is_stale(told):
            return (await _rendered(house, look, (told,)))[0]
        case _:
            return told


async def _rendered(house: House, look: Look, texts: Sequence[Comment]) -> tuple[Comment, ...]:
    stale = [text for text in texts if is_stale(text)]
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
