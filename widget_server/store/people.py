"""People: who interacts. A person is remembered from the first interaction on, never for having looked."""

from __future__ import annotations

from widget_server.vocabulary import Person, PersonKind, Row, Transaction, sql


def ensure(person: Person, name: str | None, now: int) -> Transaction[Person]:
    """Remember a person; a name that is given, `""` too, replaces the one before. Gives the person as known now."""
    rows = yield sql(
        "insert into people (site, person, kind, name, created) values (:site, :person, :kind, :name, :now)"
        " on conflict (site, person) do update set"
        " name = case when :keep = 1 then people.name else excluded.name end"
        " returning site, person, kind, name",
        site=person.site,
        person=person.id,
        kind=str(person.kind),
        name=name or "",
        keep=int(name is None),
        now=now,
    )
    return _person(rows[0])


def get(site: str, person: str) -> Transaction[Person | None]:
    """One person."""
    rows = yield sql(
        "select site, person, kind, name from people where site = :site and person = :person",
        site=site,
        person=person,
    )
    return _person(rows[0]) if rows else None


def forget_unused_name(site: str, person: str) -> Transaction[None]:
    """Take a person's name out where none of the person's texts shows it any more."""
    yield sql(
        "update people set name = '' where site = :site and person = :person and not exists"
        " (select 1 from comments c where c.site = :site and c.person = :person and c.name <> '')",
        site=site,
        person=person,
    )


def _person(row: Row) -> Person:
    return Person(row["site"], row["person"], PersonKind(row["kind"]), row["name"])
