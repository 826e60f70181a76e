"""Doings: a request to interact on its way, from what was asked to what came of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from widget_server.moderation.pipeline import Opinion
from widget_server.store.interactions import Once
from widget_server.vocabulary import (
    Comment,
    Intent,
    Interaction,
    Person,
    Review,
    Role,
    Site,
    Statement,
    Subject,
)


@dataclass(frozen=True, slots=True)
class Doing:
    """A request to interact: who does what, where, with which fields, and when."""

    site: Site
    subject: Subject
    widget: str
    action: str
    fields: Mapping[str, Any]
    person: Person
    now: int
    role: Role = Role.PERSON
    key: str | None = None
    client: str | None = None


@dataclass(frozen=True, slots=True)
class Rendered:
    """A text as it is stored: its source, its safe HTML, and under which rules that was made."""

    source: str
    html: str
    version: str


@dataclass(frozen=True, slots=True)
class Told:
    """What a widget asked of the store, and what it was told."""

    statement: Statement
    rows: Sequence[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Prepared:
    """An intent that was accepted and reviewed, ready to be recorded."""

    intent: Intent
    review: Review
    rendered: Rendered = field(default_factory=lambda: Rendered("", "", ""))
    name: str | None = None
    """The name that came with a text; `""`: none any more; None: the one that is known."""
    id: str = ""
    once: Once | None = None
    opinions: Sequence[Opinion] = ()
    """What the plug-ins' checks think of a text."""
    notifiers: Sequence[str] = ()
    """Those that are to be told of it."""
    own: Sequence[Statement] = ()
    """What the widget writes into tables of its own."""
    told: Sequence[Told] = ()
    """What of the store its decision rests on."""
    earlier: Comment | None = None
    """The text that a new one takes the place of."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What was done."""

    interaction: Interaction
    person: Person
    changed: bool
    """False: it was so already, or this very request was done before."""
    text: Comment | None = None
    """The text that was written, where it is a new one."""


@dataclass(frozen=True, slots=True)
class Effect:
    """What applying an intent did to the state."""

    changed: bool
    interaction: str
    target: str | None = None
    data: Mapping[str, Any] = field(default_factory=dict)
    review: Review | None = None
    """Where another verdict than the review's was applied."""
    text: Comment | None = None
    """A new text, as it is stored."""


class Unchanged(Exception):
    """It was so already; nothing is written."""

    def __init__(self, outcome: Outcome) -> None:
        super().__init__()
        self.outcome = outcome
