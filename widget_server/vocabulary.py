"""The words: what a site, a subject, a person, an intent and a verdict are. Data only, no behaviour."""

from __future__ import annotations

from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, LiteralString, Protocol, TypeVar

T = TypeVar("T")
Value = str | int | float | bytes | None


@dataclass(frozen=True, slots=True)
class Statement:
    """One SQL statement with named parameters (`:name`)."""

    text: str
    parameters: Mapping[str, Value]


def sql(text: LiteralString, /, **parameters: Value) -> Statement:
    """A statement to `yield` from a transaction; the text is literal, values travel as parameters."""
    return Statement(text, parameters)


class Row(Protocol):
    """One row of an answer, read by column name."""

    def __getitem__(self, name: str, /) -> Any: ...  # noqa: ANN401 - a column may hold any SQL value


Transaction = Generator[Statement, Sequence[Row], T]


class Status(StrEnum):
    """Where a text stands: who may see it."""

    PUBLISHED = "published"
    HELD = "held"
    REJECTED = "rejected"
    REMOVED = "removed"
    """Taken down by a moderator: a tombstone for readers; the text is kept, so that it can come back."""
    DELETED = "deleted"
    """Taken back by its author: a tombstone, and the text and the name are erased."""


class Verdict(StrEnum):
    """What the review decided."""

    PUBLISH = "publish"
    HOLD = "hold"
    REJECT = "reject"


class Mode(StrEnum):
    """Whose comments are seen at once."""

    OPEN = "open"
    FIRST_HELD = "first_held"
    ALL_HELD = "all_held"
    CLOSED = "closed"


class Role(StrEnum):
    """Who may do an action: anybody, or those who keep order on the site."""

    PERSON = "person"
    MODERATOR = "moderator"


class PersonKind(StrEnum):
    """How well a person is known."""

    GUEST = "guest"
    MODERATOR = "moderator"
    IMPORTED = "imported"


@dataclass(frozen=True, slots=True)
class SiteSettings:
    """What the owner of a site chooses; every number is bounded when it is set."""

    mode: Mode = Mode.OPEN
    edit_window: int = 15 * 60
    """Seconds in which authors may edit or delete; 0: not at all."""
    max_length: int = 10_000
    """Characters in one comment."""
    page_size: int = 50
    """Root comments in one answer."""
    name_required: bool = False
    keep_query: tuple[str, ...] | None = None
    """The query keys that tell pages apart; None: all but known tracking keys."""
    drop_index: bool = False
    drop_slash: bool = False
    widgets: tuple[str, ...] | None = None
    """The widgets that are switched on; None: all that are installed."""


@dataclass(frozen=True, slots=True)
class Site:
    """Who embeds."""

    id: str
    name: str
    origins: tuple[str, ...]
    settings: SiteSettings
    created: int


@dataclass(frozen=True, slots=True)
class Subject:
    """What an interaction is about; `key` is unique in its site."""

    site: str
    key: str
    url: str | None = None
    title: str | None = None


@dataclass(frozen=True, slots=True)
class Person:
    """Who interacts."""

    site: str
    id: str
    kind: PersonKind = PersonKind.GUEST
    name: str = ""


@dataclass(frozen=True, slots=True)
class Review:
    """A verdict with its machine-readable reasons."""

    verdict: Verdict
    reasons: tuple[str, ...] = ()


# What a widget makes of a request. Each carries the `kind` that the record will show.


@dataclass(frozen=True, slots=True)
class Choose:
    """This person's choice here is exactly these values."""

    kind: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Add:
    """Add n to this person's amount here, up to the cap."""

    kind: str
    n: int
    cap: int
    value: str = ""


@dataclass(frozen=True, slots=True)
class Clear:
    """This person takes back the choice."""

    kind: str


@dataclass(frozen=True, slots=True)
class Write:
    """A new text, perhaps in reply to another."""

    kind: str
    text: str
    parent: str | None = None
    name: str | None = None


@dataclass(frozen=True, slots=True)
class Rewrite:
    """New text in place of one's own."""

    kind: str
    target: str
    text: str


@dataclass(frozen=True, slots=True)
class Erase:
    """One's own text is taken back."""

    kind: str
    target: str


@dataclass(frozen=True, slots=True)
class Judge:
    """A moderator decides on a text; `status` None restores what stood before the last decision.

    Where they are given, the decision holds only for what was seen: the text's revision, the status it had, and to
    take one back the decision that is taken back.
    """

    kind: str
    target: str
    status: Status | None
    revision: int | None = None
    seen: Status | None = None
    decision: str | None = None


@dataclass(frozen=True, slots=True)
class Record:
    """Only the record remembers it."""

    kind: str
    data: Mapping[str, Any]


Intent = Choose | Add | Clear | Write | Rewrite | Erase | Judge | Record


# What a widget may read of a page. A widget's `load` yields these, or statements of its own.


@dataclass(frozen=True, slots=True)
class ReadTally:
    """Ask for the tally of a widget on the subject (None: the widget's own); answered with a `Tally`."""

    widget: str | None = None


@dataclass(frozen=True, slots=True)
class ReadThread:
    """Ask for one page of the subject's thread; answered with a `ThreadPage`."""

    after: str | None = None
    root: str | None = None


@dataclass(frozen=True, slots=True)
class ReadComment:
    """Ask for one comment as it stands, whoever may see it; answered with a `Comment` or None."""

    id: str


@dataclass(frozen=True, slots=True)
class ReadMine:
    """Ask for the person's own state here; answered with a `Mine` (empty for nobody)."""


Reading = Generator[ReadTally | ReadThread | ReadComment | ReadMine | Statement, Any, T]


@dataclass(frozen=True, slots=True)
class Tally:
    """How many chose what."""

    counts: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Comment:
    """One text in a thread, as stored."""

    id: str
    subject: str
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


@dataclass(frozen=True, slots=True)
class Mine:
    """What one person has done on one subject."""

    person: Person | None = None
    values: Mapping[str, int] = field(default_factory=dict)
    """The person's choices for the widget at hand: value → amount."""
    comments: tuple[Comment, ...] = ()
    """The person's own comments that are still to be edited, or that wait to be seen."""


@dataclass(frozen=True, slots=True)
class Interaction:
    """One doing, as the record keeps it."""

    site: str
    id: str
    at: int
    subject: str
    widget: str
    kind: str
    person: str
    verdict: Verdict
    reasons: tuple[str, ...]
    data: Mapping[str, Any]
    target: str | None = None
    client: str | None = None
    """A keyed hash of the client's network, never the address."""
