"""What moderators see: comments and what surrounds them, people in figures, the log of decisions."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from widget_server.errors import Conflict
from widget_server.store import interactions, sites
from widget_server.store.changes import touched
from widget_server.store.choices import Place
from widget_server.store.comments import from_row
from widget_server.vocabulary import Comment, Interaction, Row, Site, Status, Transaction, Verdict, sql

REACH = 50_000
"""Comments that one search looks through; the next page goes on where it ended."""

COUNTED = 1_000
"""Held comments are counted up to this many."""


@dataclass(frozen=True, slots=True)
class Parent:
    """The text that a reply answers; `source` is its beginning."""

    id: str
    name: str
    source: str
    status: Status


@dataclass(frozen=True, slots=True)
class Entry:
    """A comment with what surrounds it."""

    comment: Comment
    parent: Parent | None
    url: str | None
    title: str | None
    reasons: tuple[str, ...]
    """Why the last review decided as it did."""
    history: Mapping[Status, int] = field(default_factory=dict)
    """How many of this person's comments stand where."""
    chosen: str | None = None
    """What this person has chosen there with the same widget, for instance stars."""


@dataclass(frozen=True, slots=True)
class Act:
    """What a moderator does: its id in the record, who, and when (milliseconds since the epoch)."""

    id: str
    moderator: str
    at: int


@dataclass(frozen=True, slots=True)
class Found:
    """A page of a list, and the cursor of the next one; None: that was all."""

    entries: tuple[Entry, ...]
    next: str | None = None


@dataclass(frozen=True, slots=True)
class _Range:
    """Between which identifiers a search looks, and for how many comments."""

    site: str
    before: str
    floor: str
    limit: int


def held(site: str) -> Transaction[int]:
    """How many comments wait, up to `COUNTED`."""
    rows = yield sql(
        "select count(*) as number from (select 1 as one from comments where site = :site and status = 'held'"
        " limit :most) as waiting",
        site=site,
        most=COUNTED,
    )
    number: int = rows[0]["number"]
    return number


def queue(site: str, after: str, size: int) -> Transaction[Found]:
    """The comments that wait, oldest first, each with its writer's history; `after` is the last one seen."""
    rows = yield sql(
        "select c.*, p.comment as parent_id, p.name as parent_name, substr(p.source, 1, 1000) as parent_source,"
        " p.status as parent_status, s.url, s.title, (select i.reasons from interactions i where i.site = c.site"
        " and i.target = c.comment and i.kind not in ('approve', 'hold', 'reject', 'remove', 'undo')"
        " order by i.interaction desc limit 1) as reasons, (select min(v.value) from choices v where v.site = c.site"
        " and v.subject = c.subject and v.widget = c.widget and v.person = c.person and v.amount > 0) as chosen"
        " from comments c left join comments p on p.site = c.site and p.comment = c.parent"
        " left join subjects s on s.site = c.site and s.subject = c.subject"
        " where c.site = :site and c.status = 'held' and c.comment > :after order by c.comment limit :limit",
        site=site,
        after=after,
        limit=size + 1,
    )
    figures = yield sql(
        "select person, status, count(*) as number from comments where site = :site and person in ("
        "select person from (select person from comments where site = :site and status = 'held' and comment > :after"
        " order by comment limit :limit) as waiting) group by person, status",
        site=site,
        after=after,
        limit=size,
    )
    known: dict[str, dict[Status, int]] = {}
    for row in figures:
        known.setdefault(row["person"], {})[Status(row["status"])] = row["number"]
    entries = tuple(_entry(row, known.get(row["person"], {})) for row in rows[:size])
    return Found(entries, entries[-1].comment.id if len(rows) > size else None)


def search(site: str, status: Status | None, text: str, before: str, size: int) -> Transaction[Found]:
    """Comments newest first, of one status or all; those in which `text` stands in words, name or page.

    Looks through `REACH` comments at most: fewer than `size` entries with a cursor mean that more may follow.
    """
    floor = (yield from _floor(site, status, before)) if text else ""
    range_ = _Range(site, before, floor, size + 1)
    rows = yield from (_of_status(range_, status, text) if status else _of_all(range_, text))
    entries = tuple(_entry(row, {}) for row in rows[:size])
    following = entries[-1].comment.id if len(rows) > size else floor or None
    return Found(entries, following)


def one(site: str, comment: str) -> Transaction[Entry | None]:
    """One comment with all that surrounds it, whatever its status."""
    rows = yield sql(
        "select c.*, p.comment as parent_id, p.name as parent_name, substr(p.source, 1, 1000) as parent_source,"
        " p.status as parent_status, s.url, s.title, (select i.reasons from interactions i where i.site = c.site"
        " and i.target = c.comment and i.kind not in ('approve', 'hold', 'reject', 'remove', 'undo')"
        " order by i.interaction desc limit 1) as reasons, (select min(v.value) from choices v where v.site = c.site"
        " and v.subject = c.subject and v.widget = c.widget and v.person = c.person and v.amount > 0) as chosen"
        " from comments c left join comments p on p.site = c.site and p.comment = c.parent"
        " left join subjects s on s.site = c.site and s.subject = c.subject"
        " where c.site = :site and c.comment = :comment",
        site=site,
        comment=comment,
    )
    if not rows:
        return None
    figures = yield sql(
        "select status, count(*) as number from comments where site = :site and person = :person group by status",
        site=site,
        person=rows[0]["person"],
    )
    return _entry(rows[0], {Status(row["status"]): row["number"] for row in figures})


