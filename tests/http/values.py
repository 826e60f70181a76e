"""Values that fields take, and values that they do not."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from tests.http.clock import NOON
from widget_server.ids import uuid7
from widget_server.widgets.base import Emoji, Field, Id, OneOf, Text, Whole

LONG = "a" * 25_000

WRONG: Mapping[str, Any] = {
    "number": 7,
    "fraction": 1.5,
    "huge": 10**30,
    "negative": -1,
    "true": True,
    "null": None,
    "array": ["a"],
    "object": {"a": "b"},
    "deep": [[[[["a"]]]]],
}
"""Values that no text field takes."""

TAKES_ANY_TEXT = frozenset({"text", "name", "title", "lang"})
"""Fields in which a control character is dropped and not refused."""

CUT = frozenset({"title", "lang"})
"""Fields of which what is too long is not looked at."""


def wrong_values(field: str, *, needed: bool) -> Iterator[tuple[str, Any]]:
    """Values that the field does not take, by name."""
    yield from WRONG.items()
    if needed:
        yield "empty", ""
    if field not in TAKES_ANY_TEXT:
        yield "null character", "a\0b"
    if field not in CUT:
        yield "too long", LONG


def good_value(field: Field, comment: str) -> Any:  # noqa: ANN401 - of the field's own type
    """Something that a field takes."""
    match field:
        case Id():
            return comment
        case Whole():
            return field.least
        case Emoji():
            return "👍"
        case _:
            return "hello"


def out_of_bounds(field: Field) -> Iterator[tuple[str, Any]]:
    """Values just beyond what the schema allows."""
    match field:
        case Text():
            yield "one too many", "a" * (field.most + 1)
        case Whole():
            yield "one too many", field.most + 1
            yield "one too few", field.least - 1
        case OneOf():
            yield "no such word", "nonsense"
        case Emoji():
            yield "a letter", "a"
            yield "two emoji", "👍👍"
        case Id():
            yield "no id", "nonsense"
            yield "an id and more", f"{uuid7(NOON)} "
