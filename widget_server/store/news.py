"""News: what readers can notice of a subject since a moment, and nothing that is kept from them."""

from __future__ import annotations

import json
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from widget_server.ids import first_of
from widget_server.vocabulary import Row, Status, Transaction, sql


@dataclass(frozen=True, slots=True)
class Told:
    """One line of the record about a text."""

    interaction: str
    widget: str
    comment: str
    root: str
    is_public: bool
    """Whether readers see the text now."""
    is_new: bool
    """Whether this line is what brought it before them: its writing, or a moderator's decision."""


@dataclass(frozen=True, slots=True)
class News:
    """The state of a subject, and the latest lines about its texts."""

    tallies: Mapping[str, int]
    """For each widget a checksum of its tally."""
    texts: Sequence[Told]
    is_whole: bool
    """False: there were more lines than were asked for."""


def news(site: str, subject: str, since: int, most: int) -> Transaction[News]:
    """The tallies as they stand, and what was done to texts since a moment (milliseconds, UTC), oldest first."""
    counted = yield sql(
        "select widget, value, count from tallies where site = :site and subject = :subject and count <> 0",
        site=site,
        subject=subject,
    )
    lines = yield sql(
        "select i.interaction, i.widget, i.target, i.data, c.root, c.status from interactions i"
        " join comments c on c.site = i.site and c.comment = i.target"
        " where i.site = :site and i.subject = :subject and i.target is not null and i.interaction > :since"
        " order by i.interaction limit :limit",
        site=site,
        subject=subject,
        since=first_of(since),
        limit=most + 1,
    )
    return News(_checksums(counted), [_told(line) for line in lines[:most]], len(lines) <= most)


def _told(line: Row) -> Told:
    is_written = line["target"] == line["interaction"]
    return Told(
        line["interaction"],
        line["widget"],
        line["target"],
        line["root"],
        is_public=line["status"] == Status.PUBLISHED,
        is_new=is_written or json.loads(line["data"]).get("after") == Status.PUBLISHED,
    )


def _checksums(rows: Sequence[Row]) -> Mapping[str, int]:
    tallies: dict[str, list[str]] = {}
    for row in rows:
        tallies.setdefault(row["widget"], []).append(f"{row['value']}\x1f{row['count']}")
    return {widget: zlib.crc32("\x1e".join(sorted(values)).encode()) for widget, values in tallies.items()}
