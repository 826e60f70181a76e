"""Bringing a SQLite file up to date: a copy first, then each migration in its own transaction."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing, suppress
from datetime import UTC, datetime
from pathlib import Path

from widget_server import errors
from widget_server.store.complaints import REFUSALS, complaint
from widget_server.store.migrate import Applied, Known, Migrated, Migration, missing, statements
from widget_server.store.sqlite_session import Session
from widget_server.vocabulary import Transaction, sql


def bring_up(session: Session, known: Known, now: int) -> Migrated:
    """Run what is missing; on the writer's connection, while no other process writes."""
    done = session.drive(applied())
    todo = missing(done, known)
    if not todo:
        return Migrated((), None)
    backup = _back_up(session, todo[0], now) if done else None
    # Tables are rebuilt by making a new one in place of the old: keys are checked before each commit instead.
    session.execute("pragma foreign_keys = off")
    try:
        for migration in todo:
            _apply(session, migration, now)
    finally:
        session.execute("pragma foreign_keys = on")
    return Migrated(todo, backup)


def applied() -> Transaction[Applied]:
    """What was run on the file."""
    tables = yield sql("select name from sqlite_schema where type = 'table' and name = 'migrations'")
    rows = (yield sql("select owner, number, checksum from migrations")) if tables else ()
    return {(row["owner"], row["number"]): row["checksum"] for row in rows}


def _apply(session: Session, migration: Migration, now: int) -> None:
    session.execute("begin immediate")
    try:
        session.execute(
            "create table if not exists migrations (owner text not null, number integer not null, "
            "name text not null, checksum text not null, at bigint not null, primary key (owner, number))"
        )
        for statement in statements(migration):
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
