"""Intents: what a widget makes of a request. Each carries the `kind` that the record will show."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from widget_server.vocabulary.nouns import Status
from widget_server.vocabulary.statements import Statement


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
    """This person takes back the choice: all of it, or these values of it."""

    kind: str
    values: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class Write:
    """A new text, perhaps in reply to another; with `values`, these are the person's choice besides.

    `single`: each person has one such text on a subject. A second one takes the place of the first, whenever it comes;
    it is reviewed as an edit, and where a moderator had decided against the first, it waits for one.
    """

    kind: str
    text: str
    parent: str | None = None
    name: str | None = None
    values: tuple[str, ...] | None = None
    single: bool = False


@dataclass(frozen=True, slots=True)
class Rewrite:
    """New text in place of one's own; with `values`, these are the person's choice besides.

    `late`: after the site's edit window, too.
    """

    kind: str
    target: str
    text: str
    values: tuple[str, ...] | None = None
    late: bool = False


@dataclass(frozen=True, slots=True)
class Erase:
    """One's own text is taken back; `late`: after the site's edit window, too."""

    kind: str
    target: str
    late: bool = False


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
    """Only the record remembers it.

    With a `target`, it is about something that is already there: a statement that selects it by that name. Where it
    finds nothing, nothing is recorded. The server completes the statement as it does a `Keeper`'s; `person` is who
    asks, or `""`.
    """

    kind: str
    data: Mapping[str, Any]
    target: Statement | None = None


Intent = Choose | Add | Clear | Write | Rewrite | Erase | Judge | Record
