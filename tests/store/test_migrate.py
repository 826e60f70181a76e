"""Migrations: fresh and migrated are the same, once, with a copy of what was there before."""

from __future__ import annotations

import asyncio
import sqlite3
import stat
from contextlib import closing
from pathlib import Path

import pytest
from blockbuster import BlockBuster

from tests.store.statements import put
from widget_server import errors
from widget_server.store import CORE, MigrationSet, SQLite, migrate, open_sqlite, pending
from widget_server.testing import CONTRACT

pytestmark = pytest.mark.only_sqlite("it is about how a SQLite file is migrated")

NOON = 1_764_590_400_000
FIRST = "create table notes (site text not null, id text not null, primary key (site, id));\n"
SECOND = """
-- Two statements; a text and a comment; with a semicolon.
create table rebuilt (
    site text not null, id text not null, body text not null default 'a;b', primary key (site, id)
);
insert into rebuilt (site, id) select site, id from notes;
drop table notes; alter table rebuilt rename to notes;
/* A trigger; its body has statements of its own. */
create trigger no_change before update on notes begin
    select raise(abort, 'notes do not change; ever');
    select 1;
end;
"""


@pytest.fixture(autouse=True)
def looking_allowed(unblocked_loop: BlockBuster) -> None:
    """These tests look into files by themselves."""
    unblocked_loop.deactivate()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A plug-in's migrations, one of them so far."""
    folder = tmp_path / "migrations"
    folder.mkdir()
    (folder / "0001_notes.sql").write_text(FIRST)
    return folder


@pytest.fixture
def notes(folder: Path) -> MigrationSet:
    """The plug-in's set."""
    return MigrationSet("notes", folder)


async def test_fresh_and_migrated_are_the_same(tmp_path: Path, folder: Path, notes: MigrationSet) -> None:
    sets = [CORE, CONTRACT, notes]
    old = await open_sqlite(tmp_path / "old.db")
    await migrate(old, sets, now=NOON)
    (folder / "0002_bodies.sql").write_text(SECOND)
    await migrate(old, sets, now=NOON)
    fresh = await open_sqlite(tmp_path / "fresh.db")
    await migrate(fresh, sets, now=NOON)

    assert await old.alone(_structure) == await fresh.alone(_structure)
    await old.close()
    await fresh.close()


async def test_each_is_run_once_and_told(database: SQLite, folder: Path, notes: MigrationSet) -> None:
    assert [migration.name for migration in await pending(database, [CORE, notes])] == ["0001_notes.sql"]
    first = await migrate(database, [CORE, notes], now=NOON)
    assert [migration.name for migration in first.applied] == ["0001_notes.sql"]
    again = await migrate(database, [CORE, notes], now=NOON)
    assert (again.applied, again.backup) == ((), None)
    assert await pending(database, [CORE, notes]) == ()

    (folder / "0002_bodies.sql").write_text(SECOND)
    assert [migration.number for migration in await pending(database, [CORE, notes])] == [2]


async def test_line_ends_do_not_matter(database: SQLite, folder: Path, notes: MigrationSet) -> None:
    await migrate(database, [notes], now=NOON)
    (folder / "0001_notes.sql").write_bytes(FIRST.replace("\n", "\r\n").encode())
    assert await pending(database, [notes]) == ()


async def test_what_was_there_is_copied_first(path: Path, database: SQLite, notes: MigrationSet) -> None:
    """Whole, readable by its owner alone, and before anything is changed."""
    await database.write(put("kept"))
    done = await migrate(database, [CORE, CONTRACT, notes], now=NOON)

    assert done.backup == path.with_name("transom.db.before-notes-0001-20251201T120000")
    assert stat.S_IMODE(done.backup.stat().st_mode) == 0o600
    with closing(sqlite3.connect(done.backup)) as copy:
        assert copy.execute("select id from contract_rows").fetchall() == [("kept",)]
        assert copy.execute("select count(*) from sqlite_schema where name = 'notes'").fetchone() == (0,)
        assert copy.execute("pragma integrity_check").fetchone() == ("ok",)
    assert not list(path.parent.glob("*.part"))


