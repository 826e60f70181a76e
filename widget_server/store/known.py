"""What is known before a doing: asked at once, since the way to the database costs more than the questions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from widget_server.store.choices import Place
from widget_server.vocabulary import Person, PersonKind, Row, Subject, Transaction, sql


@dataclass(frozen=True, slots=True)
class Known:
    """Of one person at one place."""

    subject: str
    """The stored key of the subject: the one that was given, unless that is an alias."""
    done: bool
    """Whether the person's idempotency key has made an interaction already."""
    person: Person | None
    """The person as remembered; None for somebody who never acted before."""
    has_subject: bool
    has_place: bool
    has_title: bool
    """Whether the subject is remembered, with an address, and with a title."""
    has_published: bool
    """A comment of this person was let through and still stands."""
    staff: Sequence[str]
    """The names that no guest may take."""
    held: Mapping[str, str] = field(default_factory=dict)
    """The person's own choice: value → the interaction that it rests on."""

    @property
    def name(self) -> str:
        """The person's name; empty where there is none."""
        return self.person.name if self.person else ""

    def remembers(self, subject: Subject) -> bool:
        """Whether there is nothing about the subject that is not remembered yet."""
        return (
            self.has_subject
            and (self.has_place or subject.url is None)
            and (self.has_title or subject.title is None)
        )


def known(place: Place, key: str | None) -> Transaction[Known]:
    """What a doing with this idempotency key meets; the place's subject may be an alias."""
    rows = yield sql(
        "select 'subject' as fact, a.subject as said, '' as rests from aliases a"
        " where a.site = :site and a.alias = :subject"
        " union all select 'done', i.interaction, '' from interactions i"
        " where i.site = :site and i.person = :person and i.idempotency = :key"
        " union all select 'stands', case when s.url is null then '' else 'url' end,"
        " case when s.title is null then '' else 'title' end from subjects s where s.site = :site and s.subject ="
        " coalesce((select b.subject from aliases b where b.site = :site and b.alias = :subject), :subject)"
        " union all select 'name', p.name, p.kind from people p where p.site = :site and p.person = :person"
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
    return _told(place, rows)


def _told(place: Place, rows: Sequence[Row]) -> Known:
    said: dict[str, list[tuple[str, str]]] = {}
    for row in rows:
        said.setdefault(row["fact"], []).append((row["said"], row["rests"]))
    (subject, _), *_ = said.get("subject", [(place.subject, "")])
    people = [Person(place.site, place.person, PersonKind(kind), name) for name, kind in said.get("name", ())]
    stands = said.get("stands", ())
    return Known(
        subject=subject,
        done="done" in said,
        person=people[0] if people else None,
        has_subject=bool(stands),
        has_place=any(url for url, _ in stands),
        has_title=any(title for _, title in stands),
        has_published="published" in said,
        staff=[name for name, _ in said.get("staff", ())],
        held=dict(said.get("held", ())),
    )
