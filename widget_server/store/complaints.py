"""SQLite's errors in our words: what went wrong, and what to do."""

from __future__ import annotations

import errno
import sqlite3
from pathlib import Path

from widget_server import errors
from widget_server.store.driving import TOO_LONG, UNKNOWN

REFUSALS = (sqlite3.Error, sqlite3.Warning, OverflowError, UnicodeEncodeError)
"""What the driver raises when a statement fails or a value does not fit into a column."""

READ_ONLY = (
    "{path} cannot be written: check the permissions of the file and of its folder, and that the disk is not "
    "mounted read-only."
)
NOT_A_DATABASE = "{path} is not a sound SQLite database: check the path, or restore a backup of it."
SENTENCES = {
    "FULL": (errors.StorageFull, "The disk that holds {path} is full: nothing was stored. Free some space."),
    "READONLY": (errors.StorageReadOnly, READ_ONLY),
    "CANTOPEN": (errors.StorageReadOnly, READ_ONLY),
    "PERM": (errors.StorageReadOnly, READ_ONLY),
    "BUSY": (errors.Overloaded, "Another program holds {path}; try again in a moment."),
    "NOTADB": (errors.StorageFailed, NOT_A_DATABASE),
    "CORRUPT": (errors.StorageFailed, NOT_A_DATABASE),
    "INTERRUPT": (errors.StorageFailed, TOO_LONG),
    "IOERR": (
        errors.StorageFailed,
        "The disk that holds {path} failed to read or write; nothing was stored. Is there a quota?",
    ),
}
"""By the second word of SQLite's result codes (https://sqlite.org/rescode.html)."""
CLASHES = frozenset(
    {"SQLITE_CONSTRAINT_UNIQUE", "SQLITE_CONSTRAINT_PRIMARYKEY", "SQLITE_CONSTRAINT_FOREIGNKEY"}
)
SYSTEM = {errno.ENOSPC: "FULL", errno.EDQUOT: "FULL", errno.EIO: "IOERR"}


def complaint(error: BaseException, path: Path) -> errors.TransomError:
    """A new error of our tree for one of the driver's or the system's, with the cause kept."""
    ours = _translated(error, path)
    ours.__cause__ = error
    return ours


def _translated(error: BaseException, path: Path) -> errors.TransomError:
    match error:
        case errors.TransomError():
            return type(error)(error.detail, field=error.field, retry_after=error.retry_after)
        case OverflowError() | UnicodeEncodeError():
            return errors.FieldInvalid("A number or a text holds what cannot be stored.")
        case OSError():
            return _storage(SYSTEM.get(error.errno or 0, "CANTOPEN"), path)
        case sqlite3.Error(sqlite_errorname=name) if name in CLASHES:
            return errors.Conflict()
        case sqlite3.Error(sqlite_errorname=str(name)):
            return _storage(name.split("_")[1], path)
        case _:
            return errors.StorageFailed(UNKNOWN)


def _storage(word: str, path: Path) -> errors.TransomError:
    kind, sentence = SENTENCES.get(word, (errors.StorageFailed, UNKNOWN))
    return kind(sentence.format(path=path), retry_after=5 if kind is errors.Overloaded else None)
