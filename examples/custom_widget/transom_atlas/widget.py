"""The widget atlas: one region per reader, counted, and a table of its own that tells who came last."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from widget_server.vocabulary import (
    Choose,
    Clear,
    Intent,
    Mine,
    Reading,
    ReadTally,
    Row,
    Site,
    Statement,
    Tally,
    sql,
)
from widget_server.widgets.base import (
    Action,
    Look,
    OneOf,
    Setting,
    Summary,
    Text,
    Whole,
    settings_of,
)

from transom_atlas.places import PLACES

MOST_LATEST = 10
MOST_LISTED = 5
DARKEST = 4

Loaded = tuple[Tally, Sequence[Row]]
"""How many there are in each region, and the latest, newest first."""


class Atlas:
    """One region per reader, changed and taken back as one likes."""

    name = "atlas"
    version = "1"
    title = "Where readers are"
    package = "transom_atlas"
    actions: Mapping[str, Action] = {
        "mark": Action("Say where one reads", {"place": OneOf(PLACES)}),
        "unmark": Action("Take it back"),
    }
    settings: Mapping[str, Setting] = {
        "question": Setting(
            "The question",
            Text(most=120, least=0),
            "",
            "Empty: “Where are you reading from?” in the page's language.",
        ),
        "latest": Setting("How many of the latest readers are named", Whole(0, MOST_LATEST), 3),
    }

    def accept(self, action: str, fields: Mapping[str, Any], site: Site) -> Intent:
        """Choose the region, or clear the choice; the core counts."""
        if action == "mark":
            return Choose(action, (fields["place"],))
        return Clear(action)

    def load(self, look: Look) -> Reading[Loaded]:
        """The tally, and the newest rows of the widget's own table."""
        tally: Tally = yield ReadTally()
        most = settings_of(self, look.site)["latest"]
        rows: Sequence[Row] = yield sql(
            """
            select place, at from atlas_latest
            where site = :site and subject = :subject
            order by at desc, person limit :most
            """,
            most=most,
        )
        return tally, rows

    def summary(self, loaded: Loaded, mine: Mine, look: Look) -> Summary:
        """`{"total", "counts", "levels", "listed", "latest", "mine", "question"}`.

        `counts` is by region; `levels` says how dark each is, 0 to 4; `listed` are those with most readers;
        `latest` are `{"place", "at"}`, newest first, in milliseconds since the epoch, UTC.
        """
        tally, rows = loaded
        counts = {place: tally.counts.get(place, 0) for place in PLACES}
        largest = max(counts.values())
        listed = sorted((place for place in PLACES if counts[place] > 0), key=lambda place: -counts[place])
        return {
            "total": sum(counts.values()),
            "counts": counts,
            "levels": {place: _level(count, largest) for place, count in counts.items()},
            "listed": listed[:MOST_LISTED],
            "latest": [{"place": row["place"], "at": row["at"]} for row in rows],
            "mine": next(iter(mine.values), None),
            "question": settings_of(self, look.site)["question"],
        }

    def apply(self, action: str, fields: Mapping[str, Any], site: Site) -> Sequence[Statement]:
        """Remember when it was said, or forget it, in the transaction of the choice."""
        if action == "mark":
            return [
                sql(
                    """
                    insert into atlas_latest (site, subject, person, place, at)
                    values (:site, :subject, :person, :place, :at)
                    on conflict (site, subject, person) do update
                    set place = excluded.place, at = excluded.at
                    """,
                    place=fields["place"],
                )
            ]
        return [
            sql("delete from atlas_latest where site = :site and subject = :subject and person = :person")
        ]

    def export_person(self) -> Mapping[str, Statement]:
        """What is told to who asks what is held about them."""
        return {
            "latest": sql(
                """
                select subject, place, at from atlas_latest
                where site = :site and person = :person order by subject
                """
            )
        }

    def erase_person(self) -> Sequence[Statement]:
        """What is done for who wants to be forgotten; what was counted stays counted, under no name."""
        return [sql("delete from atlas_latest where site = :site and person = :person")]


def _level(count: int, largest: int) -> int:
    """From 0, where there is nobody, to the darkest, where most are."""
    return -(-count * DARKEST // largest) if largest else 0
