"""Fields: what came with a request, held against what the action takes."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from widget_server.errors import FieldInvalid, FieldUnknown
from widget_server.ids import is_uuid
from widget_server.markup.emoji import qualified
from widget_server.vocabulary import Site
from widget_server.widgets.base import (
    Emoji,
    Field,
    Flag,
    Id,
    Lines,
    Moment,
    Named,
    OneOf,
    Setting,
    Settings,
    Text,
    Whole,
    schema_of,
)

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

SAID = {True: True, False: False, "yes": True, "no": False, "true": True, "false": False}
"""How yes and no are said, in JSON and in a form."""


def checked_fields(given: Mapping[str, Any], schema: Mapping[str, Field]) -> dict[str, Any]:
    """The fields, each of the type and within the bounds that the schema names; any other field is refused."""
    given = _gathered(given, schema)
    for name in given:
        if name not in schema:
            message = f"This action has no field {name[:60]!r}."
            raise FieldUnknown(message, field=name[:60])
    checked: dict[str, Any] = {}
    for name, field in schema.items():
        if name in given and (given[name] != "" or _may_be_empty(field)):
            checked[name] = _checked(name, given[name], field)
        elif field.required:
            message = f"The field {name!r} is missing."
            raise FieldInvalid(message, field=name)
    return checked


def _gathered(given: Mapping[str, Any], schema: Mapping[str, Field]) -> Mapping[str, Any]:
    """What was given, with the lines that came one by one (`name.1`, `name.2`) as one list."""
    lines: dict[str, list[Any]] = {}
    rest: dict[str, Any] = {}
    for name, value in given.items():
        whole, dot, _ = name.partition(".")
        if dot and isinstance(schema.get(whole), Lines) and whole not in given:
            lines.setdefault(whole, []).append(value)
        else:
            rest[name] = value
    return {**rest, **lines}


def _may_be_empty(field: Field) -> bool:
    """Whether `""` is a value, and not what a form sends of a field that nobody filled in."""
    return isinstance(field, Text) and not field.least


def checked_settings(given: Mapping[str, Any], schema: Settings) -> dict[str, Any]:
    """A plug-in's settings as its schema has them; raises as `checked_fields` does."""
    for name in given:
        if name not in schema:
            message = f"There is no setting {name[:60]!r}; there are {', '.join(sorted(schema))}."
            raise FieldUnknown(message, field=name[:60])
    return {name: _checked(name, value, schema[name].field) for name, value in given.items()}


def chosen_of(plugin: Named, before: Mapping[str, Any], given: Mapping[str, Any]) -> dict[str, Any]:
    """What is kept of a plug-in's settings where these are given, and `before` stands of the rest.

    A default is not kept: should a later version have another, the site goes with it. A name that the plug-in does not
    know (any more) stays as it was. Raises `FieldInvalid` where a value does not fit, or the plug-in refuses all of
    them together.
    """
    schema = schema_of(plugin)
    fit = fitting(before, schema) | checked_settings(given, schema)
    check = getattr(plugin, "check_settings", None)
    if check is not None:
        check({name: fit.get(name, setting.default) for name, setting in schema.items()})
    others = {name: value for name, value in before.items() if name not in schema}
    return others | {name: value for name, value in fit.items() if value != _default(schema[name])}


def schema_fault(schema: object) -> str:
    """What is wrong with a plug-in's settings; empty: nothing."""
    if not isinstance(schema, Mapping):
        return "its settings are no mapping."
    for name, setting in schema.items():
        if not isinstance(name, str) or not name.isidentifier() or not isinstance(setting, Setting):
            return f"its setting {name!r} is no Setting under a plain name."
        field: object = setting.field
        if isinstance(field, Id) or not isinstance(field, Field):
            return f"its setting {name!r} has a field of no kind that can be set."
        try:
            unset = setting.default in (None, "") and not setting.field.required
            if not unset and _checked(name, setting.default, setting.field) != _default(setting):
                return f"the default of its setting {name!r} is not of the field's type."
        except (FieldInvalid, TypeError) as error:
            return f"the default of its setting {name!r} does not fit: {error}"
    return ""


