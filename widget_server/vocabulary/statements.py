"""Statements and transactions: what is asked of a database, as data."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, LiteralString, Protocol, TypeVar

T = TypeVar("T")
Value = str | int | float | bytes | None


@dataclass(frozen=True, slots=True)
class Statement:
    """One SQL statement with named parameters (`:name`)."""

    text: str
    parameters: Mapping[str, Value]


def sql(text: LiteralString, /, **parameters: Value) -> Statement:
    """A statement to `yield` from a transaction; the text is literal, values travel as parameters."""
    return Statement(text, parameters)


class Row(Protocol):
    """One row of an answer, read by column name."""

    def __getitem__(self, name: str, /) -> Any: ...  # noqa: ANN401 - a column may hold any SQL value

    def keys(self) -> Iterable[str]:
        """The columns' names."""
        ...


Transaction = Generator[Statement, Sequence[Row], T]
