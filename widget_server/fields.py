"""Fields: what came with a request, held against what the action takes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from widget_server.errors import FieldInvalid, FieldUnknown
from widget_server.ids import is_uuid
from widget_server.widgets.base import Field, Id, OneOf, Text, Whole


def checked_fields(given: Mapping[str, Any], schema: Mapping[str, Field]) -> dict[str, Any]:
    """The fields, each of the type and within the bounds that the schema names; any other field is refused."""
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


def _may_be_empty(field: Field) -> bool:
    """Whether `""` is a value, and not what a form sends of a field that nobody filled in."""
    return isinstance(field, Text) and not field.least


def _checked(name: str, value: object, field: Field) -> str | int:
    match field:
        case Text():
            return _text(name, value, field)
        case Whole():
            return _whole(name, value, field)
        case Id():
            if isinstance(value, str) and is_uuid(value):
                return value
            message = f"{name!r} is not an identifier that this server gave."
            raise FieldInvalid(message, field=name)
        case OneOf():
            if isinstance(value, str) and value in field.words:
                return value
            message = f"{name!r} is one of {', '.join(field.words)}."
            raise FieldInvalid(message, field=name)


def _text(name: str, value: object, field: Text) -> str:
    if not isinstance(value, str):
        message = f"{name!r} is a text."
        raise FieldInvalid(message, field=name)
    if not field.least <= len(value) <= field.most:
        message = f"{name!r} has {len(value)} characters; it takes {field.least} to {field.most}."
        raise FieldInvalid(message, field=name)
    return value


def _whole(name: str, value: object, field: Whole) -> int:
    """A whole number, or from a form its decimal digits."""
    if isinstance(value, str) and value.isascii() and len(value) <= 19 and value.removeprefix("-").isdigit():  # noqa: PLR2004
        value = int(value)
    if type(value) is not int or not field.least <= value <= field.most:
        message = f"{name!r} is a whole number from {field.least} to {field.most}."
        raise FieldInvalid(message, field=name)
    return value
