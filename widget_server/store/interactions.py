"""Interactions: the append-only record of every doing."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

from widget_server.errors import KeyReused
from widget_server.vocabulary import Interaction, Row, Transaction, Verdict, sql

_as_json = json.JSONEncoder(ensure_ascii=False).encode


@dataclass(frozen=True, slots=True)
class Once:
    """What makes a doing happen once: the client's key, and a digest of what was asked."""

    key: str
    digest: str


def add(interaction: Interaction, once: Once | None = None) -> Transaction[None]:
    """Write one line of the record."""
    yield sql(
        "insert into interactions (site, interaction, at, subject, widget, kind, person, target, verdict, reasons,"
        " data, client, idempotency, digest) values (:site, :interaction, :at, :subject, :widget, :kind, :person,"
        " :target, :verdict, :reasons, :data, :client, :idempotency, :digest)",
        site=interaction.site,
        interaction=interaction.id,
        at=interaction.at,
        subject=interaction.subject,
        widget=interaction.widget,
        kind=interaction.kind,
        person=interaction.person,
        target=interaction.target,
        verdict=str(interaction.verdict),
        reasons=_as_json(list(interaction.reasons)),
        data=_as_json(dict(interaction.data)),
        client=interaction.client,
        idempotency=once.key if once else None,
        digest=once.digest if once else None,
    )


def done_before(site: str, person: str, once: Once) -> Transaction[Interaction | None]:
    """The interaction that this key already made; the same key for another request is refused."""
    rows = yield sql(
        "select * from interactions where site = :site and person = :person and idempotency = :key",
        site=site,
        person=person,
        key=once.key,
    )
    if not rows:
        return None
    if rows[0]["digest"] != once.digest:
        raise KeyReused
    return from_row(rows[0])


def about(site: str, target: str, limit: int = 50) -> Transaction[Sequence[Interaction]]:
    """What was done to one text, newest first."""
    rows = yield sql(
        "select * from interactions where site = :site and target = :target order by interaction desc limit :limit",
        site=site,
        target=target,
        limit=limit,
    )
    return [from_row(row) for row in rows]


def last_decision(site: str, target: str) -> Transaction[Interaction | None]:
    """The newest decision of a moderator on one text."""
    rows = yield sql(
        "select * from interactions where site = :site and target = :target"
        " and kind in ('approve', 'hold', 'reject', 'remove', 'undo') order by interaction desc limit 1",
        site=site,
        target=target,
    )
    return from_row(rows[0]) if rows else None


def from_row(row: Row) -> Interaction:
    """An interaction from a row with all columns."""
    return Interaction(
        site=row["site"],
        id=row["interaction"],
        at=row["at"],
        subject=row["subject"],
        widget=row["widget"],
        kind=row["kind"],
        person=row["person"],
        verdict=Verdict(row["verdict"]),
        reasons=tuple(json.loads(row["reasons"])),
        data=json.loads(row["data"]),
        target=row["target"],
        client=row["client"],
    )
