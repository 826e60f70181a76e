"""The outbox: what notifiers are still to be told, written in the transaction of what they are told about."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from widget_server.store import interactions
from widget_server.vocabulary import Interaction, Row, Status, Subject, Transaction, sql

NEVER = 2**53
"""When a notice is due that nobody tries to deliver any more."""

LONGEST_FAULT = 300


@dataclass(frozen=True, slots=True)
class Notice:
    """One line of the outbox."""

    site: str
    notifier: str
    interaction: str
    due: int
    attempts: int
    fault: str


@dataclass(frozen=True, slots=True)
class Told:
    """What there is to tell about one interaction, as it stands now."""

    interaction: Interaction
    subject: Subject
    name: str
    text: str
    status: Status | None


def add(interaction: Interaction, notifiers: Sequence[str]) -> Transaction[None]:
    """Let each of the notifiers be told of it, from now on."""
    for notifier in notifiers:
        yield sql(
            "insert into outbox (site, notifier, interaction, due) values (:site, :notifier, :interaction, :due)",
            site=interaction.site,
            notifier=notifier,
            interaction=interaction.id,
            due=interaction.at,
        )


def next_due(notifier: str, now: int) -> Transaction[Notice | None]:
    """What a notifier is to be told first, whatever the site."""
    rows = yield sql(
        "select site, notifier, interaction, due, attempts, fault from outbox"
        " where notifier = :notifier and due <= :now order by due, interaction limit 1",
        notifier=notifier,
        now=now,
    )
    return _notice(rows[0]) if rows else None


def claimed(notice: Notice, until: int) -> Transaction[bool]:
    """Take a notice for oneself until then; False where another process has it, or it is gone."""
    rows = yield sql(
        "update outbox set due = :until, attempts = attempts + 1 where site = :site and notifier = :notifier"
        " and interaction = :interaction and due = :due and attempts = :attempts returning attempts",
        site=notice.site,
        notifier=notice.notifier,
        interaction=notice.interaction,
        due=notice.due,
        attempts=notice.attempts,
        until=until,
    )
    return bool(rows)


def delivered(notice: Notice) -> Transaction[None]:
    """It was told."""
    yield sql(
        "delete from outbox where site = :site and notifier = :notifier and interaction = :interaction",
        site=notice.site,
        notifier=notice.notifier,
        interaction=notice.interaction,
    )


def failed(notice: Notice, due: int, fault: str) -> Transaction[None]:
    """It could not be told, and will be again then; the fault is kept for whoever looks after the server."""
    yield sql(
        "update outbox set due = :due, fault = :fault where site = :site and notifier = :notifier"
        " and interaction = :interaction",
        site=notice.site,
        notifier=notice.notifier,
        interaction=notice.interaction,
        due=due,
        fault=fault[:LONGEST_FAULT],
    )


def told(site: str, interaction: str) -> Transaction[Told | None]:
    """All there is to tell of an interaction; None where it is in the record no more."""
    rows = yield sql(
        "select i.*, s.url as page_url, s.title as page_title, c.name as author, c.source as source,"
        " c.status as standing from interactions i"
        " left join subjects s on s.site = i.site and s.subject = i.subject"
        " left join comments c on c.site = i.site and c.comment = i.target"
        " where i.site = :site and i.interaction = :interaction",
        site=site,
        interaction=interaction,
    )
    if not rows:
        return None
    row = rows[0]
    return Told(
        interaction=interactions.from_row(row),
        subject=Subject(site, row["subject"], row["page_url"], row["page_title"]),
        name=row["author"] or "",
        text=row["source"] or "",
        status=Status(row["standing"]) if row["standing"] else None,
    )


def of_site(site: str, limit: int = 1_000) -> Transaction[Sequence[Notice]]:
    """What waits to be told for a site, the longest waiting first, and last what was given up."""
    rows = yield sql(
        "select site, notifier, interaction, due, attempts, fault from outbox where site = :site"
        " order by due, interaction limit :limit",
        site=site,
        limit=limit,
    )
    return [_notice(row) for row in rows]


def again(site: str, now: int) -> Transaction[int]:
    """Try once more to tell what was given up; how many these are."""
    rows = yield sql(
        "update outbox set due = :now, attempts = 0 where site = :site and due = :never returning interaction",
        site=site,
        now=now,
        never=NEVER,
    )
    return len(rows)


def drop(site: str) -> Transaction[int]:
    """Forget what was given up; how many these are."""
    rows = yield sql(
        "delete from outbox where site = :site and due = :never returning interaction", site=site, never=NEVER
    )
    return len(rows)


def _notice(row: Row) -> Notice:
    return Notice(
        site=row["site"],
        notifier=row["notifier"],
        interaction=row["interaction"],
        due=row["due"],
        attempts=row["attempts"],
        fault=row["fault"],
    )
