"""Moderators: who keeps order on a site."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from widget_server.errors import Conflict
from widget_server.vocabulary import Row, Transaction, sql


@dataclass(frozen=True, slots=True)
class Moderator:
    """Somebody who keeps order on one site."""

    site: str
    id: str
    email: str
    name: str
    role: str
    created: int


def add(moderator: Moderator) -> Transaction[None]:
    """Store a moderator; a second one of the same address on a site is a `Conflict`."""
    if (yield from by_email(moderator.site, moderator.email)) is not None:
        message = f"{moderator.email} moderates {moderator.site!r} already."
        raise Conflict(message)
    yield sql(
        "insert into moderators (site, moderator, email, name, role, created)"
        " values (:site, :moderator, :email, :name, :role, :created)",
        site=moderator.site,
        moderator=moderator.id,
        email=moderator.email,
        name=moderator.name,
        role=moderator.role,
        created=moderator.created,
    )


def get(site: str, moderator: str) -> Transaction[Moderator | None]:
    """One moderator."""
    rows = yield sql(
        "select * from moderators where site = :site and moderator = :moderator",
        site=site,
        moderator=moderator,
    )
    return _moderator(rows[0]) if rows else None


def by_email(site: str, email: str) -> Transaction[Moderator | None]:
    """The moderator with that address."""
    rows = yield sql("select * from moderators where site = :site and email = :email", site=site, email=email)
    return _moderator(rows[0]) if rows else None


def every(site: str) -> Transaction[Sequence[Moderator]]:
    """A site's moderators, the oldest first."""
    rows = yield sql("select * from moderators where site = :site order by moderator", site=site)
    return [_moderator(row) for row in rows]


def drop(site: str, moderator: str) -> Transaction[None]:
    """Take somebody's rights away; what the person did stays in the record."""
    yield sql(
        "delete from moderators where site = :site and moderator = :moderator", site=site, moderator=moderator
    )


def _moderator(row: Row) -> Moderator:
    return Moderator(row["site"], row["moderator"], row["email"], row["name"], row["role"], row["created"])
