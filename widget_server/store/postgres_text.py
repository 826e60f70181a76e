"""Statements as PostgreSQL takes them: `:name` becomes `$1` with its type."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache

from widget_server import errors
from widget_server.store.driving import check_spoken
from widget_server.vocabulary import Statement

PIECE = re.compile(r"""'(?:[^']|'')*'|"[^"]*"|--[^\n]*|::|:([a-z_][a-z0-9_]*)""")
"""A quoted text, a quoted name, a comment or a cast, in which a colon names nothing; or a parameter."""

TYPES: Mapping[type, str] = {
    bool: "::bigint",
    int: "::bigint",
    float: "::double precision",
    str: "::text",
    bytes: "::bytea",
    type(None): "",
}
"""Said of every parameter, since PostgreSQL would guess a narrower type from the place where it stands.

Nothing is said of null, which takes the type of its place.
"""


def translated(statement: Statement) -> tuple[str, list[object]]:
    """The text for the driver and its values in order.

    Raises `StorageFailed` for a statement that a transaction may not make, or a parameter that is missing.
    """
    given = statement.parameters
    text, names = _translated(statement.text, tuple((name, type(value)) for name, value in given.items()))
    return text, [given[name] for name in names]


@lru_cache(maxsize=4096)
def _translated(text: str, given: Sequence[tuple[str, type]]) -> tuple[str, tuple[str, ...]]:
    check_spoken(text)
    known = dict(given)
    places: dict[str, int] = {}

    def placed(found: re.Match[str]) -> str:
        name = found[1]
        if name is None:
            return found[0]
        if name not in known:
            raise errors.StorageFailed(f"The statement names :{name}, which is not given.")
        return f"${places.setdefault(name, len(places) + 1)}{TYPES.get(known[name], '')}"

    return PIECE.sub(placed, text), tuple(places)
