"""Reading: what a widget may ask of a page, and what it is told.

A widget's `load` yields the questions, or statements of its own.
"""

from __future__ import annotations

from collections.abc import Generator, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from widget_server.vocabulary.nouns import Person, Status
from widget_server.vocabulary.statements import Statement

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class ReadTally:
    """Ask for the tally of a widget on the subject (None: the widget's own); answered with a `Tally`."""

    widget: str | None = None


@dataclass(frozen=True, slots=True)
class ReadThread:
    """Ask for one page of the subject's thread; answered with a `ThreadPage`.

    `chosen`: with what the writers of its roots have chosen with the same widget.
    """

    after: str | None = None
    root: str | None = None
    chosen: bool = False


@dataclass(frozen=True, slots=True)
class ReadComment:
    """Ask for one comment as it stands, whoever may see it; answered with a `Comment` or None."""

    id: str


@dataclass(frozen=True, slots=True)
class ReadOwn:
    """Ask for the person's newest text here, however old and whoever may see it; answered with a `Comment` or None.

    It is a root, and was not deleted; for nobody it is None.
    """


@dataclass(frozen=True, slots=True)
class ReadMine:
    """Ask for the person's own state here; answered with a `Mine` (empty for nobody)."""


Reading = Generator[ReadTally | ReadThread | ReadComment | ReadOwn | ReadMine | Statement, Any, T]


@dataclass(frozen=True, slots=True)
class Tally:
    """How many chose what."""

    counts: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Comment:
    """One text in a thread, as stored."""

    id: str
    subject: str
    widget: str
    parent: str | None
    root: str
    depth: int
    person: str
    name: str
    source: str
    html: str
    html_version: str
    status: Status
    created: int
    edited: int | None
    replies: int
    revision: int
    path: str = ""
    staff: bool = False


@dataclass(frozen=True, slots=True)
class ThreadPage:
    """Part of a thread: comments in reading order, each after its parent."""

    comments: tuple[Comment, ...]
    total: int
    """Published comments on the subject, over all pages."""
    next: str | None = None
    """The cursor of the next page of roots; None: that was all."""
    more: Mapping[str, tuple[str, int]] = field(default_factory=dict)
    """For a root whose replies did not fit: the cursor and how many are left."""
    tally: Tally = field(default_factory=Tally)
    """The widget's tally, as `ReadTally` gives it."""
    chosen: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Where it was asked for: by the id of a root what its writer has chosen, as far as it is counted."""


@dataclass(frozen=True, slots=True)
class Mine:
    """What one person has done on one subject."""

    person: Person | None = None
    values: Mapping[str, int] = field(default_factory=dict)
    """The person's choices for the widget at hand: value → amount."""
    comments: tuple[Comment, ...] = ()
    """The person's own comments that are still to be edited, or that wait to be seen."""
