"""PostgreSQL's errors in our words: what went wrong, and what to do."""

from __future__ import annotations

from collections.abc import Mapping

import asyncpg

from widget_server import errors
from widget_server.store.driving import TOO_LONG, UNKNOWN

REFUSALS = (asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError, OSError, UnicodeError)
"""What the driver raises when a statement or the connection fails. (`TimeoutError` is an `OSError`.)"""

UNREACHABLE = "The database cannot be reached; nothing was stored. Is it running, and is its address right?"
UNFIT = "A number or a text holds what cannot be stored."
UNCERTAIN = (
    "The connection to the database broke during the commit, and whether it was stored could not be found out: "
    "look before you try again."
)
READ_ONLY = "The database takes no writes: it is a standby, set to read only, or its role may not write."

SENTENCES: Mapping[str, tuple[type[errors.TransomError], str]] = {
    "23503": (errors.Conflict, ""),
    "23505": (errors.Conflict, ""),
    "22000": (errors.FieldInvalid, UNFIT),
    "22003": (errors.FieldInvalid, UNFIT),
    "22021": (errors.FieldInvalid, UNFIT),
    "22P05": (errors.FieldInvalid, UNFIT),
    "25006": (errors.StorageReadOnly, READ_ONLY),
    "42501": (errors.StorageReadOnly, READ_ONLY),
    "53100": (errors.StorageFull, "The database's disk is full: nothing was stored. Free some space."),
    "53300": (errors.Overloaded, "The database has no connection left: raise its max_connections."),
    "55P03": (errors.Overloaded, "Another process keeps the database for itself; try again in a moment."),
    "40001": (errors.Overloaded, "Others wrote at the same time; nothing was stored, try again in a moment."),
    "40P01": (errors.Overloaded, "Others wrote at the same time; nothing was stored, try again in a moment."),
    "57014": (errors.StorageFailed, TOO_LONG),
    "57P01": (errors.StorageFailed, UNREACHABLE),
    "57P02": (errors.StorageFailed, UNREACHABLE),
    "57P03": (errors.StorageFailed, UNREACHABLE),
    "57P05": (errors.StorageFailed, UNREACHABLE),
    "25P03": (errors.StorageFailed, TOO_LONG),
    "3D000": (errors.StorageFailed, "There is no such database: make it with `createdb`, or mend the address."),
    "28000": (errors.StorageFailed, "The database does not let this role in: check the address and pg_hba.conf."),
    "28P01": (errors.StorageFailed, "The database does not take this password: check the address."),
}  # fmt: skip
"""By SQLSTATE (https://www.postgresql.org/docs/current/errcodes-appendix.html)."""

PASSING = frozenset({"57P03", "53300", "57P01", "57P02"})
"""While it starts, ends or is full: a connection may be had a moment later."""


def complaint(error: BaseException) -> errors.TransomError:
    """A new error of our tree for one of the driver's or the system's, with the cause kept."""
    ours = _translated(error)
    ours.__cause__ = error
    return ours


def is_passing(error: BaseException) -> bool:
    """Whether another attempt to connect may succeed a moment later."""
    match error:
        case asyncpg.PostgresError(sqlstate=code):
            return code in PASSING
        case OSError() | asyncpg.InterfaceError():
            return True
        case _:
            return False


def _translated(error: BaseException) -> errors.TransomError:
    match error:
        case errors.TransomError():
            return type(error)(error.detail, field=error.field, retry_after=error.retry_after)
        case UnicodeError():
            return errors.FieldInvalid(UNFIT)
        case asyncpg.PostgresError(sqlstate=str(code)) if not code.startswith("08"):
            kind, sentence = SENTENCES.get(code, (errors.StorageFailed, UNKNOWN))
            waits = kind is errors.Overloaded or sentence == UNREACHABLE
            return kind(sentence, retry_after=5 if waits else None)
        case TimeoutError():
            return errors.StorageFailed(TOO_LONG)
        case asyncpg.PostgresConnectionError() | OSError() | asyncpg.InterfaceError():
            return errors.StorageFailed(UNREACHABLE, retry_after=5)
        case _:
            return errors.StorageFailed(UNKNOWN)
