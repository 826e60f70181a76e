"""Choices and tallies: who chose what, and how many did; both in the transaction of the interaction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from widget_server.vocabulary import Tally, Transaction, sql

MOST = 12
"""Subjects whose tallies are asked for at once."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a choice stands: one widget on one subject, for one person."""

    site: str
    subject: str
    widget: str
    person: str


@dataclass(frozen=True, slots=True)
class Chosen:
    """What a change did: how much came to the amount, and the interaction that the state rests on."""

    added: int
    interaction: str

    @property
    def changed(self) -> bool:
        """Whether anything changed."""
        return self.added > 0


def choose(
    place: Place, values: Sequence[str], interaction: str, held: Mapping[str, str]
) -> Transaction[None]:
    """Make the person's choice exactly these values, where it is what is `held` (see `Known`) until now."""
    wanted = set(values)
    for value in sorted(set(held) - wanted):
        yield from _drop(place, value)
    for value in sorted(wanted - set(held)):
        yield from _set(place, value, 1, interaction)


def add(place: Place, value: str, n: int, cap: int, interaction: str) -> Transaction[Chosen]:
    """Add to the person's amount, up to the cap; what goes beyond it is not counted."""
    rows = yield sql(
        "select amount, interaction from choices where site = :site and subject = :subject"
        " and widget = :widget and person = :person and value = :value",
        site=place.site,
        subject=place.subject,
        widget=place.widget,
        person=place.person,
        value=value,
    )
    before: int = rows[0]["amount"] if rows else 0
    after = min(cap, before + n)
    if after <= before:
        return Chosen(added=0, interaction=rows[0]["interaction"] if rows else interaction)
    yield from _set(place, value, after, interaction, before=before)
    return Chosen(added=after - before, interaction=interaction)


def count(place: Place, value: str, by: int) -> Transaction[None]:
    """Move a tally; nothing else ever sets one."""
    yield sql(
        "insert into tallies (site, subject, widget, value, count) values (:site, :subject, :widget, :value, :by)"
        " on conflict (site, subject, widget, value) do update set count = tallies.count + excluded.count",
        site=place.site,
        subject=place.subject,
        widget=place.widget,
        value=value,
        by=by,
    )


def tally(site: str, subject: str, widget: str) -> Transaction[Tally]:
    """How many chose what."""
    rows = yield sql(
        "select value, count from tallies where site = :site and subject = :subject and widget = :widget",
        site=site,
        subject=subject,
        widget=widget,
    )
    return Tally({row["value"]: row["count"] for row in rows})


def tallies(site: str, widget: str, subjects: Sequence[str]) -> Transaction[dict[str, Tally]]:
    """The tallies of up to `MOST` subjects, by subject; one on which nothing was chosen is missing."""
    named = {f"subject{number}": subject for number, subject in enumerate((*subjects, *[""] * MOST)[:MOST])}
    rows = yield sql(
        "select subject, value, count from tallies where site = :site and widget = :widget and subject in ("
        ":subject0, :subject1, :subject2, :subject3, :subject4, :subject5, :subject6, :subject7, :subject8,"
        " :subject9, :subject10, :subject11)",
        site=site,
        widget=widget,
        **named,
    )
    found: dict[str, dict[str, int]] = {}
    for row in rows:
        found.setdefault(row["subject"], {})[row["value"]] = row["count"]
    return {subject: Tally(counts) for subject, counts in found.items()}


def shown(place: Place) -> Transaction[tuple[Tally, dict[str, int]]]:
    """How many chose what, and the person's own choice, at once."""
    rows = yield sql(
        "select 'all' as whose, t.value, t.count as amount from tallies t where t.site = :site"
        " and t.subject = :subject and t.widget = :widget"
        " union all select 'own', c.value, c.amount from choices c where c.site = :site and c.subject = :subject"
        " and c.widget = :widget and c.person = :person and c.amount > 0",
        site=place.site,
        subject=place.subject,
        widget=place.widget,
        person=place.person,
    )
    told = {
        whose: {row["value"]: row["amount"] for row in rows if row["whose"] == whose}
        for whose in ("all", "own")
    }
    return Tally(told["all"]), told["own"]


def _set(place: Place, value: str, amount: int, interaction: str, *, before: int = 0) -> Transaction[None]:
    """Give a choice its amount; who was taken out of the tally here stays out of it, whatever the choice is now."""
    rows = yield sql(
        "insert into choices (site, subject, widget, person, value, amount, interaction, excluded)"
        " select :site, :subject, :widget, :person, :value, :amount, :interaction, coalesce(max(o.excluded), 0)"
        " from choices o where o.site = :site and o.subject = :subject and o.widget = :widget and o.person = :person"
        " on conflict (site, subject, widget, person, value) do update"
        " set amount = excluded.amount, interaction = excluded.interaction returning choices.excluded as left_out",
        site=place.site,
        subject=place.subject,
        widget=place.widget,
        person=place.person,
        value=value,
        amount=amount,
        interaction=interaction,
    )
    if not rows[0]["left_out"]:
        yield from count(place, value, amount - before)


def _drop(place: Place, value: str) -> Transaction[None]:
    """Take a choice back. What was left out of the tally is remembered, so that choosing again does not count."""
    rows = yield sql(
        "delete from choices where site = :site and subject = :subject and widget = :widget and person = :person"
        " and value = :value and excluded = 0 returning amount",
        site=place.site,
        subject=place.subject,
        widget=place.widget,
        person=place.person,
        value=value,
    )
    if rows:
        yield from count(place, value, -rows[0]["amount"])
    else:
        yield sql(
            "update choices set amount = 0 where site = :site and subject = :subject and widget = :widget"
            " and person = :person and value = :value",
            site=place.site,
            subject=place.subject,
            widget=place.widget,
            person=place.person,
            value=value,
        )
