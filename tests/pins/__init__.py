"""A widget with a table of its own, for tests: everybody pins one place to a page."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from widget_server.vocabulary import Choose, Intent, Mine, Reading, Row, Site, Statement, Text, sql
from widget_server.widgets.base import Action, Look, Summary


def pinned(place: str) -> Sequence[Statement]:
    """Pin a place, in place of another one."""
    return [
        sql(
            "insert into pins (site, subject, person, place, interaction, at)"
            " values (:site, :subject, :person, :place, :interaction, :at)"
            " on conflict (site, subject, person) do update set place = excluded.place",
            place=place,
            site="somebody else's",
            person="somebody else",
        )
    ]


def listed(look: Look) -> Statement:
    """Which places were pinned how often."""
    return sql(
        "select place, count(*) as number from pins where site = :site and subject = :subject group by place",
        site=look.site.id,
        subject=look.subject.key,
    )


class Pins:
    """One place for each person and page; `writes` and `asks` are what a test puts in place of what is right."""

    name = "pins"
    version = "1"
    title = "Pins"
    package = "tests.pins"
    actions: Mapping[str, Action] = {"pin": Action("Pin a place", {"place": Text(60)})}

    def __init__(
        self,
        *,
        writes: Callable[[str], Any] = pinned,
        asks: Callable[[Look], Any] = listed,
    ) -> None:
        self._writes = writes
        self._asks = asks

    def accept(self, action: str, fields: Mapping[str, Any], site: Site) -> Intent:  # noqa: ARG002 - the contract's shape
        """The place is the choice, too."""
        return Choose(action, (fields["place"],))

    def apply(self, action: str, fields: Mapping[str, Any], site: Site) -> Sequence[Statement]:  # noqa: ARG002 - as above
        """Write it down."""
        statements: Sequence[Statement] = self._writes(fields["place"])
        return statements

    def load(self, look: Look) -> Reading[Sequence[Row]]:
        """Ask for this page's places."""
        rows: Sequence[Row] = yield self._asks(look)
        return rows

    def summary(self, loaded: Sequence[Row], mine: Mine, look: Look) -> Summary:  # noqa: ARG002 - as above
        """`{"places": {place: int}, "own": str}`."""
        return {"places": {row["place"]: row["number"] for row in loaded}, "own": next(iter(mine.values), "")}

    def export_person(self) -> Mapping[str, Statement]:
        """Where the person pinned what."""
        return {
            "pins": sql(
                "select subject, place, at from pins where site = :site and person = :person order by subject"
            )
        }

    def erase_person(self) -> Sequence[Statement]:
        """The places stay, and are nobody's."""
        return [
            sql("update pins set person = :pseudonym where site = :site and person = :person"),
        ]
