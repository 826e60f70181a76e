"""What is known before a doing: asked at once, since the way to the database costs more than the questions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from widget_server.store.choices import Place
from widget_server.vocabulary import Transaction, sql


@dataclass(frozen=True, slots=True)
class Known:
    """Of one person at one place."""

    subject: str
    """The stored key of the subject: the one that was given, unless that is an alias."""
    done: bool
    """Whether the person's idempotency key has made an interaction already."""
    name: str
    has_published: bool
    """A comment of this person was let through and still stands."""
    staff: Sequence[str]
    """The names that no guest may take."""
    held: Mapping[str, str] = field(default_factory=dict)
    """The person's own choice: value → the interaction that it rests on."""


def known(place: Place, key: str | None) -> Transaction[Known]:
    """What a doing with this idempotency key meets; the place's subject may be an alias."""
    rows = yield sql(
        "select 'subject' as fact, a.subject as said, '' as rests from aliases a"
        " where a.site = :site and a.alias = :subject"
        " union all select 'done', i.interaction, '' from interactions i"
        " where i.site = :site and i.person = :person and i.idempotency = :key"
        " union all select 'name', p.name, '' from people p where p.site = :site and p.person = :person"
        " union all select 'published', o.status, '' from (select c.status from comments c"
        " where c.site = :site and c.person = :person and c.status = 'published' limit 1) o"
        " union all select 'staff', m.name, '' from moderators m where m.site = :site"
        " union all select 'held', h.value, h.interaction from choices h where h.site = :site"
        " and h.widget = :widget and h.person = :person and h.amount > 0 and h.subject = coalesce("
        "(select b.subject from aliases b where b.site = :site and b.alias = :subject), :subject)",
        site=place.site,
        subject=place.subject,
        widget=place.widget,
        person=place.person,
        key=key,
    )
    said: dict[str, list[str]] = {}
    held: dict[str, str] = {}
    for row in rows:
        if row["fact"] == "held":
            held[row["said"]] = row["rests"]
        else:
            said.setdefault(row["fact"], []).append(row["said"])
    return Known(
        subject=said.get("subject", [place.subject])[0],
        done="done" in said,
        name=said.get("name", [""])[0],
        has_published="published" in said,
        staff=said.get("staff", ()),
        held=held,
    )