def _default(setting: Setting) -> Any:  # noqa: ANN401 - of the setting's own type
    return tuple(setting.default or ()) if isinstance(setting.field, Lines) else setting.default


def fitting(given: Mapping[str, Any], schema: Settings) -> dict[str, Any]:
    """Of what was chosen once, all that the plug-in still takes: its schema may have changed since."""
    kept: dict[str, Any] = {}
    for name, value in given.items():
        with suppress(FieldInvalid, FieldUnknown):
            kept |= checked_settings({name: value}, schema)
    return kept


def fitted(site: Site, schemas: Mapping[str, Settings]) -> Site:
    """The site without settings that none of its plug-ins takes."""
    chosen = site.settings.plugins
    kept = {name: fitting(chosen[name], schemas[name]) for name in chosen if name in schemas}
    return replace(site, settings=replace(site.settings, plugins=kept)) if kept != chosen else site


def _checked(name: str, value: object, field: Field) -> str | int | bool | tuple[str, ...]:
    match field:
        case Text():
            return _text(name, value, field)
        case Whole():
            return _whole(name, value, field)
        case Lines():
            return _lines(name, value, field)
        case Moment():
            return _moment(name, value)
        case Emoji():
            return _emoji(name, value)
        case Id() | OneOf() | Flag():
            return _word(name, value, field)


def _word(name: str, value: object, field: Id | OneOf | Flag) -> str | bool:
    """What is one of few things, or looks like nothing else."""
    match field:
        case Id():
            if isinstance(value, str) and is_uuid(value):
                return value
            message = f"{name!r} is not an identifier that this server gave."
        case OneOf(words=words):
            if isinstance(value, str) and value in words:
                return value
            message = f"{name!r} is one of {', '.join(words)}."
        case Flag():
            if isinstance(value, str | bool) and value in SAID:
                return SAID[value]
            message = f"{name!r} is yes or no."
    raise FieldInvalid(message, field=name)


def _moment(name: str, value: object) -> int:
    try:
        moment = datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        moment = None
    if moment is None:
        message = f"{name!r} is a time such as 2030-01-31T12:00Z."
        raise FieldInvalid(message, field=name)
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return (aware - EPOCH) // timedelta(milliseconds=1)


def _text(name: str, value: object, field: Text) -> str:
    if not isinstance(value, str):
        message = f"{name!r} is a text."
        raise FieldInvalid(message, field=name)
    if not field.least <= len(value) <= field.most:
        message = f"{name!r} has {len(value)} characters; it takes {field.least} to {field.most}."
        raise FieldInvalid(message, field=name)
    return value


def _emoji(name: str, value: object) -> str:
    emoji = qualified(value) if isinstance(value, str) else None
    if emoji is None:
        message = f"{name!r} takes one emoji; {str(value)[:20]!r} is none, or not one alone."
        raise FieldInvalid(message, field=name)
    return emoji


def _lines(name: str, value: object, field: Lines) -> tuple[str, ...]:
    """A list of different texts; in a form it is one text, with each on a line of its own."""
    given = [line.strip() for line in value.splitlines() if line.strip()] if isinstance(value, str) else value
    if not isinstance(given, list | tuple) or not all(isinstance(each, str) for each in given):
        message = f"{name!r} is a list of texts."
        raise FieldInvalid(message, field=name)
    if field.of is not None:
        given = [str(_checked(name, each, field.of)) for each in given[: field.most + 1]]
    if not field.least <= len(given) <= field.most or len(set(given)) < len(given):
        message = f"{name!r} is a list of {field.least} to {field.most} different texts."
        raise FieldInvalid(message, field=name)
    if not all(0 < len(each) <= field.each for each in given):
        message = f"Each of {name!r} has 1 to {field.each} characters."
        raise FieldInvalid(message, field=name)
    return tuple(given)


def _whole(name: str, value: object, field: Whole) -> int:
    """A whole number, or from a form its decimal digits."""
    if isinstance(value, str) and value.isascii() and len(value) <= 19 and value.removeprefix("-").isdigit():  # noqa: PLR2004
        value = int(value)
    if type(value) is not int or not field.least <= value <= field.most:
        message = f"{name!r} is a whole number from {field.least} to {field.most}."
        raise FieldInvalid(message, field=name)
    return value
