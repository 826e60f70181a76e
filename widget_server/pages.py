"""The one way a subject is read: every widget asks for what it shows, all in one snapshot.

Widgets ask by data (`ReadTally`, `ReadThread`, …); their code runs under the guard, the answers come from the store.
One that fails is named in `degraded`, and the others go on.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from widget_server.doing import Outcome
from widget_server.errors import NotFound, Overloaded, PluginFailed, Refused, TextTooCostly, Unavailable
from widget_server.house import House
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
    until: int | None = None
    """When time alone will change something of it (milliseconds since the epoch)."""


async def see(house: House, look: Look, names: Sequence[str], person: Person | None, make: Make) -> Seen:
    """Read some widgets of one subject: as everybody sees them, or with a person as that person does."""
    visits = [Visit(_widget(house, look, name), look, make) for name in names]
    key = look.subject.key
    await asyncio.gather(*(_step(house, visit, None) for visit in visits))
    rounds = 0
    while rounds < ROUNDS and (asking := [visit for visit in visits if visit.asks]):
        apart = [visit for visit in asking if _reads_apart(house, visit)]
        together = [visit for visit in asking if visit not in apart]
        if apart:
            await asyncio.gather(*(_ask_apart(house, visit, person) for visit in apart))
        try:
            key, found = await house.database.read(answers(look, person, together))
        except Unanswerable as fault:
            fault.visit.fail(fault)
        else:
            rounds += 1
            await asyncio.gather(*(_go_on(house, visit, told) for visit, told in found))
    made = {visit.widget.name: visit.made for visit in visits if visit.is_done}
    until = min((visit.until for visit in visits if visit.until is not None), default=None)
    tallies = {
        visit.widget.name: frozenset(visit.tallies)
        for visit in visits
        if not visit.reads_more and visit.until is None
    }
    return Seen(key, made, [visit.widget.name for visit in visits if not visit.is_done], tallies, until)


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
            _, [(_, told)] = await house.database.read(
                answers(visit.look, person, [visit]), patience=guard.limit
            )
        except Unanswerable as fault:
            if loop.time() - begun >= guard.limit:
                guard.leave_alone(name)
            visit.fail(fault)
            return
    await _step(house, visit, told)


def glance(house: House, look: Look, name: str, outcome: Outcome) -> Transaction[Summary | None]:
    """What a widget of ours shows one person after a doing.

    It is read in the doing's own transaction. None where that takes a look of its own (see `see`): for others'
    code, for long answers, and where something fails.
    """
    if not house.guard.is_ours(name):
        return None
    visit = Visit(house.widgets[name].thing, look, lambda _, summary: summary)
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


async def shown(house: House, name: str, summary: Summary, make: Make) -> Seen:
    """What is made of a summary that a glance brought."""
    widget: Widget = house.widgets[name].thing
    try:
        made = await house.guard.call(name, lambda: make(widget, summary), brief=True)
    except (PluginFailed, Refused):
        return Seen("", {}, [name])
    return Seen("", {name: made}, [])


def enabled(house: House, look: Look) -> Sequence[str]:
    """The widgets that a site has switched on."""
    wanted = look.site.settings.widgets
    return [name for name in house.widgets if wanted is None or name in wanted]


def _widget(house: House, look: Look, name: str) -> Widget:
    if name not in enabled(house, look):
        message = f"This site has no widget {name[:60]!r}."
        raise NotFound(message, field="widgets")
    return house.widgets[name].thing


async def _step(house: House, visit: Visit, told: object) -> None:
    try:
        await house.guard.call(visit.widget.name, lambda: visit.step(told), brief=visit.is_brief)
    except (PluginFailed, Overloaded, Refused) as error:
        visit.fail(error)


async def _go_on(house: House, visit: Visit, told: object) -> None:
    try:
        fresh = await _fresh(house, visit.look, told)
    except (TextTooCostly, Overloaded) as error:
        visit.fail(error)
    else:
        await _step(house, visit, fresh)


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
