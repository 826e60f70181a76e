"""Many subjects at once: what each key leads to, how many chose what there, and what is one person's own.

No list is the same in both databases, so a list of texts travels in a few parameters, each text after its length in
four digits, and a recursion takes one off each parameter at a time.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass, field

from widget_server.store.comments import from_row
from widget_server.vocabulary import Comment, Transaction, sql

LISTS = 8
"""Parameters that are taken apart side by side, since taking one text off costs as much as the rest is long."""

TEXTS_EACH = 100
"""Texts of one person's own in a place (a subject and a widget)."""

TEXTS = 1_000
"""Texts of one person's own in all places together."""

Where = tuple[str, str]
"""Subject and widget."""


@dataclass(frozen=True, slots=True)
class Known:
    """Where a key leads, and for each widget asked for that was used there, how many chose what."""

    subject: str
    counts: dict[str, dict[str, int]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Own:
    """One person's own in a place: value → amount, and texts, newest first."""

    values: dict[str, int] = field(default_factory=dict)
    texts: list[Comment] = field(default_factory=list)


def known(site: str, keys: Collection[str], widgets: Collection[str]) -> Transaction[dict[str, Known]]:
    """What each key leads to, and the tallies of some widgets there."""
    rows = yield sql(
        "with recursive asked (key, others) as (select '', :list0 union all select '', :list1"
        " union all select '', :list2 union all select '', :list3 union all select '', :list4"
        " union all select '', :list5 union all select '', :list6 union all select '', :list7 union all"
        " select substr(others, 5, cast(substr(others, 1, 4) as integer)),"
        " substr(others, 5 + cast(substr(others, 1, 4) as integer)) from asked where others <> '')"
        " select k.key, coalesce(a.subject, k.key) as subject, t.widget, t.value, t.count as number from asked k"
        " left join aliases a on a.site = :site and a.alias = k.key"
        " left join tallies t on t.site = :site and t.subject = coalesce(a.subject, k.key)"
        " and replace(:widgets, ' ' || t.widget || ' ', '') <> :widgets where k.key <> ''",
        site=site,
        widgets=_spaced(widgets),
        **_lists(keys),
    )
    found: dict[str, Known] = {}
    for row in rows:
        key, widget = row["key"], row["widget"]
        if key not in found:
            found[key] = Known(row["subject"])
        if widget is not None:
            found[key].counts.setdefault(widget, {})[row["value"]] = row["number"]
    return found


def own(
    site: str, person: str, subjects: Collection[str], widgets: Collection[str], since: int | None
) -> Transaction[dict[Where, Own]]:
    """What a person has chosen with some widgets on some subjects.

    With `since` (milliseconds since the epoch) also the texts that are still to be changed, since they are newer, or
    that wait to be seen.
    """
    found: defaultdict[Where, Own] = defaultdict(Own)
    rows = yield sql(
        "with recursive asked (key, others) as (select '', :list0 union all select '', :list1"
        " union all select '', :list2 union all select '', :list3 union all select '', :list4"
        " union all select '', :list5 union all select '', :list6 union all select '', :list7 union all"
        " select substr(others, 5, cast(substr(others, 1, 4) as integer)),"
        " substr(others, 5 + cast(substr(others, 1, 4) as integer)) from asked where others <> '')"
        " select c.subject, c.widget, c.value, c.amount from asked k join choices c on c.site = :site"
        " and c.person = :person and c.subject = k.key and c.amount > 0"
        " and replace(:widgets, ' ' || c.widget || ' ', '') <> :widgets where k.key <> ''",
        site=site,
        person=person,
        widgets=_spaced(widgets),
        **_lists(subjects),
    )
    for row in rows:
        found[row["subject"], row["widget"]].values[row["value"]] = row["amount"]
    if since is not None:
        for text in (yield from _texts(site, person, subjects, widgets, since)):
            texts = found[text.subject, text.widget].texts
            if len(texts) < TEXTS_EACH:
                texts.append(text)
    return found


def _texts(
    site: str, person: str, subjects: Collection[str], widgets: Collection[str], since: int
) -> Transaction[list[Comment]]:
    rows = yield sql(
        "with recursive asked (key, others) as (select '', :list0 union all select '', :list1"
        " union all select '', :list2 union all select '', :list3 union all select '', :list4"
        " union all select '', :list5 union all select '', :list6 union all select '', :list7 union all"
        " select substr(others, 5, cast(substr(others, 1, 4) as integer)),"
        " substr(others, 5 + cast(substr(others, 1, 4) as integer)) from asked where others <> '')"
        " select * from comments where site = :site and person = :person"
        " and (status = 'held' or status = 'published' and created > :since)"
        " and replace(:widgets, ' ' || widget || ' ', '') <> :widgets"
        " and subject in (select k.key from asked k where k.key <> '') order by comment desc limit :most",
        site=site,
        person=person,
        since=since,
        most=TEXTS,
        widgets=_spaced(widgets),
        **_lists(subjects),
    )
    return [from_row(row) for row in rows]


def _lists(texts: Collection[str]) -> dict[str, str]:
    each = list(dict.fromkeys(texts))
    return {
        f"list{number}": "".join([f"{len(text):04}{text}" for text in each[number::LISTS]])
        for number in range(LISTS)
    }


def _spaced(names: Collection[str]) -> str:
    """Names in one parameter, each between spaces, which no name holds."""
    return f" {' '.join(names)} "
