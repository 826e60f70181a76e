"""Bringing a PostgreSQL database up to date: all that is missing in one transaction, one process at a time."""

from __future__ import annotations

import asyncpg

from widget_server import errors
from widget_server.store.migrate import Applied, Known, Migrated, Migration, missing, statements
from widget_server.store.postgres_complaints import REFUSALS
from widget_server.store.postgres_session import FOR_EVER, Session
from widget_server.vocabulary import Transaction, sql

ATTEMPTS = 20
"""Of two processes that make the first table at once, one fails and finds it made when it tries again."""

TABLE = """
create table if not exists migrations (owner text not null, number bigint not null, name text not null,
checksum text not null, at bigint not null, primary key (owner, number))
"""
ROW = "insert into migrations (owner, number, name, checksum, at) values ('', 0, '', '', 0) on conflict do nothing"
LOCK = "select 1 as held from migrations where owner = '' and number = 0 for update"
"""A row that nobody changes, held while migrations run: an advisory lock is not to be had everywhere."""

NOTE = "insert into migrations (owner, number, name, checksum, at) values ($1, $2, $3, $4, $5)"

LOOSE = """
select format('alter table %I.%I %s', n.nspname, c.relname,
    string_agg(format('alter column %I type text collate "C"', a.attname), ', ' order by a.attnum)) as text
from pg_class c join pg_namespace n on n.oid = c.relnamespace join pg_attribute a on a.attrelid = c.oid
join pg_collation k on k.oid = a.attcollation
where c.relkind = 'r' and n.nspname = current_schema() and a.attnum > 0 and not a.attisdropped
and a.atttypid = 'text'::regtype and k.collname <> 'C'
group by n.nspname, c.relname
"""
"""Columns of text that sort as somebody's language does. Ours sort by bytes, as in SQLite: paths and ids rest on it."""


async def bring_up(session: Session, known: Known, now: int) -> Migrated:
    """Run what is missing, or nothing of it: PostgreSQL takes definitions back too."""
    if not missing(await _looked_up(session), known):
        return Migrated((), None)
    await _lock(session)
    try:
        todo = missing(await session.drive(applied()), known)
        for migration in todo:
            await _apply(session, migration, now)
        await session.say("commit", patience=FOR_EVER)
    finally:
        await session.undo()
    return Migrated(todo, None)


def applied() -> Transaction[Applied]:
    """What was run on the database."""
    there = yield sql("select to_regclass('migrations')::text as name")
    if there[0]["name"] is None:
        return {}
    rows = yield sql("select owner, number, checksum from migrations where owner <> ''")
    return {(row["owner"], row["number"]): row["checksum"] for row in rows}


async def _looked_up(session: Session) -> Applied:
    await session.say("begin isolation level repeatable read, read only")
    try:
        return await session.drive(applied())
    finally:
        await session.undo()


async def _lock(session: Session) -> None:
    for _ in range(ATTEMPTS):
        await session.say("begin")
        try:
            await session.ask(TABLE)
            await session.ask(ROW)
            await session.ask(LOCK)
        except (asyncpg.UniqueViolationError, asyncpg.DuplicateTableError, asyncpg.LockNotAvailableError):
            await session.undo()
        else:
            return
    raise errors.Overloaded("Another process has been migrating the database for long.", retry_after=5)


async def _apply(session: Session, migration: Migration, now: int) -> None:
    try:
        for statement in statements(migration):
            await session.ask(statement)
        for row in await session.ask(LOOSE):
            await session.ask(row["text"])
        await session.ask(NOTE, migration.owner, migration.number, migration.name, migration.checksum, now)
    except REFUSALS as error:
        raise errors.MigrationFailed(
            f"{migration.name} of {migration.owner!r} failed, and nothing was changed: {error}."
        ) from error
