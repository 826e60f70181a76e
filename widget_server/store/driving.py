"""What holds for a transaction on each database: what it may say, for how long, and how a failure reaches it."""

from __future__ import annotations

from contextlib import suppress
from functools import lru_cache
from typing import Any

from widget_server import errors
from widget_server.vocabulary import Transaction

SPOKEN = frozenset({"select", "insert", "update", "delete", "with"})

UNSPOKEN = "A transaction may only select, insert, update and delete."
TOO_LONG = "A transaction took too long and was stopped; nothing was stored."
ONLY_READS = "A transaction that only reads tried to write."
UNKNOWN = "The database refused a statement; nothing was stored. The log has the cause."


@lru_cache(maxsize=4096)
def first_word(text: str) -> str:
    """What a statement begins with, in lower case."""
    return (text.split(maxsplit=1) or [""])[0].lower()


def check_spoken(text: str) -> None:
    """Raise `StorageFailed` for a statement that a transaction may not make."""
    if first_word(text) not in SPOKEN:
        raise errors.StorageFailed(UNSPOKEN)


def break_off(transaction: Transaction[Any], problem: errors.TransomError) -> None:
    """Raise the problem at the transaction's `yield`; it may raise a better one, and not go on."""
    with suppress(StopIteration):
        transaction.throw(problem)
        transaction.close()
    raise problem
