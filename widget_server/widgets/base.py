"""The widget contract: all that the server asks of a widget, ours or anybody's.

A widget is pure: it decides and describes, and does no input or output itself.
It imports `widget_server.vocabulary`, `widget_server.errors` and this module, and nothing else of the server.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from widget_server.vocabulary import Intent, Mine, Reading, Role, Site, Subject

Summary = dict[str, Any]
"""What a widget shows, as JSON values; the fragment template gets the same names."""


@dataclass(frozen=True, slots=True)
class Text:
    """A text field of an action: between `least` and `most` characters."""

    most: int
    least: int = 1
    required: bool = True


@dataclass(frozen=True, slots=True)
class Whole:
    """A whole number between `least` and `most`."""

    least: int
    most: int
    required: bool = True


@dataclass(frozen=True, slots=True)
class Id:
    """The identifier of something in the record."""

    required: bool = True


@dataclass(frozen=True, slots=True)
class OneOf:
    """One of a few words."""

    words: tuple[str, ...]
    required: bool = True


Field = Text | Whole | Id | OneOf


@dataclass(frozen=True, slots=True)
class Action:
    """Something one can do with a widget: who may, and with which fields. Other fields are refused."""

    title: str
    fields: Mapping[str, Field] = field(default_factory=dict)
    role: Role = Role.PERSON


@dataclass(frozen=True, slots=True)
class Look:
    """What a widget knows when it is read: where, when, and what for."""

    site: Site
    subject: Subject
    now: int
    doing: str = "page"
    """`page`: all of it; `session`: only what is one person's own; `thread`: a further part of a thread; else the
    action that was just done, and only what it changed is wanted."""
    touched: str | None = None
    """The text that the action was about."""
    after: str | None = None
    root: str | None = None


class Widget(Protocol):
    """What can be done with a subject.

    `package` names the Python package that holds `fragment.html`, and where the widget has them
    `parts.html` (what changes after a doing; else the fragment is swapped whole), `style.css` and
    `strings/<language>.json`.
    """

    name: str
    version: str
    title: str
    package: str
    actions: Mapping[str, Action]

    def accept(self, action: str, fields: Mapping[str, Any], site: Site) -> Intent:
        """The intent of an action whose fields were already checked against its schema.

        Raises an error of `widget_server.errors` where the widget refuses.
        """
        ...

    def load(self, look: Look) -> Reading[Any]:
        """Ask for what the summary needs; runs inside the page's one read transaction."""
        ...

    def summary(self, loaded: Any, mine: Mine, look: Look) -> Summary:  # noqa: ANN401 - what `load` returned
        """What the widget shows: to everybody when `mine` is empty, else to one person."""
        ...
