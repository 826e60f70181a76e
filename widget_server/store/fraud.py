"""Where choices came from; those that look made up are taken out of the tally, and put back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass

from widget_server.store.changes import touched
from widget_server.store.choices import Place, count
from widget_server.store.moderation import Act, note
from widget_server.vocabulary import Row, Transaction, sql

NEW = 60_000
"""A person is new to whom this choice came within so many milliseconds of the first interaction."""

MOST_ROWS = 28
"""Rows of one table; a form with all of two tables marked stays within the bound of a form's fields."""


@dataclass(frozen=True, slots=True)
class Busy:
    """A subject and a widget with its number of counted choices."""

    subject: str
    widget: str
    title: str | None
    url: str | None
    count: int


@dataclass(frozen=True, slots=True)
class Group:
    """Choices that came from one network, or in one minute."""

    name: str
    """The network's keyed hash; or the number of the minute since the epoch."""
    choices: int
    new: int
    """By people who were new then."""
    excluded: int
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class Marked:
    """Which choices are meant: those from the networks, and those made in the minutes (since the epoch)."""

    networks: tuple[str, ...] = ()
    minutes: tuple[str, ...] = ()
    only_new: bool = False
    """Of those, only the ones by people who were new then."""


@dataclass(frozen=True, slots=True)
class Origins:
    """Where a subject's choices came from."""

    counted: int
    excluded: int
    unknown: int
    """Choices for which no network was kept."""
    networks: tuple[Group, ...]
    minutes: tuple[Group, ...]


def busiest(site: str) -> Transaction[Sequence[Busy]]:
    """The subjects on which most was chosen."""
    rows = yield sql(
        "select t.subject, t.widget, s.title, s.url, t.number from (select subject, widget, sum(count) as number"
        " from tallies where site = :site and value <> 'published' group by subject, widget"
        " order by number desc, subject limit :limit) as t"
        " left join subjects s on s.site = :site and s.subject = t.subject order by t.number desc, t.subject",
        site=site,
        limit=MOST_ROWS,
    )
    return [Busy(row["subject"], row["widget"], row["title"], row["url"], int(row["number"])) for row in rows]


def origins(site: str, subject: str, widget: str) -> Transaction[Origins]:
    """The networks and the minutes from which most choices came, and how many there are in all."""
    totals = yield sql(
        "select count(*) as choices, coalesce(sum(c.excluded), 0) as excluded,"
        " coalesce(sum(case when i.client is null then 1 else 0 end), 0) as unknown from choices c"
        " left join interactions i on i.site = c.site and i.interaction = c.interaction"
        " where c.site = :site and c.subject = :subject and c.widget = :widget",
        site=site,
        subject=subject,
        widget=widget,
    )
    networks = yield from _networks(site, subject, widget)
    minutes = yield from _minutes(site, subject, widget)
    total, excluded = int(totals[0]["choices"]), int(totals[0]["excluded"])
    return Origins(
        counted=total - excluded,
        excluded=excluded,
        unknown=int(totals[0]["unknown"]),
        networks=networks,
        minutes=minutes,
    )


def recount(place: Place, marked: Marked, *, counted: bool, act: Act) -> Transaction[int]:
    """Take the marked choices out of the tally, or put them back; how many that changed.

    `place.person` does not matter: everybody's choices count. Doing it twice changes nothing more.
    """
    rows = yield sql(
        "select c.value, count(*) as choices, sum(c.amount) as amount from choices c join interactions i"
        " on i.site = c.site and i.interaction = c.interaction"
        " left join people p on p.site = c.site and p.person = c.person where c.site = :site"
        " and c.subject = :subject and c.widget = :widget and c.excluded = :before"
        " and (replace(:networks, ',' || i.client || ',', '') <> :networks"
        " or replace(:minutes, ',' || (i.at / 60000) || ',', '') <> :minutes)"
        " and (:only_new = 0 or p.created > i.at - :new) group by c.value order by c.value",
        site=place.site,
        subject=place.subject,
        widget=place.widget,
        before=int(counted),
        networks=_listed(marked.networks),
        minutes=_listed(marked.minutes),
        only_new=int(marked.only_new),
        new=NEW,
    )
    changed: int = sum(row["choices"] for row in rows)
    if changed:
        yield from _mark(place, marked, counted=counted)
        for row in rows:
            yield from count(place, row["value"], int(row["amount"]) if counted else -int(row["amount"]))
        data = {**asdict(marked), "choices": changed}
        yield from note(act, place, "include" if counted else "exclude", data)
        yield from touched(place.site, place.subject)
    return changed


def _mark(place: Place, marked: Marked, *, counted: bool) -> Transaction[None]:
    yield sql(
        "update choices set excluded = :after where site = :site and subject = :subject and widget = :widget"
        " and excluded = :before and interaction in (select i.interaction from interactions i"
        " left join people p on p.site = i.site and p.person = i.person"
        " where i.site = :site and i.subject = :subject and i.widget = :widget"
        " and (replace(:networks, ',' || i.client || ',', '') <> :networks"
        " or replace(:minutes, ',' || (i.at / 60000) || ',', '') <> :minutes)"
        " and (:only_new = 0 or p.created > i.at - :new))",
        after=int(not counted),
        before=int(counted),
        site=place.site,
        subject=place.subject,
        widget=place.widget,
        networks=_listed(marked.networks),
        minutes=_listed(marked.minutes),
        only_new=int(marked.only_new),
        new=NEW,
    )


def _listed(names: Sequence[str]) -> str:
    """One text for any number of names: a name is among them if taking it out changes the text."""
    return f",{',,'.join(names)},"


def _networks(site: str, subject: str, widget: str) -> Transaction[tuple[Group, ...]]:
    rows = yield sql(
        "select i.client as name, count(*) as choices, sum(c.excluded) as excluded, min(i.at) as first,"
        " max(i.at) as last, sum(case when p.created > i.at - :new then 1 else 0 end) as new from choices c"
        " join interactions i on i.site = c.site and i.interaction = c.interaction"
        " left join people p on p.site = c.site and p.person = c.person"
        " where c.site = :site and c.subject = :subject and c.widget = :widget and i.client is not null"
        " group by i.client order by choices desc, i.client limit :limit",
        site=site,
        subject=subject,
        widget=widget,
        new=NEW,
        limit=MOST_ROWS,
    )
    return tuple(_group(row, row["name"]) for row in rows)


def _minutes(site: str, subject: str, widget: str) -> Transaction[tuple[Group, ...]]:
    rows = yield sql(
        "select i.at / 60000 as name, count(*) as choices, sum(c.excluded) as excluded, min(i.at) as first,"
        " max(i.at) as last, sum(case when p.created > i.at - :new then 1 else 0 end) as new from choices c"
        " join interactions i on i.site = c.site and i.interaction = c.interaction"
        " left join people p on p.site = c.site and p.person = c.person"
        " where c.site = :site and c.subject = :subject and c.widget = :widget"
        " group by i.at / 60000 order by choices desc, i.at / 60000 limit :limit",
        site=site,
        subject=subject,
        widget=widget,
        new=NEW,
        limit=MOST_ROWS,
    )
    return tuple(_group(row, str(int(row["name"]))) for row in rows)


def _group(row: Row, name: str) -> Group:
    return Group(name, row["choices"], int(row["new"]), int(row["excluded"]), row["first"], row["last"])
