"""The books, looked through: all that was acknowledged is there once, and every count is that of the log."""

from __future__ import annotations

import asyncio
import sqlite3
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

from tests.faults.asking import SITE, get
from tests.faults.crowd import SUBJECTS, Crowd

Ask = Callable[[str], Awaitable[Sequence[Mapping[str, Any]]]]
"""Rows of a database, by column."""


def rows_of(file: Path) -> Ask:
    """What an SQLite file answers."""

    async def ask(query: str) -> Sequence[Mapping[str, Any]]:
        return await asyncio.to_thread(_asked, file, query)

    return ask


async def balanced(ask: Ask, crowd: Crowd) -> None:
    """Look through all of it, once the crowd has finished: whatever was ever sent was acknowledged."""
    log = await ask("select * from interactions")
    by_key = {row["idempotency"]: row for row in log}
    assert len(log) == len(by_key) == len({row["interaction"] for row in log})
    assert set(by_key) == set(crowd.acknowledged)
    for key, (act, told) in crowd.acknowledged.items():
        row = by_key[key]
        found = row["interaction"], row["subject"], row["kind"]
        assert found == (told, act.fields["subject"], act.fields["action"])
    await _counted(ask, log)
    await _in_its_tree(ask, crowd)


async def holds(ask: Ask, crowd: Crowd) -> None:
    """All that was acknowledged up to now is there, once, while others still write."""
    acknowledged = {key: told for key, (_, told) in crowd.acknowledged.items()}
    stored = {row["idempotency"]: row["interaction"] for row in await ask("select * from interactions")}
    assert acknowledged.items() <= stored.items()


async def shown(ask: Ask, port: int) -> None:
    """What readers are told are the tallies."""
    tallies = {(row["subject"], row["value"]): row["count"] for row in await ask("select * from tallies")}
    for subject in SUBJECTS:
        page = (await get(port, f"/v1/{SITE}/page?subject={subject}")).json()["widgets"]
        assert page["like"]["count"] == tallies.get((subject, "like"), 0)
        assert page["count"]["count"] == tallies.get((subject, "published"), 0)


async def _counted(ask: Ask, log: Sequence[Mapping[str, Any]]) -> None:
    sums: Counter[tuple[str, str]] = Counter()
    for row in log:
        match row["kind"]:
            case "like":
                sums[row["subject"], "like"] += 1
            case "unlike":
                sums[row["subject"], "like"] -= 1
            case "comment":
                sums[row["subject"], "published"] += 1
    tallies = {(row["subject"], row["value"]): row["count"] for row in await ask("select * from tallies")}
    chosen = Counter(row["subject"] for row in await ask("select subject from choices where amount > 0"))
    assert tallies == {place: sums[place] for place in tallies}
    assert +Counter(tallies) == +sums
    assert chosen == Counter({subject: n for (subject, value), n in (+sums).items() if value == "like"})


async def _in_its_tree(ask: Ask, crowd: Crowd) -> None:
    comments = {row["comment"]: row for row in await ask("select * from comments")}
    said = {told: act for act, told in crowd.acknowledged.values() if act.fields["action"] == "comment"}
    assert set(comments) == set(said)
    below: Counter[str] = Counter()
    for name, row in comments.items():
        assert (row["source"], row["parent"]) == (said[name].fields["text"], said[name].fields.get("parent"))
        above = row["parent"]
        assert row["path"].startswith(comments[above]["path"] if above else "")
        while above:
            below[above] += 1
            above = comments[above]["parent"]
    assert {name: row["live"] for name, row in comments.items()} == {name: below[name] for name in comments}


def _asked(file: Path, query: str) -> Sequence[Mapping[str, Any]]:
    with closing(sqlite3.connect(file)) as connection:
        connection.row_factory = sqlite3.Row
        connection.execute("pragma wal_autocheckpoint = 0")  # the log is for the writer to empty
        return [dict(row) for row in connection.execute(query)]
