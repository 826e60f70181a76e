"""The widget contract: all that the server asks of a widget, ours or anybody's.

A widget is pure: it decides and describes, and does no input or output itself.
It imports `widget_server.vocabulary`, `widget_server.errors` and this module, and nothing else of the server.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol, runtime_checkable

from widget_server.vocabulary import Intent, Mine, Reading, Role, Site, Statement, Subject

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


@dataclass(frozen=True, slots=True)
class Lines:
    """A list of up to `most` different texts of at most `each` characters; a form sends them as lines of one text."""

    most: int
    each: int
    least: int = 0
    required: bool = True


@dataclass(frozen=True, slots=True)
class Flag:
    """Yes or no."""

    required: bool = True


Field = Text | Whole | Id | OneOf | Lines | Flag


@dataclass(frozen=True, slots=True)
class Setting:
    """What a site's owner may choose of a plug-in: the admin makes a field of it, and refuses what does not fit."""

    title: str
    field: Text | Whole | OneOf | Lines | Flag
    default: Any
    hint: str = ""


Settings = Mapping[str, Setting]


@dataclass(frozen=True, slots=True)
class Action:
    """Something one can do with a widget: who may, and with which fields. Other fields are refused.

    What `Role.READER` may do is done without becoming somebody: no identity is made, none is kept, and it is limited
    as reading is. All that can come of it is a `Record`.
    """

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
    role: Role = Role.PERSON
    """For whom it is read: everybody, or those who keep order on the site."""


class Widget(Protocol):
    """What can be done with a subject.

    `package` names the Python package that holds `fragment.html`, and where the widget has them
    `parts.html` (what changes after a doing; else the fragment is swapped whole), `style.css`,
    `strings/<language>.json` and `script.js` (behaviour of its own in the browser).

    A widget that may be set has a `settings: Settings` besides; one with tables of its own is a `Keeper`.
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


@runtime_checkable
class Keeper(Protocol):
    """A plug-in with tables of its own: it says by statements what is done with them, and the server does it.

    `package` holds a folder `migrations` of numbered SQL files (`0001_what.sql`); their tables' names begin with the
    plug-in's own. Of the statements' parameters the server gives these, whatever stands there: `site`, `subject`,
    `person`, `interaction` (its id) and `at` (milliseconds since the epoch, UTC), as far as they are known.
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


def settings_of(widget: Widget, site: Site) -> dict[str, Any]:
    """What a site has chosen of a widget's settings, and the defaults of all else."""
    schema: Settings = getattr(widget, "settings", {})
    chosen = site.settings.plugins.get(widget.name, {})
    return {name: chosen.get(name, setting.default) for name, setting in schema.items()}
