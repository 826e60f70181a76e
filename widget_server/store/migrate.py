"""Migrations: numbered SQL files in sets, which ones a database still needs, and running them."""

from __future__ import annotations

import asyncio
import hashlib
import re
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Protocol

from widget_server import errors
from widget_server.store.database import Database
from widget_server.vocabulary import Transaction

FILE_NAME = re.compile(r"(\d{4})_[a-z0-9_]+(\.sqlite|\.postgres)?\.sql")
COMMENT = re.compile(r"\s+|--[^\n]*|/\*.*?\*/", re.DOTALL)
SPOKEN = frozenset({"create", "alter", "drop", "insert", "update", "delete", "with"})


Applied = Mapping[tuple[str, int], str]
"""The checksums of what was run, by owner and number."""


@dataclass(frozen=True, slots=True)
class MigrationSet:
    """The migrations of one owner: the core, or a plug-in with tables of its own."""

    name: str
    folder: Traversable
    """Holds `0001_what.sql`, or where they differ `0001_what.sqlite.sql` and `0001_what.postgres.sql`."""


@dataclass(frozen=True, slots=True)
class Migration:
    """One file; what it holds never changes once it was released."""

    owner: str
    number: int
    name: str
    text: str

    @property
    def checksum(self) -> str:
        """Of the text; the same whatever the line ends are."""
        return hashlib.sha256(self.text.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Migrated:
    """What `migrate` did."""

    applied: tuple[Migration, ...]
    backup: Path | None
    """The copy of the database as it was before; None where it was new or nothing was to be done."""


CORE = MigrationSet("core", files("widget_server.store").joinpath("migrations", "core"))


Known = Mapping[str, Sequence[Migration]]
"""All migrations of each owner, in the order of their numbers."""


class Migratable(Database, Protocol):
    """A database that migrations can be run on."""

    dialect: str
    """`sqlite` or `postgres`: which of two files of one number is meant for it."""

    def applied(self) -> Transaction[Applied]:
        """What was run on it."""
        ...

    async def bring_up(self, known: Known, now: int) -> Migrated:
        """Run what is missing; of two processes that start at once, one does it."""
        ...


async def migrate(database: Migratable, sets: Sequence[MigrationSet] = (CORE,), *, now: int) -> Migrated:
    """Run what is pending, in the order of the sets; of two processes that start at once, one does it.

    A SQLite file that was in use is copied beside itself first. `now` is in milliseconds since the epoch.
    Raises `SchemaNewer` for a database that a newer program wrote, `MigrationFailed`, and the store's errors.
    """
    return await database.bring_up(await asyncio.to_thread(_read_all, sets, database.dialect), now)


async def pending(database: Migratable, sets: Sequence[MigrationSet] = (CORE,)) -> tuple[Migration, ...]:
    """What `migrate` would run. Raises `SchemaNewer` and `MigrationFailed` as it would."""
    known = await asyncio.to_thread(_read_all, sets, database.dialect)
    return missing(await database.read(database.applied()), known)


def missing(applied: Applied, known: Known) -> tuple[Migration, ...]:
    """What is still to be run. Raises `SchemaNewer`, and `MigrationFailed` for a file that was changed."""
    todo = []
    for owner, migrations in known.items():
        last = max((number for name, number in applied if name == owner), default=0)
        if last > max((migration.number for migration in migrations), default=0):
            raise errors.SchemaNewer(
                f"The database has migration {last} of {owner!r}, which this Transom does not know: "
                "a newer one wrote it. Install that version again, or restore a backup from before."
            )
        for migration in migrations:
            checksum = applied.get((owner, migration.number))
            if checksum is None:
                todo.append(migration)
            elif checksum != migration.checksum:
                raise errors.MigrationFailed(
                    f"{migration.name} of {owner!r} is not what was run on this database: a released "
                    "migration never changes. Put the file back, and write a new one."
                )
    return tuple(todo)


def statements(migration: Migration) -> Iterator[str]:
    """The statements of the file, one by one. A `;` in a text, a comment or a trigger's body ends none."""
    *parts, rest = migration.text.split(";")
    statement = ""
    for part in parts:
        statement += f"{part};"
        if _bare(statement) and sqlite3.complete_statement(statement):
            yield _checked(statement, migration)
            statement = ""
    if _bare(statement + rest):
        raise errors.MigrationFailed(
            f"{migration.name} of {migration.owner!r}: its last statement does not end with ';'."
        )


def _read_all(sets: Sequence[MigrationSet], dialect: str) -> Known:
    return {migrations.name: _read(migrations, dialect) for migrations in sets}


def _read(migrations: MigrationSet, dialect: str) -> list[Migration]:
    found: dict[int, Migration] = {}
    for file in migrations.folder.iterdir():
        match = FILE_NAME.fullmatch(file.name)
        if match is None and file.name.endswith(".sql"):
            raise errors.MigrationFailed(f"{file.name} is not named like 0001_what_it_does.sql.")
        if match is not None and match[2] in {None, f".{dialect}"}:
            text = file.read_text(encoding="utf-8").replace("\r\n", "\n")
            number = int(match[1])
            if number in found:
                raise errors.MigrationFailed(f"{file.name} and {found[number].name} have the same number.")
            found[number] = Migration(migrations.name, number, file.name, text)
    return [found[number] for number in sorted(found)]


def _checked(statement: str, migration: Migration) -> str:
    word = _bare(statement).partition(";")[0].split(maxsplit=1)[0].lower()
    if word not in SPOKEN:
        raise errors.MigrationFailed(
            f"{migration.name} of {migration.owner!r} says {word!r}: a migration defines and fills tables, "
            "and leaves transactions and pragmas to the program."
        )
    return statement


def _bare(statement: str) -> str:
    """Without the blanks and comments that it begins with."""
    while match := COMMENT.match(statement):
        statement = statement[match.end() :]
    return statement
