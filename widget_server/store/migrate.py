"""Bringing a SQLite file up to date: numbered SQL files in sets, each run once, in its own transaction."""

from __future__ import annotations

import asyncio
import hashlib
import os
import re
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

from widget_server import errors
from widget_server.store.complaints import REFUSALS, complaint
from widget_server.store.database import Database
from widget_server.store.sqlite import SQLite
from widget_server.store.sqlite_session import Session
from widget_server.vocabulary import Transaction, sql

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


async def migrate(database: SQLite, sets: Sequence[MigrationSet] = (CORE,), *, now: int) -> Migrated:
    """Run what is pending, in the order of the sets; of two processes that start at once, one does it.

    A database that was in use is copied beside itself first. `now` is in milliseconds since the epoch.
    Raises `SchemaNewer` for a database that a newer program wrote, `MigrationFailed`, and the store's errors.
    """
    return await database.alone(partial(_migrate, sets=sets, now=now))


async def pending(database: Database, sets: Sequence[MigrationSet] = (CORE,)) -> tuple[Migration, ...]:
    """What `migrate` would run. Raises `SchemaNewer` and `MigrationFailed` as it would."""
    known = await asyncio.to_thread(_read_all, sets)
    return _missing(await database.read(_applied()), known)


def _migrate(session: Session, *, sets: Sequence[MigrationSet], now: int) -> Migrated:
    applied = session.drive(_applied())
    todo = _missing(applied, _read_all(sets))
    if not todo:
        return Migrated((), None)
    backup = _back_up(session, todo[0], now) if applied else None
    # Tables are rebuilt by making a new one in place of the old: keys are checked before each commit instead.
    session.execute("pragma foreign_keys = off")
    try:
        for migration in todo:
            _apply(session, migration, now)
    finally:
        session.execute("pragma foreign_keys = on")
    return Migrated(todo, backup)


def _applied() -> Transaction[Applied]:
    tables = yield sql("select name from sqlite_schema where type = 'table' and name = 'migrations'")
    rows = (yield sql("select owner, number, checksum from migrations")) if tables else ()
    return {(row["owner"], row["number"]): row["checksum"] for row in rows}


def _missing(applied: Applied, known: Mapping[str, Sequence[Migration]]) -> tuple[Migration, ...]:
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


def _apply(session: Session, migration: Migration, now: int) -> None:
    session.execute("begin immediate")
    try:
        session.execute(
            "create table if not exists migrations (owner text not null, number integer not null, "
            "name text not null, checksum text not null, at bigint not null, primary key (owner, number))"
        )
        for statement in _statements(migration):
            session.execute(statement)
        if session.execute("pragma foreign_key_check").fetchone() is not None:
            raise sqlite3.IntegrityError("it leaves rows that point nowhere")
        session.execute(
            "insert into migrations (owner, number, name, checksum, at) values (?, ?, ?, ?, ?)",
            (migration.owner, migration.number, migration.name, migration.checksum, now),
        )
        session.execute("commit")
    except REFUSALS as error:
        raise errors.MigrationFailed(
            f"{migration.name} of {migration.owner!r} failed and was taken back: {error}."
        ) from error
    finally:
        if session.in_transaction:
            session.execute("rollback")


def _back_up(session: Session, first: Migration, now: int) -> Path:
    """A whole copy beside the database, readable by its owner alone; there only when it is complete."""
    at = datetime.fromtimestamp(now / 1000, UTC).strftime("%Y%m%dT%H%M%S")
    path = session.path
    copy = path.with_name(f"{path.name}.before-{first.owner}-{first.number:04}-{at}")
    unfinished = copy.with_name(f"{copy.name}.part")
    try:
        with suppress(FileNotFoundError):
            unfinished.unlink()
        os.close(os.open(unfinished, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
        with closing(sqlite3.connect(unfinished)) as target:
            session.backup(target)
        unfinished.replace(copy)
    except (OSError, *REFUSALS) as error:
        with suppress(OSError):
            unfinished.unlink()
        raise complaint(error, copy) from error
    return copy


def _read_all(sets: Sequence[MigrationSet]) -> dict[str, list[Migration]]:
    return {migrations.name: _read(migrations) for migrations in sets}


def _read(migrations: MigrationSet) -> list[Migration]:
    found: dict[int, Migration] = {}
    for file in migrations.folder.iterdir():
        match = FILE_NAME.fullmatch(file.name)
        if match is None and file.name.endswith(".sql"):
            raise errors.MigrationFailed(f"{file.name} is not named like 0001_what_it_does.sql.")
        if match is not None and match[2] != ".postgres":
            text = file.read_text(encoding="utf-8").replace("\r\n", "\n")
            number = int(match[1])
            if number in found:
                raise errors.MigrationFailed(f"{file.name} and {found[number].name} have the same number.")
            found[number] = Migration(migrations.name, number, file.name, text)
    return [found[number] for number in sorted(found)]


def _statements(migration: Migration) -> Iterator[str]:
    """The statements of the file, one by one. A `;` in a text, a comment or a trigger's body ends none."""
    *parts, rest = migration.text.split(";")
    statement = ""
    for part in parts:
        statement += f"{part};"
        if _bare(statement) and sqlite3.complete_statement(statement):
            yield _checked(statement, migration)
            statement = ""
    if _bare(statement + rest):
        raise sqlite3.ProgrammingError("its last statement does not end with ';'")


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
