"""The nouns: site, subject, person, verdict, and the lines of the record."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


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


class OnCheckFailure(StrEnum):
    """What becomes of a text that a check failed to judge."""

    HOLD = "hold"
    PASS = "pass"  # noqa: S105 - a word, and no password


class Role(StrEnum):
    """Who may do an action: whoever reads, whoever is somebody here, or those who keep order on the site."""

    READER = "reader"
    """Nobody in particular: what is done so is recorded without saying who did it."""
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
    checks: tuple[str, ...] | None = None
    """The plug-ins' checks that are switched on; None: all that are installed."""
    on_check_failure: OnCheckFailure = OnCheckFailure.HOLD
    """What becomes of a text that one of them fails to judge: it waits for a moderator, or is seen."""
    notifiers: tuple[str, ...] | None = None
    """The notifiers that are switched on; None: all that are installed."""
    live: bool = True
    """Whether an open page hears what others do."""
    plugins: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """What was chosen of the plug-ins' own settings, by plug-in and name; what is missing is at its default."""


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
