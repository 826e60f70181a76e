"""The parts of the reference that are made from the code: settings, commands, endpoints and the widget contract."""

from __future__ import annotations

import ast
import dataclasses
import enum
import inspect
import textwrap
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, get_args

import click

from tools import elements
from widget_server import cli, plugins, vocabulary
from widget_server.errors import TransomError
from widget_server.moderation import pipeline
from widget_server.notify.base import Notice, Notifier
from widget_server.settings import PREFIX, TABLE
from widget_server.store.sites import BOUNDS
from widget_server.vocabulary import Intent, Role, SiteSettings
from widget_server.web.admin import words
from widget_server.web.endpoints import ENDPOINTS, Endpoint
from widget_server.widgets import base
from widget_server.widgets.base import Emoji, Field, Flag, Id, Lines, Moment, OneOf, Text, Whole, Widget

WIDTH = 100
"""Columns of a command's help."""

BESIDES = (base.Preparing, base.Panelled, base.Describer)
"""What a widget may be besides."""

WHO = {
    Role.READER: "anybody, and the record does not say who",
    Role.PERSON: "anybody",
    Role.MODERATOR: "a moderator",
}
"""Who may do an action, in words."""

READINGS = (
    vocabulary.ReadTally,
    vocabulary.ReadThread,
    vocabulary.ReadComment,
    vocabulary.ReadOwn,
    vocabulary.ReadMine,
    vocabulary.Tally,
    vocabulary.ThreadPage,
    vocabulary.Comment,
    vocabulary.Mine,
)


def parts() -> Mapping[str, str]:
    """Each part of the reference by the name that its place in a page carries."""
    return {
        "server settings": server_settings(),
        "site settings": site_settings(),
        "modes": modes(),
        "commands": "\n\n".join(commands(cli.main, "transom")),
        "errors": errors(),
        "endpoints": "\n\n".join(endpoint(each) for each in ENDPOINTS),
        "elements": table(
            ("element", "its parts", "custom properties of its own sheet", "module of its own"),
            elements.rows(installed()),
        ),
        "actions": "\n\n".join(actions(each) for each in installed()),
        "summaries": "\n\n".join(summary(each) for each in installed()),
        "widget": contract(Widget),
        "besides": "\n\n".join(f"### {each.__name__}\n\n{contract(each, '####')}" for each in BESIDES),
        "keeper": contract(base.Keeper),
        "check": contract(pipeline.Check),
        "submissions": "\n\n".join(described(each) for each in (pipeline.Submission, pipeline.Opinion)),
        "notifier": contract(Notifier),
        "notices": described(Notice),
        "setting": described(base.Setting),
        "fields": "\n\n".join(
            described(each) for each in (base.Action, *get_args(Field), base.Look, base.Entry)
        ),
        "intents": "\n\n".join(described(each) for each in get_args(Intent)),
        "readings": "\n\n".join(described(each) for each in READINGS),
    }


def server_settings() -> str:
    """The operator's settings, one a row."""
    return table(
        ("in the file", "in the environment", "default", "what it means"),
        [
            (f"`{each.name}`", f"`{PREFIX}{each.name.upper()}`", code(each.default), each.help)
            for each in TABLE
        ],
    )


def site_settings() -> str:
    """What the owner of a site chooses, one a row."""
    notes = attribute_notes(SiteSettings)
    rows = []
    for each in dataclasses.fields(SiteSettings):
        least, most = BOUNDS.get(each.name, ("", ""))
        bounds = f"{least:,} to {most:,}" if each.name in BOUNDS else ""
        rows.append(
            (
                f"`{each.name}`",
                words.SETTINGS.get(each.name, ""),
                "empty" if each.default is dataclasses.MISSING else code(each.default),
                bounds,
                notes.get(each.name, ""),
            )
        )
    return table(("name", "in the admin", "default", "bounds", "note"), rows)


def modes() -> str:
    """Whose comments are seen at once."""
    return table(
        ("mode", "in the admin", "what it means"),
        [(f"`{mode}`", *said) for mode, said in words.MODES.items()],
    )


def commands(command: click.Command, path: str, above: click.Context | None = None) -> Iterator[str]:
    """A command's help and that of every command below it."""
    chosen = {**command.context_settings, "terminal_width": WIDTH, "max_content_width": WIDTH}
    context = click.Context(command, info_name=path.rpartition(" ")[2], parent=above, **chosen)
    yield f"## {path}\n\n```text\n{command.get_help(context)}\n```"
    if isinstance(command, click.Group):
        for name in command.list_commands(context):
            found = command.get_command(context, name)
            yield from commands(found, f"{path} {name}", context) if found else ()


def errors() -> str:
    """Every code of an error, in the order of the tree."""
    return table(
        ("code", "status", "the sentence, where there is no better one"),
        [(f"`{each.code}`", str(each.status), prose(each)) for each in below(TransomError)],
    )


def below(kind: type[TransomError]) -> Iterator[type[TransomError]]:
    """A class of errors, and then each below it that stands in the same tree."""
    yield kind
    for each in kind.__subclasses__():
        if each.__module__ == TransomError.__module__:
            yield from below(each)


