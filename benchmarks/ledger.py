"""What was sent to a server that is killed now and then, what it acknowledged, and what its database holds."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.transom import SITE
from widget_server.opening import database_of
from widget_server.settings import load
from widget_server.vocabulary import Transaction, sql

LIKE, COMMENT = "like", "comment"


@dataclass(slots=True)
class Ledger:
    """Everything that was sent, by idempotency key."""

    sent: dict[str, str] = field(default_factory=dict)
    """The key of each doing, and whether it is a like or a comment."""
    acknowledged: dict[str, str] = field(default_factory=dict)
    """The keys that were answered, and the interaction that the answer named."""
    changed: list[str] = field(default_factory=list)
    """Keys that were answered with one interaction first, and with another when they were sent again."""

    def answered(self, key: str, interaction: str) -> None:
        """An acknowledgement came in."""
        if self.acknowledged.setdefault(key, interaction) != interaction:
            self.changed.append(key)

    def doubtful(self) -> Sequence[str]:
        """What was sent and never answered: it may have been done or not."""
        return [key for key in self.sent if key not in self.acknowledged]


@dataclass(frozen=True, slots=True)
class Held:
    """What the database holds."""

    times: Mapping[str, int]
    """How often each key was recorded."""
    choices: int
    comments: int
    tallies: Mapping[str, int]
    """By widget."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of everything that was sent; all but the first are nothing where all is well."""

    acknowledged: int
    lost: int
    doubled: int
    miscounted: int
    unknown: int

    @property
    def is_good(self) -> bool:
        """Whether everything is there, once."""
        return not (self.lost or self.doubled or self.miscounted or self.unknown)


def judged(ledger: Ledger, held: Held) -> Verdict:
    """Compare what was sent with what is there; everything that was sent must have been answered by now."""
    kinds = list(ledger.sent.values())
    likes, comments = kinds.count(LIKE), kinds.count(COMMENT)
    counted = {
        "likes": (held.tallies.get("like", 0), held.choices, likes),
        "comments": (held.tallies.get("comments", 0), held.comments, comments),
    }
    return Verdict(
        acknowledged=len(ledger.acknowledged),
        lost=len(ledger.acknowledged.keys() - held.times.keys()),
        doubled=sum(times - 1 for times in held.times.values()) + len(ledger.changed),
        miscounted=sum(max(each) - min(each) for each in counted.values()),
        unknown=len(held.times.keys() - ledger.sent.keys()),
    )


def held(folder: Path, database: str = "") -> Held:
    """Look into a data folder's database, or into the one with this address, while nobody serves it."""
    return asyncio.run(held_now(folder, database))


async def held_now(folder: Path, database: str = "") -> Held:
    """The same in a running event loop."""
    async with database_of(load({}, overrides={"data": folder, "database": database or None})) as opened:
        return await opened.read(_look())


def _look() -> Transaction[Held]:
    times = yield sql(
        "select idempotency, count(*) as times from interactions where site = :site and idempotency is not null"
        " group by idempotency",
        site=SITE.id,
    )
    choices = yield sql("select count(*) as n from choices where site = :site and amount > 0", site=SITE.id)
    comments = yield sql("select count(*) as n from comments where site = :site", site=SITE.id)
    tallies = yield sql(
        "select widget, sum(count) as n from tallies where site = :site group by widget", site=SITE.id
    )
    return Held(
        {row["idempotency"]: row["times"] for row in times},
        choices[0]["n"],
        comments[0]["n"],
        {row["widget"]: int(row["n"]) for row in tallies},
    )
