"""What is held about one person: read it all, or take it all back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from widget_server.store import comments, own, people
from widget_server.store.changes import touched
from widget_server.store.interactions import add as add_interaction
from widget_server.vocabulary import Interaction, Row, Statement, Transaction, Value, Verdict, sql

MOST = 10_000
"""Rows of each kind in one answer, and texts that are taken back in one transaction."""


@dataclass(frozen=True, slots=True)
class Erasure:
    """A wish to be forgotten: who, under which name the record goes on, and when."""

    site: str
    person: str
    pseudonym: str
    interaction: str
    now: int


def held(
    site: str, person: str, tables: Mapping[str, Mapping[str, Statement]] | None = None
) -> Transaction[dict[str, Any]]:
    """`{"person", "comments", "choices", "interactions", "plugins"}` as plain JSON values; the newest `MOST` of each.

    `tables`: for each plug-in with tables of its own, the statements that select what is held there.
    """
    known = yield from people.get(site, person)
    texts = yield sql(
        "select comment, subject, parent, name, source, status, created, edited from comments"
        " where site = :site and person = :person order by comment desc limit :most",
        site=site,
        person=person,
        most=MOST,
    )
    choices = yield sql(
        "select subject, widget, value, amount from choices where site = :site and person = :person"
        " order by subject, widget, value limit :most",
        site=site,
        person=person,
        most=MOST,
    )
    record = yield sql(
        "select interaction, at, subject, widget, kind, verdict from interactions"
        " where site = :site and person = :person order by interaction desc limit :most",
        site=site,
        person=person,
        most=MOST,
    )
    about = {"site": site, "person": person}
    plugins = {}
    for name, statements in (tables or {}).items():
        plugins[name] = yield from own.told(name, statements, about)
    return {
        "person": {"id": person, "kind": str(known.kind), "name": known.name} if known else None,
        "comments": _plain(texts, "comment subject parent name source status created edited"),
        "choices": _plain(choices, "subject widget value amount"),
        "interactions": _plain(record, "interaction at subject widget kind verdict"),
        "plugins": plugins,
    }


def erase(
    wish: Erasure, tables: Mapping[str, Sequence[Statement]] | None = None
) -> Transaction[Sequence[str]]:
    """Take out every text and name, and cut the record loose from the person; the subjects that changed.

    What was counted stays counted, under a pseudonym that nothing leads to.
    """
    subjects = yield from _subjects(wish)
    yield from _erase_texts(wish)
    yield from _renames(wish)
    about: Mapping[str, Value] = {
        "site": wish.site,
        "person": wish.person,
        "pseudonym": wish.pseudonym,
        "at": wish.now,
    }
    for name, statements in (tables or {}).items():
        yield from own.written(name, statements, about)
    yield sql(
        "delete from people where site = :site and person = :person", site=wish.site, person=wish.person
    )
    if subjects:
        yield from add_interaction(
            Interaction(
                site=wish.site,
                id=wish.interaction,
                at=wish.now,
                subject=subjects[0],
                widget="",
                kind="forget",
                person=wish.pseudonym,
                verdict=Verdict.PUBLISH,
                reasons=(),
                data={},
            )
        )
    for subject in subjects:
        yield from touched(wish.site, subject)
    return subjects


def _subjects(wish: Erasure) -> Transaction[Sequence[str]]:
    rows = yield sql(
        "select subject from comments where site = :site and person = :person"
        " union select subject from choices where site = :site and person = :person"
        " union select subject from interactions where site = :site and person = :person",
        site=wish.site,
        person=wish.person,
    )
    return sorted(row["subject"] for row in rows)


def _erase_texts(wish: Erasure) -> Transaction[None]:
    while True:
        rows = yield sql(
            "select * from comments where site = :site and person = :person and status <> 'deleted' limit :most",
            site=wish.site,
            person=wish.person,
            most=MOST,
        )
        if not rows:
            return
        for row in rows:
            yield from comments.erase(comments.from_row(row), wish.site)


def _renames(wish: Erasure) -> Transaction[None]:
    parameters = {"site": wish.site, "person": wish.person, "pseudonym": wish.pseudonym}
    yield sql("update comments set person = :pseudonym where site = :site and person = :person", **parameters)
    yield sql("update choices set person = :pseudonym where site = :site and person = :person", **parameters)
    yield sql(
        "update interactions set person = :pseudonym, client = null, idempotency = null, digest = null"
        " where site = :site and person = :person",
        **parameters,
    )


def _plain(rows: Sequence[Row], names: str) -> list[dict[str, Any]]:
    return [{name: row[name] for name in names.split()} for row in rows]
