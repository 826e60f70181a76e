"""Soundness: whether what a plug-in gave can be done; asked under the guard, so what cannot be is its own failure."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from widget_server.store.own import MOST, PARAMETER
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
    Value,
    Write,
)

LARGEST = 2**63 - 1
"""The largest whole number that a database holds."""


def sound_intent(intent: object, role: Role = Role.PERSON) -> Intent:
    """The intent, if it can be recorded of an action for this role."""
    if role is Role.READER and not isinstance(intent, Record):
        message = f"{type(intent).__name__} needs a person; what readers do can only be recorded."
        raise TypeError(message)
    match intent:
        case Choose(values=values):
            _texts(*values)
        case Add(n=n, cap=cap, value=value):
            _number(n)
            _number(cap)
            _texts(value)
        case Record(data=data, target=Statement() | None):
            json.dumps(dict(data), ensure_ascii=False).encode()
        case Clear(values=values):
            _texts(*(values or ()))
        case Write(text=text, parent=parent, name=name, values=values):
            _texts(text, parent or "", name or "", *(values or ()))
        case Rewrite(target=target, text=text, values=values):
            _texts(target, text, *(values or ()))
        case Erase(target=target) | Judge(target=target):
            _texts(target)
        case _:
            message = f"{type(intent).__name__} is no intent."
            raise TypeError(message)
    _texts(intent.kind)
    return intent


def sound_statements(own: object) -> Sequence[Statement]:
    """The statements, if they are a few; that the database takes them shows when they are done."""
    if not isinstance(own, Sequence):
        message = "What goes into a plug-in's own tables is a sequence of statements."
        raise TypeError(message)
    if len(own) > MOST:
        message = f"A plug-in makes at most {MOST} statements."
        raise ValueError(message)
    return tuple(_sound(each) for each in own)


def sound_export(own: object) -> Mapping[str, Statement]:
    """The statements of an export, by what they select."""
    if not isinstance(own, Mapping):
        message = "An export is a mapping of statements."
        raise TypeError(message)
    _texts(*own)
    sound_statements(tuple(own.values()))
    return own


def _sound(statement: object) -> Statement:
    """The statement, if a database could be asked it, and it is about one site."""
    if not isinstance(statement, Statement):
        message = f"{type(statement).__name__} is no statement."
        raise TypeError(message)
    _texts(statement.text, *statement.parameters)
    for value in statement.parameters.values():
        _value(value)
    if "site" not in PARAMETER.findall(statement.text):
        message = "A plug-in's statement names its site: `site = :site`."
        raise ValueError(message)
    return statement


def _texts(*texts: object) -> None:
    """Refuse what is no text, or holds half a character."""
    for text in texts:
        if not isinstance(text, str):
            message = f"{type(text).__name__} is no text."
            raise TypeError(message)
        text.encode()


def _number(number: object) -> None:
    if type(number) is not int or abs(number) > LARGEST:
        message = f"{type(number).__name__} is no whole number, or one that is too large."
        raise TypeError(message)


def _value(value: Value) -> None:
    """Refuse what no column holds."""
    match value:
        case None | float() | bytes():
            pass
        case str():
            _texts(value)
        case _:
            _number(value)
