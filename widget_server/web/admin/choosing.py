"""Where choices came from: what looks made up is taken out of the tally, and put back."""

from __future__ import annotations

import re

from starlette.responses import Response

from widget_server.errors import FieldInvalid, NotFound
from widget_server.identity import page_link
from widget_server.ids import uuid7
from widget_server.store import fraud, subjects
from widget_server.store.choices import Place
from widget_server.store.fraud import Busy, Marked, Origins
from widget_server.store.moderation import Act
from widget_server.vocabulary import Subject, Transaction
from widget_server.web.admin.desk import Form, Visit, only_owners
from widget_server.web.admin.lists import one_each
from widget_server.web.forms import needed, refuse_others, text_of

PATIENCE = 20.0
"""Seconds for what looks at every choice on a subject."""

NETWORK = "network."
MINUTE = "minute."
"""Begin the names of the checkboxes; what they stand for follows."""

HASH = re.compile(r"[\w.=+/-]{1,128}", re.ASCII)

MANY = re.compile(r"[0-9]{1,15}")


async def busiest(visit: Visit) -> Response:
    """The subjects on which most was chosen; with a subject and a widget, where its choices came from."""
    query = one_each(visit, {"subject", "widget", "changed"})
    subject, widget = query.get("subject"), query.get("widget")
    if subject and widget:
        return await _origins(visit, subject, widget, query.get("changed"))
    found = await visit.desk.house.database.read(fraud.busiest(visit.site.id))
    return visit.page("choices.html", busy=[(each, _link(visit, each)) for each in found])


async def recount(visit: Visit, form: Form) -> Response:
    """Take the choices of some networks out of the tally, or put them back."""
    only_owners(visit)
    subject = needed(text_of(form, "subject"), "subject")
    widget = needed(text_of(form, "widget"), "widget")
    action = needed(text_of(form, "action"), "action")
    if action not in {"exclude", "include"}:
        message = "The action is exclude or include."
        raise FieldInvalid(message, field="action")
    marked = Marked(
        _taken(form, NETWORK, HASH), _taken(form, MINUTE, MANY), text_of(form, "only_new") is not None
    )
    refuse_others(form)
    place = Place(visit.site.id, subject, widget, "")
    act = Act(uuid7(visit.now), visit.moderator.id, visit.now)
    changed = await visit.desk.house.commit(
        fraud.recount(place, marked, counted=action == "include", act=act),
        lambda number: [(visit.site.id, subject)] if number else [],
        patience=PATIENCE,
    )
    return visit.redirect("choices", subject=subject, widget=widget, changed=str(changed))


def _taken(form: Form, prefix: str, pattern: re.Pattern[str]) -> tuple[str, ...]:
    """What is marked of one kind, taken out of the form."""
    names = sorted(name for name in form if name.startswith(prefix))
    found = tuple(name.removeprefix(prefix) for name in names if text_of(form, name))
    if not all(map(pattern.fullmatch, found)):
        message = "What is marked is not what the page offered."
        raise FieldInvalid(message, field=prefix.rstrip("."))
    return found


async def _origins(visit: Visit, subject: str, widget: str, changed: str | None) -> Response:
    known, origins = await visit.desk.house.database.read(
        _read(visit.site.id, subject, widget), patience=PATIENCE
    )
    if known is None:
        message = "There is no such subject on this site."
        raise NotFound(message)
    known_number = changed is not None and MANY.fullmatch(changed) is not None
    return visit.page(
        "origins.html",
        subject=known,
        link=page_link(known.url, visit.site.origins),
        widget=widget,
        origins=origins,
        changed=int(changed or 0) if known_number else None,
        network=NETWORK,
        minute=MINUTE,
    )


def _read(site: str, subject: str, widget: str) -> Transaction[tuple[Subject | None, Origins]]:
    known = yield from subjects.get(site, subject)
    return known, (yield from fraud.origins(site, subject, widget))


def _link(visit: Visit, busy: Busy) -> str | None:
    return page_link(busy.url, visit.site.origins)
