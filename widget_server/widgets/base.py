"""The widget contract: all that the server asks of a widget, ours or anybody's.

A widget is pure: it decides and describes, and does no input or output itself.
It imports `widget_server.vocabulary`, `widget_server.errors` and this module, and nothing else of the server.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol, runtime_checkable

from widget_server.vocabulary import (
    Emoji,
    Field,
    Flag,
    Id,
    Intent,
    Judge,
    Lines,
    Mine,
    Moment,
    OneOf,
    Reading,
    Role,
    Row,
    Setting,
    Settings,
    Site,
    Statement,
    Status,
    Subject,
    Tally,
    Text,
    Transaction,
    Whole,
)

__all__ = [
    "DECISIONS",
    "LONGEST_NAME",
    "LONGEST_TEXT",
    "Action",
    "Describer",
    "Emoji",
    "Entry",
    "Field",
    "Flag",
    "Id",
    "Keeper",
    "Lines",
    "Look",
    "Moment",
    "Named",
    "OneOf",
    "Panelled",
    "Preparing",
    "Setting",
    "Settings",
    "Summary",
    "Text",
    "Whole",
    "Widget",
    "decided",
    "schema_of",
    "settings_of",
]

LONGEST_TEXT = 20_000
"""Characters of a text that any site may allow; the site's own setting is mostly lower."""

LONGEST_NAME = 60
"""Characters of the name that comes with a text."""

Summary = dict[str, Any]
"""What a widget shows, as JSON values; the fragment template gets the same names."""


@dataclass(frozen=True, slots=True)
class Action:
    """Something one can do with a widget: who may, and with which fields. Other fields are refused.

    What `Role.READER` may do is done without becoming somebody: no identity is made, none is kept, and it is limited
    as reading is. All that can come of it is a `Record`.
    """

    title: str
    fields: Mapping[str, Field] = field(default_factory=dict)
    role: Role = Role.PERSON


_DECIDED: Mapping[str, Field] = {
    "id": Id(),
    "revision": Whole(1, 2**53, required=False),
    "seen": OneOf(tuple(Status), required=False),
}

DECISIONS: Mapping[str, Action] = {
    "approve": Action("Publish a text", _DECIDED, Role.MODERATOR),
    "hold": Action("Hold a text back", _DECIDED, Role.MODERATOR),
    "reject": Action("Refuse a text", _DECIDED, Role.MODERATOR),
    "remove": Action("Take a text down", _DECIDED, Role.MODERATOR),
    "undo": Action(
        "Take the last decision on a text back", {"id": Id(), "decision": Id(required=False)}, Role.MODERATOR
    ),
}
"""What a widget with texts takes from moderators, so that they decide on its texts in the queue; see `decided`."""

_STATUS_AFTER = {
    "approve": Status.PUBLISHED,
    "hold": Status.HELD,
    "reject": Status.REJECTED,
    "remove": Status.REMOVED,
    "undo": None,
}


def decided(action: str, fields: Mapping[str, Any]) -> Judge:
    """The intent of one of the `DECISIONS`; a KeyError for any other action."""
    seen = fields.get("seen")
    return Judge(
        action,
        fields["id"],
        _STATUS_AFTER[action],
        fields.get("revision"),
        Status(seen) if seen else None,
        fields.get("decision"),
    )


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

    `name` is unique on a server: a-z, 0-9 and hyphens. `package` names the Python package that holds
    `fragment.html`, and where the widget has them `parts.html` (what changes after a doing; else the fragment is
    swapped whole), `style.css`, `strings/<language>.json` and `script.js` (behaviour of its own in the browser).

    A widget that may be set has `settings: Mapping[str, Setting]` besides, and perhaps `check_settings(values)`, which
    raises `FieldInvalid` for values that do not go together; one with tables of its own is a `Keeper`, one that
    decides by what is stored a `Preparing`, one with a page in the admin a `Panelled`,
    one that tells machines what it shows a `Describer`.
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
        """What the widget shows: to everybody when `mine` is empty, else to one person.

        Where time alone will change it, `fresh_until` says when (milliseconds since the epoch): no page is kept longer.
        """
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


@runtime_checkable
class Describer(Protocol):
    """A widget that tells machines what it shows, in the words of schema.org."""

    def describe(self, summary: Summary, look: Look) -> Mapping[str, Any] | None:
        """What is rated, discussed or asked there, as JSON-LD: one object with a `@type`; None: nothing to tell.

        The server adds `@context` and, of the subject, `name` and `url`, where the object has none of its own. The
        summary is the one for everybody.
        """
        ...


@runtime_checkable
class Preparing(Protocol):
    """A widget that has to know what is stored before it accepts something."""

    def prepare(self, action: str, fields: Mapping[str, Any], look: Look) -> Transaction[Mapping[str, Any]]:
        """Ask by statements that read, and return what `accept` and `apply` get among their fields.

        Of the parameters `site` and `subject` are the server's. It is asked before the write: in the transaction that
        records the doing the same statements are asked again, and where an answer differs all begins anew, so that a
        decision never rests on what was changed meanwhile. Ask for few rows, and not for what each doing changes.
        """
        ...


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of a panel: a subject, what stands in the columns, and the actions that moderators are offered there.

    Each action comes with what its form is filled with; a field that is not named stays empty.
    """

    subject: str
    cells: Sequence[str]
    offers: Mapping[str, Mapping[str, Any]]


@runtime_checkable
class Panelled(Protocol):
    """A widget with a page in the admin: a list, with forms for those of its actions that are for moderators."""

    columns: Sequence[str]
    begins: str
    """The action that makes a new entry, on a subject that is typed."""
    hints: Mapping[str, str]
    """What is said beside a field, by its name."""

    def panel(self) -> Statement:
        """A statement that selects the entries, the newest first, by `:site`, and `:most` of them from `:skip` on."""
        ...

    def entry(self, row: Row, tally: Tally, look: Look) -> Entry:
        """The entry of a row, which has a column `subject`, with the widget's tally there."""
        ...


class Named(Protocol):
    """A plug-in of any kind."""

    name: str


def schema_of(plugin: Named) -> Settings:
    """What may be chosen of a plug-in; empty for one that cannot be set."""
    schema: Settings = getattr(plugin, "settings", {})
    return schema


def settings_of(plugin: Named, site: Site) -> dict[str, Any]:
    """What a site has chosen of a plug-in's settings, and the defaults of all else."""
    chosen = site.settings.plugins.get(plugin.name, {})
    return {name: chosen.get(name, setting.default) for name, setting in schema_of(plugin).items()}
