"""Forms: a request's fields from its query or body, bounded, each given once and each a plain value."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from typing import TypeVar
from urllib.parse import unquote_to_bytes

import orjson
from starlette.requests import Request

from widget_server.errors import FieldInvalid, FieldUnknown, MediaTypeUnsupported, TooLarge

MOST_FIELDS = 256
"""Fields of a query or a body; more than a request has subjects."""

LONGEST_LENGTH = 18
"""Digits of a declared length."""

FORM = "application/x-www-form-urlencoded"
JSON = "application/json"

Value = str | int | bool
Fields = Mapping[str, Value]
V = TypeVar("V", str, Value)


async def body_fields(request: Request, most: int) -> dict[str, Value]:
    """The fields of a body of at most `most` bytes: a form's, or those of a flat JSON object."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind not in {FORM, JSON}:
        raise MediaTypeUnsupported
    body = await _body(request, most)
    return _once(_pairs(body)) if kind == FORM else _flat(body)


def query_fields(
    request: Request, allowed: Collection[str], repeated: Collection[str] = ()
) -> dict[str, list[str]]:
    """The fields of a query, by name; only the `repeated` ones may come more than once."""
    found: dict[str, list[str]] = {}
    for name, value in _pairs(request.scope["query_string"]):
        if name not in allowed:
            message = f"There is no query field {name[:60]!r} here; there are {', '.join(sorted(allowed))}."
            raise FieldUnknown(message, field=name[:60])
        found.setdefault(name, []).append(value)
        if len(found[name]) > 1 and name not in repeated:
            message = f"{name!r} is given twice."
            raise FieldInvalid(message, field=name)
    return found


def one(query: Mapping[str, Sequence[str]], name: str) -> str | None:
    """The value of a query field; None where it is missing or empty."""
    return query[name][0] if name in query and query[name][0] else None


def text_of(fields: dict[str, Value], name: str) -> str | None:
    """Take a text field out of the fields; None where it is missing or empty."""
    value = fields.pop(name, None)
    if value is None or value == "":
        return None
    if not isinstance(value, str):
        message = f"{name!r} is a text."
        raise FieldInvalid(message, field=name)
    return value


def refuse_others(fields: Mapping[str, Value]) -> None:
    """Refuse what is left of the fields when all that are known were taken out."""
    for name in fields:
        message = f"There is no field {name[:60]!r} here."
        raise FieldUnknown(message, field=name[:60])


def needed(value: str | None, name: str) -> str:
    """The value, which must be there."""
    if value is None:
        message = f"The field {name!r} is missing."
        raise FieldInvalid(message, field=name)
    return value


async def _body(request: Request, most: int) -> bytes:
    declared = request.headers.get("content-length", "0")
    if declared.isdecimal() and (len(declared) > LONGEST_LENGTH or int(declared) > most):
        raise TooLarge
    chunks: list[bytes] = []
    size = 0
    is_more = True
    while is_more:
        message = await request.receive()
        if message["type"] == "http.disconnect":  # nobody hears this, and nothing is wrong here
            raise FieldInvalid("The connection ended before the body did.")
        chunk, is_more = message.get("body", b""), message.get("more_body", False)
        size += len(chunk)
        if size > most:
            raise TooLarge
        chunks.append(chunk)
    return b"".join(chunks)


def _pairs(body: bytes) -> list[tuple[str, str]]:
    """The fields in their order, as `urllib.parse.parse_qsl` reads them, which takes thrice the time."""
    pieces = body.split(b"&", MOST_FIELDS)
    if len(pieces) > MOST_FIELDS or not body.isascii():
        raise _unreadable()
    try:
        pairs = [piece.replace(b"+", b" ").partition(b"=") for piece in pieces if piece]
        found = [(_plain(name), _plain(value)) for name, _, value in pairs]
    except ValueError as error:
        raise _unreadable() from error
    return found


def _unreadable() -> FieldInvalid:
    return FieldInvalid("The form is not UTF-8 in percent-encoding, or has too many fields.")


def _plain(raw: bytes) -> str:
    return (unquote_to_bytes(raw) if b"%" in raw else raw).decode()


def _once(pairs: Sequence[tuple[str, V]]) -> dict[str, V]:
    fields: dict[str, V] = {}
    for name, value in pairs:
        if name in fields:
            message = f"{name[:60]!r} is given twice."
            raise FieldInvalid(message, field=name[:60])
        fields[name] = value
    return fields


def _flat(body: bytes) -> dict[str, Value]:
    try:
        value = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        message = "The body is not valid JSON."
        raise FieldInvalid(message) from error
    if not isinstance(value, dict) or len(value) > MOST_FIELDS:
        message = f"The body is a JSON object with at most {MOST_FIELDS} fields."
        raise FieldInvalid(message)
    for name, each in value.items():
        if not isinstance(each, str | int | bool):
            message = f"{name[:60]!r} is neither a text nor a whole number."
            raise FieldInvalid(message, field=name[:60])
    try:
        pairs = json.loads(body, object_pairs_hook=list)  # orjson keeps the last of two without a word
    except (
        RecursionError,
        ValueError,
    ) as error:  # deep or huge in the first of two, which orjson passed over
        message = "A field is given twice, or its value is too deep."
        raise FieldInvalid(message) from error
    return _once(pairs)