def endpoint(each: Endpoint) -> str:
    """An address, what it does, and the fields it takes."""
    rows = [
        (f"`{name}`", "needed" if name in each.needed else "", text) for name, text in each.fields.items()
    ]
    fields = f"\n\n{table(('field', '', 'what it means'), rows)}" if rows else ""
    return f"### {each.method} {each.path}\n\n{each.summary}{fields}"


def installed() -> Sequence[Widget]:
    """Our own widgets, by name, through the door that everybody's come by."""
    return [
        plugin.thing
        for plugin in plugins.gather("transom.widgets")
        if plugin.thing.package.startswith("widget_server.")
    ]


def actions(widget: Widget) -> str:
    """What can be done with a widget."""
    rows = [
        (
            f"`{name}`",
            WHO[action.role],
            action.title + ".",
            "; ".join(f"`{field}`: {kind(taken)}" for field, taken in action.fields.items()) or "none",
        )
        for name, action in widget.actions.items()
    ]
    if not rows:
        return f"### {widget.name}\n\nThere is nothing to do: it only shows."
    return f"### {widget.name}\n\n{table(('action', 'who', 'what it does', 'its fields'), rows)}"


def kind(field: Field) -> str:
    """What a field takes, in words."""
    match field:
        case Text(least=least, most=most):
            taken = f"a text of {least:,} to {most:,} characters"
        case Whole(least=least, most=most):
            taken = f"a whole number from {least:,} to {most:,}"
        case Id():
            taken = "an identifier"
        case OneOf(words=chosen):
            taken = f"one of {', '.join(f'`{word}`' for word in chosen)}"
        case Emoji():
            taken = "one emoji"
        case Lines(least=least, most=most, each=each):
            taken = f"{least:,} to {most:,} lines of at most {each:,} characters"
        case Flag():
            taken = "yes or no"
        case Moment():
            taken = "a time in ISO 8601"
    return taken if field.required else f"{taken}, or left out"


def summary(widget: Widget) -> str:
    """What a widget shows."""
    return f"### What {widget.name} shows\n\n{prose(type(widget).summary)}"


def contract(kind: type[Any], level: str = "###") -> str:
    """The protocol that a plug-in follows: the names that it asks for, and its methods."""
    named = [f"{name}: {annotation}" for name, annotation in inspect.get_annotations(kind).items()]
    names = ["\n".join(["```python", *named, "```"])] if named else []
    methods = [
        f"{level} {name}\n\n```python\ndef {name}{signature(method)}\n```\n\n{prose(method)}"
        for name, method in inspect.getmembers(kind, inspect.isfunction)
        if not name.startswith("_")
    ]
    return "\n\n".join([prose(kind), *names, *methods])


def described(thing: type[Any]) -> str:
    """A dataclass: its name, its fields with their types and defaults, and what its docstrings say."""
    notes = attribute_notes(thing)
    lines = []
    for each in dataclasses.fields(thing):
        default = "" if each.default is dataclasses.MISSING else f" = {shown(each.default)}"
        default = " = {}" if each.default_factory is not dataclasses.MISSING else default
        lines.append(f"{each.name}: {each.type}{default}")
    listed = "\n".join([f"class {thing.__name__}:", *(f"    {line}" for line in lines or ["..."])])
    said = "\n".join(f"- `{name}`: {note}" for name, note in notes.items())
    return f"### {thing.__name__}\n\n{prose(thing)}\n\n```python\n{listed}\n```" + (
        f"\n\n{said}" if said else ""
    )


def attribute_notes(thing: type[Any]) -> Mapping[str, str]:
    """The strings that stand below a class's attributes, each on one line."""
    body = ast.parse(textwrap.dedent(inspect.getsource(thing))).body[0]
    assert isinstance(body, ast.ClassDef)  # noqa: S101 - for the type checker: a class's source is a class
    notes: dict[str, str] = {}
    for before, after in zip(body.body, body.body[1:], strict=False):
        if (
            isinstance(before, ast.AnnAssign)
            and isinstance(before.target, ast.Name)
            and isinstance(after, ast.Expr)
            and isinstance(after.value, ast.Constant)
        ):
            notes[before.target.id] = " ".join(str(after.value.value).split())
    return notes


def prose(thing: object) -> str:
    """A docstring as Markdown: its paragraphs, each on one line."""
    paragraphs = inspect.cleandoc(inspect.getdoc(thing) or "").split("\n\n")
    return "\n\n".join(" ".join(paragraph.split()) for paragraph in paragraphs)


def signature(method: Any) -> str:  # noqa: ANN401 - any function
    """A method's parameters and result as they are written."""
    return str(inspect.signature(method)).replace("'", "")


def shown(value: object) -> str:
    """A default as the code would write it."""
    return f"{type(value).__name__}.{value.name}" if isinstance(value, enum.Enum) else repr(value)


def code(value: object) -> str:
    """A default as the settings' table shows it."""
    if isinstance(value, tuple):
        return " ".join(map(code, value)) or "none"
    if isinstance(value, bool) or value is None:
        return {True: "yes", False: "no"}.get(value, "not set") if value is not None else "not set"
    return f"`{value}`" if value != "" else "empty"


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A Markdown table; a cell's `|` is kept from being a border."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(
        f"| {' | '.join(str(cell).replace('|', chr(92) + '|') for cell in line)} |" for line in lines
    )
