"""What is shown of a poll: to those who vote, as a summary; to moderators, as a line of a list."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from widget_server.vocabulary import Mine, Statement, Tally, sql
from widget_server.widgets.base import Entry, Summary
from widget_server.widgets.poll.question import BEFORE, SEVERAL, Question

VOTED = "voted"
"""A value beside the options' ids that everybody holds who has voted: its tally is the number of people."""


def nothing(question: Question | None, *, may_bring: bool) -> Summary:
    """Where nothing is asked: yet, or any more."""
    return {
        "question": "",
        "options": [],
        "version": question.version if question else 0,
        "kind": "",
        "results": "",
        "closes": None,
        "open": False,
        "shown": False,
        "people": None,
        "voted": False,
        "from_snippet": question is None and may_bring,
        "fresh_until": None,
    }


def shown(question: Question, tally: Tally, mine: Mine, now: int) -> Summary:
    """What is asked; the result where it is over, where one has voted, or where all may see it."""
    is_open, voted = question.is_open(now), VOTED in mine.values
    is_shown = not is_open or voted or question.results == BEFORE
    counts = {each.id: tally.counts.get(each.id, 0) for each in question.offered}
    people = max(tally.counts.get(VOTED, 0), *counts.values())
    return {
        "question": question.text,
        "options": [
            {
                "id": each.id,
                "text": each.text,
                "count": counts[each.id] if is_shown else None,
                "share": _share(counts[each.id], people) if is_shown else None,
                "mine": each.id in mine.values,
            }
            for each in question.offered
        ],
        "version": question.version,
        "kind": question.kind,
        "results": question.results,
        "closes": question.closes,
        "open": is_open,
        "shown": is_shown,
        "people": people if is_shown else None,
        "voted": voted,
        "from_snippet": False,
        "fresh_until": question.closes if is_open else None,
    }


def panel() -> Statement:
    """The newest version of each of a site's polls, the last changed first."""
    return sql(
        "select q.subject, q.version, q.question, q.options, q.kind, q.closes, q.results, q.withdrawn"
        " from poll_questions q where q.site = :site and q.version ="
        " (select max(n.version) from poll_questions n where n.site = q.site and n.subject = q.subject)"
        " order by q.at desc, q.subject limit :most offset :skip",
        site="",
        most=0,
        skip=0,
    )


def entry(question: Question, subject: str, tally: Tally, now: int) -> Entry:
    """A line of the list, with what a moderator may do there."""
    is_open = question.is_open(now)
    counts = [f"{each.id}. {each.text}: {tally.counts.get(each.id, 0):,}" for each in question.offered]
    offers: dict[str, Mapping[str, Any]] = {"change": _filled(question), "reword": {}}
    offers["close" if is_open else "reopen"] = {}
    if not question.withdrawn:
        offers["withdraw"] = {}
    people = f"{tally.counts.get(VOTED, 0):,}"
    return Entry(subject, (question.text, people, "\n".join(counts), _state(question, now)), offers)


def _share(count: int, people: int) -> int:
    """Whole percent, rounded half up."""
    return (200 * count + people) // (2 * people) if people else 0


def _state(question: Question, now: int) -> str:
    """Where a poll stands, in words."""
    if question.withdrawn:
        return "Withdrawn"
    return "Open" if question.is_open(now) else "Closed"


def _filled(question: Question) -> Mapping[str, Any]:
    """A form as the question at hand fills it in."""
    return {
        "question": question.text,
        "options": tuple(option.text for option in question.offered),
        "several": question.kind == SEVERAL,
        "closes": question.closes,
        "results": question.results,
    }