def log(site: str, before: str, size: int) -> Transaction[Sequence[Interaction]]:
    """What moderators did, newest first; `before` is the last one seen."""
    rows = yield sql(
        "select * from interactions where site = :site and interaction < :before"
        " and kind in ('approve', 'hold', 'reject', 'remove', 'undo', 'settings', 'exclude', 'include',"
        " 'ask', 'change', 'reword', 'close', 'reopen', 'withdraw')"
        " order by interaction desc limit :limit",
        site=site,
        before=before,
        limit=size,
    )
    return [interactions.from_row(row) for row in rows]


def decision(site: str, interaction: str) -> Transaction[Interaction | None]:
    """One thing that a moderator did."""
    rows = yield sql(
        "select * from interactions where site = :site and interaction = :interaction"
        " and kind in ('approve', 'hold', 'reject', 'remove', 'undo', 'settings', 'exclude', 'include')",
        site=site,
        interaction=interaction,
    )
    return interactions.from_row(rows[0]) if rows else None


OPERATOR = ""
"""Who changed something by the command line: no moderator."""


def settle(before: Site, after: Site, changes: Mapping[str, Any], act: Act) -> Transaction[None]:
    """Store a site's settings anew and write down what changed; `Conflict` where they are not as they were seen."""
    stored = yield from sites.get(before.id)
    if stored != before:
        raise Conflict("The settings were changed meanwhile; look again.")
    yield from sites.change(after)
    yield from note(act, Place(before.id, "", "site", act.moderator), "settings", changes)
    yield from touched(before.id, "")


def note(act: Act, place: Place, kind: str, data: Mapping[str, Any]) -> Transaction[None]:
    """Write down what a moderator did to more than one comment."""
    yield from interactions.add(
        Interaction(
            site=place.site,
            id=act.id,
            at=act.at,
            subject=place.subject,
            widget=place.widget,
            kind=kind,
            person=act.moderator,
            verdict=Verdict.PUBLISH,
            reasons=(),
            data=data,
        )
    )


def like(text: str) -> str:
    """A pattern that finds exactly these characters, anywhere, in either case of Latin letters."""
    plain = text.lower().replace("!", "!!").replace("%", "!%").replace("_", "!_")
    return f"%{plain}%"


def _of_all(range_: _Range, text: str) -> Transaction[Sequence[Row]]:
    return (
        yield sql(
            "select c.*, p.comment as parent_id, p.name as parent_name, substr(p.source, 1, 200) as parent_source,"
            " p.status as parent_status, s.url, s.title, null as reasons, (select min(v.value) from choices v"
            " where v.site = c.site and v.subject = c.subject and v.widget = c.widget and v.person = c.person"
            " and v.amount > 0) as chosen from comments c"
            " left join comments p on p.site = c.site and p.comment = c.parent"
            " left join subjects s on s.site = c.site and s.subject = c.subject"
            " where c.site = :site and c.comment < :before and c.comment >= :floor and (:text = ''"
            " or lower(c.source) like :pattern escape '!' or lower(c.name) like :pattern escape '!'"
            " or lower(c.subject) like :pattern escape '!') order by c.comment desc limit :limit",
            site=range_.site,
            before=range_.before,
            floor=range_.floor,
            text=text,
            pattern=like(text),
            limit=range_.limit,
        )
    )


def _of_status(range_: _Range, status: Status, text: str) -> Transaction[Sequence[Row]]:
    return (
        yield sql(
            "select c.*, p.comment as parent_id, p.name as parent_name, substr(p.source, 1, 200) as parent_source,"
            " p.status as parent_status, s.url, s.title, null as reasons, (select min(v.value) from choices v"
            " where v.site = c.site and v.subject = c.subject and v.widget = c.widget and v.person = c.person"
            " and v.amount > 0) as chosen from comments c"
            " left join comments p on p.site = c.site and p.comment = c.parent"
            " left join subjects s on s.site = c.site and s.subject = c.subject"
            " where c.site = :site and c.status = :status and c.comment < :before and c.comment >= :floor"
            " and (:text = '' or lower(c.source) like :pattern escape '!' or lower(c.name) like :pattern escape '!'"
            " or lower(c.subject) like :pattern escape '!') order by c.comment desc limit :limit",
            site=range_.site,
            status=str(status),
            before=range_.before,
            floor=range_.floor,
            text=text,
            pattern=like(text),
            limit=range_.limit,
        )
    )


def _floor(site: str, status: Status | None, before: str) -> Transaction[str]:
    """How far back one search reaches; empty: to the first comment."""
    if status is None:
        rows = yield sql(
            "select comment from comments where site = :site and comment < :before"
            " order by comment desc limit 1 offset :reach",
            site=site,
            before=before,
            reach=REACH,
        )
    else:
        rows = yield sql(
            "select comment from comments where site = :site and status = :status and comment < :before"
            " order by comment desc limit 1 offset :reach",
            site=site,
            status=str(status),
            before=before,
            reach=REACH,
        )
    return rows[0]["comment"] if rows else ""


def _entry(row: Row, history: Mapping[Status, int]) -> Entry:
    parent = None
    if row["parent_id"] is not None:
        parent = Parent(
            row["parent_id"], row["parent_name"], row["parent_source"], Status(row["parent_status"])
        )
    reasons = tuple(json.loads(row["reasons"])) if row["reasons"] else ()
    return Entry(from_row(row), parent, row["url"], row["title"], reasons, history, row["chosen"])
