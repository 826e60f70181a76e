"""Soundness: whether what a plug-in gave can be done; asked under the guard, so what cannot be is its own failure."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from widget_server.store.own import MOST
from widget_server.vocabulary import (
    Add,
    Choose,
    Clear,
    Erase,
    Intent,
    Judge,
    Record,
    Rewrite,
    Role,
    Statement,
    Write,
)


def sound_intent(intent: object, role: Role = Role.PERSON) -> Intent:
    """The intent, if it can be recorded of an action for this role."""
    if role is Role.READER and not isinstance(intent, Record):
        message = f"{type(intent).__name__} needs a person; what readers do can only be recorded."
        raise TypeError(message)
    match intent:
        case Choose(values=values):
            "".join(values)
            return intent
        case Record(data=data, target=Statement() | None):
            json.dumps(dict(data))
            return intent
        case Clear(values=values) | Write(values=values) | Rewrite(values=values):
            "".join(values or ())
            return intent
        case Add() | Erase() | Judge():
            return intent
        case _:
            message = f"{type(intent).__name__} is no intent."
            raise TypeError(message)


def sound_statements(own: object) -> Sequence[Statement]:
    """The statements, if they are a few; that the database takes them shows when they are done."""
    statements = tuple(own) if isinstance(own, Sequence) else ()
    if not isinstance(own, Sequence) or not all(isinstance(each, Statement) for each in statements):
        message = "What goes into a plug-in's own tables is a sequence of statements."
        raise TypeError(message)
    if len(statements) > MOST:
        message = f"A plug-in makes at most {MOST} statements."
        raise ValueError(message)
    return statements


def sound_export(own: object) -> Mapping[str, Statement]:
    """The statements of an export, by what they select."""
    if not isinstance(own, Mapping):
        message = "An export is a mapping of statements."
        raise TypeError(message)
    sound_statements(tuple(own.values()))
    return own
