"""Where choices came from: what looks made up is taken out of the tally, and put back."""

from __future__ import annotations

import re

from starlette.responses import Response

from widget_server.errors import FieldInvalid, NotFound
from widget_server.identity import page_link
from widget_server.ids import uuid7
from widget_server.store import fraud, subjects
from widget_server.store.choices import Place
from widget_server.store.fraud import AT_ONCE, Busy, Origins
from widget_server.store.moderation import Act
from widget_server.vocabulary import Subject, Transaction
from widget_server.web.admin.desk import Form, Visit, nothing_else, only_owners
from widget_server.web.admin.lists import one_each
from widget_server.web.forms import needed, text_of

NETWORK = "network."
"""Begins the name of each checkbox; the network's hash follows."""

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
    marked = [name for name in form if name.startswith(NETWORK)]
    networks = sorted(name.removeprefix(NETWORK) for name in marked if text_of(form, name))
    nothing_else(form)
    if len(networks) > AT_ONCE or not all(map(HASH.fullmatch, networks)):
        message = f"Choose at most {AT_ONCE} networks at once."
        raise FieldInvalid(message, field="network")
    place = Place(visit.site.id, subject, widget, "")
    act = Act(uuid7(visit.now), visit.moderator.id, visit.now)
    changed = await visit.desk.house.database.write(
        fraud.count_networks(place, networks, counted=action == "include", act=act)
    )
    if changed:
        visit.desk.house.announce(visit.site.id, subject)
    return visit.redirect("choices", subject=subject, widget=widget, changed=str(changed))


async def _origins(visit: Visit, subject: str, widget: str, changed: str | None) -> Response:
    known, origins = await visit.desk.house.database.read(_read(visit.site.id, subject, widget))
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
        prefix=NETWORK,
    )


def _read(site: str, subject: str, widget: str) -> Transaction[tuple[Subject | None, Origins]]:
    known = yield from subjects.get(site, subject)
    return known, (yield from fraud.origins(site, subject, widget))


def _link(visit: Visit, busy: Busy) -> str | None:
    return page_link(busy.url, visit.site.origins)
