"""The widget contract: all that the server asks of a widget, ours or anybody's.

A widget is pure: it decides and describes, and does no input or output itself.
It imports `widget_server.vocabulary`, `widget_server.errors` and this module, and nothing else of the server.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol, runtime_checkable

from widget_server.vocabulary import (
    Field,
    Flag,
    Id,
    Intent,
    Lines,
    Mine,
    OneOf,
    Reading,
    Role,
    Setting,
    Settings,
    Site,
    Statement,
    Subject,
    Text,
    Whole,
)

__all__ = [
    "Action",
    "Field",
    "Flag",
    "Id",
    "Keeper",
    "Lines",
    "Look",
    "Named",
    "OneOf",
    "Setting",
    "Settings",
    "Summary",
    "Text",
    "Whole",
    "Widget",
    "settings_of",
]

Summary = dict[str, Any]
"""What a widget shows, as JSON values; the fragment template gets the same names."""


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

    `name` is unique on a server: a-z, 0-9 and hyphens. `package` names the Python package that holds
    `fragment.html`, and where the widget has them `parts.html` (what changes after a doing; else the fragment is
    swapped whole), `style.css`, `strings/<language>.json` and `script.js` (behaviour of its own in the browser).

    A widget that may be set has `settings: Mapping[str, Setting]` besides, and perhaps `check_settings(values)`, which
    raises `FieldInvalid` for values that do not go together; one with tables of its own is a `Keeper`.
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
        """Ask for what the summary needs; all questions but the widget's own statements see one snapshot.

        Of a statement's parameters the server gives these, whatever stands there: `site`, `subject`, `person` (`""`:
        as everybody sees it).
        """
        ...

    def summary(self, loaded: Any, mine: Mine, look: Look) -> Summary:  # noqa: ANN401 - what `load` returned
        """What the widget shows: to everybody when `mine` is empty, else to one person."""
        ...


@runtime_checkable
class Keeper(Protocol):
    """A plug-in with tables of its own: it says by statements what is done with them, and the server does it.

    `package` holds a folder `migrations` of numbered SQL files (`0001_what.sql`); their tables' names begin with the
    plug-in's own, with `_` for `-`. Each statement names the site that it is about (`site = :site`). Of the
    statements' parameters the server gives these, whatever stands there: `site`, `subject`, `person`, `interaction`
    (its id) and `at` (milliseconds since the epoch, UTC), as far as they are known.
    """

    name: str
    package: str

    def apply(self, action: str, fields: Mapping[str, Any], site: Site) -> Sequence[Statement]:
        """What is written besides the interaction, in its transaction, where that changes something."""
        ...

    def export_person(self) -> Mapping[str, Statement]:
        """What is held about a person, by what it is: statements that select it by `:site` and `:person`."""
        ...

    def erase_person(self) -> Sequence[Statement]:
        """What takes it out; `:pseudonym` is the name under which the record goes on."""
        ...


class Named(Protocol):
    """A plug-in of any kind."""

    name: str


def settings_of(plugin: Named, site: Site) -> dict[str, Any]:
    """What a site has chosen of a plug-in's settings, and the defaults of all else."""
    schema: Settings = getattr(plugin, "settings", {})
    chosen = site.settings.plugins.get(plugin.name, {})
    return {name: chosen.get(name, setting.default) for name, setting in schema.items()}
