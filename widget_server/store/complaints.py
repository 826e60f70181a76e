"""SQLite's errors in our words: what went wrong, and what to do."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from widget_server import errors

REFUSALS = (sqlite3.Error, sqlite3.Warning, OverflowError, UnicodeEncodeError)
"""What the driver raises when a statement fails or a value does not fit into a column."""


def complaint(error: BaseException, path: Path) -> errors.TransomError:
    """A new error of our tree for one of the driver's, with the cause kept."""
    ours = _translated(error, path)
    ours.__cause__ = error
    return ours


def _translated(error: BaseException, path: Path) -> errors.TransomError:
    match error:
        case errors.TransomError():
            return type(error)(error.detail, field=error.field, retry_after=error.retry_after)
        case OverflowError():
            return errors.FieldInvalid("A number is too large to be stored.")
        case UnicodeEncodeError():
            return errors.FieldInvalid("A text holds characters that cannot be stored.")
        case PermissionError() | sqlite3.Error() | OSError():
            return _storage(error, path)
        case _:
            return errors.StorageFailed("The database failed; nothing was stored. The log has the cause.")


def _storage(error: Exception, path: Path) -> errors.TransomError:
    match _name(error).split("_")[1:]:
        case ["CONSTRAINT", "UNIQUE" | "PRIMARYKEY" | "FOREIGNKEY", *_]:
            return errors.Conflict()
        case ["FULL", *_]:
            return errors.StorageFull(
                f"The disk that holds {path} is full: nothing was stored. Free some space."
            )
        case ["READONLY" | "CANTOPEN" | "PERM", *_]:
            return errors.StorageReadOnly(
                f"{path} cannot be written: check the permissions of the file and of its folder, "
                "and that the disk is not mounted read-only."
            )
        case ["BUSY" | "LOCKED", *_]:
            return errors.Overloaded(
                "Another program holds the database; try again in a moment.", retry_after=5
            )
        case ["NOTADB" | "CORRUPT", *_]:
            return errors.StorageFailed(
                f"{path} is not a sound SQLite database: check the path, or restore a backup (transom restore)."
            )
        case ["INTERRUPT", *_]:
            return errors.StorageFailed("It took too long and was stopped; nothing was stored.")
        case ["IOERR", *_]:
            return errors.StorageFailed(
                f"The disk that holds {path} failed to read or write; nothing was stored. "
                "Look for a quota, a lost network share or a failing disk."
            )
        case _:
            return errors.StorageFailed(
                "The database refused a statement; nothing was stored. The log has the cause."
            )


def _name(error: Exception) -> str:
    match error:
        case PermissionError():
            return "SQLITE_READONLY"
        case OSError(errno=number):
            return {28: "SQLITE_FULL", 30: "SQLITE_READONLY", 122: "SQLITE_FULL"}.get(
                number or 0, "SQLITE_CANTOPEN"
            )
        case _:
            return getattr(error, "sqlite_errorname", "SQLITE_ERROR")