async def test_a_new_database_needs_no_copy(tmp_path: Path, notes: MigrationSet) -> None:
    database = await open_sqlite(tmp_path / "new.db")
    assert (await migrate(database, [CORE, notes], now=NOON)).backup is None
    await database.close()


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("create table extra (id text);\ninsert into nowhere values (1);", "no such table: nowhere"),
        ("create table extra (id text);\ncreate table extra (id text);", "already exists"),
        ("create table extra (id text);\ncommit;", "says 'commit'"),
        ("create table extra (id text);\npragma foreign_keys = off;", "says 'pragma'"),
        ("create table extra (id text);\ncreate table late (id text)", "does not end with ';'"),
        ("create table extra (id text);\ndelete from contract_rows;", "point nowhere"),
    ],
)
async def test_one_that_fails_changes_nothing(
    database: SQLite, folder: Path, notes: MigrationSet, text: str, reason: str
) -> None:
    """Those before it stay; the copy is there; the next attempt, once it is mended, goes on from there."""
    await database.write(put("row"))
    await database.alone(
        lambda session: session.execute("insert into contract_parts values ('blog', 'part', 'row')")
    )
    (folder / "0002_bad.sql").write_text(text)
    with pytest.raises(errors.MigrationFailed, match=reason) as caught:
        await migrate(database, [CORE, CONTRACT, notes], now=NOON)
    assert "0002_bad.sql" in caught.value.detail

    names = await database.alone(_structure)
    assert ("table", "notes") in names
    assert ("table", "extra") not in names
    assert [migration.number for migration in await pending(database, [notes])] == [2]
    (folder / "0002_bad.sql").write_text("create table extra (id text);")
    await migrate(database, [CORE, CONTRACT, notes], now=NOON + 1000)
    assert ("table", "extra") in await database.alone(_structure)


async def test_foreign_keys_bind_again_after_a_migration(database: SQLite, notes: MigrationSet) -> None:
    await migrate(database, [notes], now=NOON)
    assert await database.alone(lambda session: session.execute("pragma foreign_keys").fetchone()[0]) == 1


async def test_a_newer_database_is_refused(database: SQLite, folder: Path, notes: MigrationSet) -> None:
    (folder / "0002_bodies.sql").write_text(SECOND)
    await migrate(database, [notes], now=NOON)
    (folder / "0002_bodies.sql").unlink()
    for attempt in (migrate(database, [notes], now=NOON), pending(database, [notes])):
        with pytest.raises(errors.SchemaNewer, match="newer one wrote it"):
            await attempt


async def test_the_tables_of_a_plug_in_that_was_removed_stay(database: SQLite, notes: MigrationSet) -> None:
    await migrate(database, [CORE, CONTRACT, notes], now=NOON)
    assert await pending(database, [CORE, CONTRACT]) == ()


async def test_a_migration_that_was_changed_is_refused(
    database: SQLite, folder: Path, notes: MigrationSet
) -> None:
    await migrate(database, [notes], now=NOON)
    (folder / "0001_notes.sql").write_text(FIRST + "-- better\n")
    with pytest.raises(errors.MigrationFailed, match="never changes"):
        await migrate(database, [notes], now=NOON)


@pytest.mark.parametrize("name", ["1_short.sql", "0002-dash.sql", "0002_Upper.sql", "0001_again.sql"])
async def test_a_file_with_a_wrong_name_is_refused(
    database: SQLite, folder: Path, notes: MigrationSet, name: str
) -> None:
    (folder / name).write_text(FIRST)
    with pytest.raises(errors.MigrationFailed, match=name):
        await migrate(database, [notes], now=NOON)


async def test_of_a_pair_the_half_for_this_database_is_run(
    database: SQLite, folder: Path, notes: MigrationSet
) -> None:
    (folder / "0002_search.postgres.sql").write_text("create nonsense;")
    (folder / "0002_search.sqlite.sql").write_text("create table extra (id text);")
    (folder / "README").write_text("not a migration")
    await migrate(database, [notes], now=NOON)
    assert ("table", "extra") in await database.alone(_structure)


async def test_of_two_that_start_at_once_one_migrates(path: Path, notes: MigrationSet) -> None:
    databases = await asyncio.gather(*(open_sqlite(path) for _ in range(4)))
    done = await asyncio.gather(*(migrate(database, [CORE, notes], now=NOON) for database in databases))
    assert sorted(len(migrated.applied) for migrated in done) == [0, 0, 0, max(len(m.applied) for m in done)]
    for database in databases:
        await database.close()


def _structure(session: sqlite3.Connection) -> dict[tuple[str, str], str]:
    rows = session.execute("select type, name, sql from sqlite_schema where name not like 'sqlite_%'")
    return {(kind, name): " ".join((text or "").split()) for kind, name, text in rows}
