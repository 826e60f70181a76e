"""What is PostgreSQL's own: how it is migrated, reached, bounded, and asked what became of a commit."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import asyncpg
import pytest
from click.testing import CliRunner

from tests.databases import HERE
from tests.store.statements import put, refuse_what_is_there
from widget_server import errors
from widget_server.cli import main
from widget_server.opening import database_name
from widget_server.settings import load
from widget_server.store import CORE, Change, Limits, MigrationSet, migrate, pending, touched
from widget_server.store.database import Apart
from widget_server.store.postgres import Postgres, open_postgres
from widget_server.store.postgres_session import Connection, Session
from widget_server.testing import CONTRACT
from widget_server.vocabulary import Statement, Transaction, sql

pytestmark = pytest.mark.only_postgres("it is about the driver of PostgreSQL")

PATIENCE = 20.0
SECRET = "pa55-w0rd"


@pytest.fixture
def url(tmp_path: Path) -> str:
    """The address of a database without tables."""
    return HERE.url(tmp_path / "apart" / "bare", bare=True)


@pytest.fixture
async def database(url: str) -> AsyncIterator[Postgres]:
    """An open database with the tables of the contract."""
    opened = await open_postgres(url)
    await migrate(opened, [CORE, CONTRACT], now=0)
    yield opened
    await opened.close()


def folder_of(folder: Path, **files: str) -> MigrationSet:
    """A plug-in's migrations."""
    folder.mkdir(exist_ok=True)
    for name, text in files.items():
        (folder / f"{name}.sql").write_text(text)
    return MigrationSet("notes", folder)


async def test_of_processes_that_start_at_once_one_migrates(url: str) -> None:
    opened = [await open_postgres(url) for _ in range(4)]

    done = await asyncio.gather(*(migrate(each, now=0) for each in opened))

    assert sorted(bool(each.applied) for each in done) == [False, False, False, True]
    assert await pending(opened[0]) == ()
    for each in opened:
        await each.close()


async def test_a_migration_that_fails_takes_all_of_its_run_back(url: str, tmp_path: Path) -> None:
    notes = folder_of(
        tmp_path / "notes",
        **{
            "0001_a": "create table a (site text not null primary key);\n",
            "0002_b": "create table a (site text not null primary key);\n",
        },
    )
    database = await open_postgres(url)

    with pytest.raises(
        errors.MigrationFailed, match=r"0002_b\.sql of 'notes' failed, and nothing was changed"
    ):
        await migrate(database, [CORE, notes], now=0)

    assert len(await pending(database, [CORE, notes])) == len(await pending(database, [CORE])) + 2
    await database.close()


async def test_a_changed_migration_and_a_newer_database_are_refused(
    database: Postgres, tmp_path: Path
) -> None:
    first = "create table notes (site text not null primary key);\n"
    notes = folder_of(
        tmp_path / "notes", **{"0001_a": first, "0002_b": "alter table notes add column x text;\n"}
    )
    await migrate(database, [CORE, notes], now=0)
    (tmp_path / "notes" / "0001_a.sql").write_text(f"{first}-- changed\n")
    with pytest.raises(errors.MigrationFailed, match="a released migration never changes"):
        await migrate(database, [CORE, notes], now=0)
    (tmp_path / "notes" / "0002_b.sql").unlink()
    with pytest.raises(errors.SchemaNewer):
        await migrate(database, [CORE, notes], now=0)


async def test_each_database_has_the_files_that_are_meant_for_it(database: Postgres, tmp_path: Path) -> None:
    notes = folder_of(
        tmp_path / "notes",
        **{
            "0001_a.sqlite": "no such statement;\n",
            "0001_a.postgres": "create table notes (site text not null primary key, at timestamptz);\n",
        },
    )

    done = await migrate(database, [CORE, notes], now=0)

    assert [migration.name for migration in done.applied] == ["0001_a.postgres.sql"]


async def test_text_sorts_by_bytes_and_sums_of_whole_numbers_are_whole(database: Postgres) -> None:
    def asked() -> Transaction[tuple[list[str], object]]:
        for key in ("a-b", "ab", "B", "a", "Ä"):
            yield from put(key)
        rows = yield sql("select id from contract_rows order by id")
        total = yield sql("select sum(n) as total from contract_rows")
        return [row["id"] for row in rows], total[0]["total"]

    def loose() -> Transaction[int]:
        rows = yield Statement(
            "select count(*) as number from information_schema.columns where table_schema = 'public'"
            " and data_type = 'text' and coalesce(collation_name, '') <> 'C' and table_name <> 'migrations'",
            {},
        )
        return int(rows[0]["number"])

    assert await database.write(asked()) == (["B", "a", "a-b", "ab", "Ä"], 5)
    assert await database.read(loose()) == 0


async def test_a_statement_that_takes_too_long_is_stopped(database: Postgres) -> None:
    def slow() -> Transaction[None]:
        yield Statement("select pg_sleep(60)", {})

    for attempt in (database.read(slow(), patience=0.2), database.write(slow(), patience=0.2)):
        with pytest.raises(errors.StorageFailed, match="took too long"):
            async with asyncio.timeout(PATIENCE):
                await attempt
    await database.write(put("next"))


async def test_a_process_has_no_more_connections_than_it_was_given(url: str) -> None:
    database = await open_postgres(url, limits=Limits(readers=3))
    await migrate(database, [CORE, CONTRACT], now=0)
    heard = database.listen()

    def slow() -> Transaction[None]:
        yield Statement("select pg_sleep(0.1)", {})

    await asyncio.gather(
        *(database.read(slow()) for _ in range(60)), *(database.write(put(str(n))) for n in range(60))
    )
    rows = await database.read(_connections())

    assert 4 <= rows <= 5  # three for reading, one that writes and one that listens
    await database.close()
    assert [change async for change in heard] == []


@pytest.mark.parametrize("is_sent", [True, False])
async def test_a_commit_whose_answer_is_lost_is_asked_after(
    database: Postgres, monkeypatch: pytest.MonkeyPatch, *, is_sent: bool
) -> None:
    say = Session.say

    async def cut(session: Session, text: str, patience: float | None = None) -> str:
        if text == "commit":
            monkeypatch.setattr(Session, "say", say)
            if is_sent:
                await say(session, text)
            session.connection.terminate()
        return await say(session, text, patience)

    monkeypatch.setattr(Session, "say", cut)
    done = await asyncio.gather(
        *(database.write(put(str(n))) for n in range(3)),
        database.write(refuse_what_is_there()),
        return_exceptions=True,
    )

    assert [isinstance(each, errors.StorageFailed) for each in done] == [not is_sent] * 4
    assert await database.read(_count()) == (3 if is_sent else 0)
    await database.write(put("next"))


async def test_what_clashes_with_others_is_done_anew_where_it_can_be_begun_anew(database: Postgres) -> None:
    async def make(session: Session) -> None:
        await session.ask(
            "create function clash() returns bigint language plpgsql as"
            " $$ begin raise exception 'they met' using errcode = '40001'; end $$"
        )

    begun = 0

    def clashing() -> Transaction[int]:
        nonlocal begun
        begun += 1
        yield from put(f"{begun}")
        if begun < 3:
            yield Statement("select clash() as met", {})
        return begun

    await database.alone(make)

    assert await database.write(Apart(clashing, "key")) == 3
    begun = 0
    with pytest.raises(errors.Overloaded) as caught:
        await database.write(clashing())
    assert caught.value.retry_after
    assert await database.read(_count()) == 1


async def test_connections_that_the_server_ends_are_made_anew_and_what_waits_is_done(
    database: Postgres,
) -> None:
    for number in range(5):
        connection = await asyncpg.connect(database_url(database))
        await connection.execute(
            "select pg_terminate_backend(pid) from pg_stat_activity where application_name like 'transom %'"
            " and datname = current_database()"
        )
        await connection.close()
        await database.write(put(str(number)))
        assert await database.read(_count()) == number + 1


async def test_without_notifications_changes_are_looked_for(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def none(connection: Connection, *told: object) -> None:
        del connection, told
        raise asyncpg.FeatureNotSupportedError("LISTEN is not supported")

    monkeypatch.setattr(asyncpg.Connection, "add_listener", none)
    one, other = await open_postgres(url), await open_postgres(url)
    await migrate(one, now=0)
    heard = other.listen()
    await one.write(touched("blog", "a"))
    async with asyncio.timeout(PATIENCE):
        assert await anext(heard) == (Change("blog", "a"),)
    await one.close()
    await other.close()


async def test_a_database_that_is_not_there_is_told_in_one_sentence_without_the_password() -> None:
    for address in (
        f"postgresql://transom:{SECRET}@127.0.0.1:1/transom",
        f"postgresql://transom:{SECRET}@nowhere.invalid/transom",
    ):
        with pytest.raises(errors.StorageFailed) as caught:
            await open_postgres(address, limits=Limits(wait=0.2))
        assert SECRET not in str(caught.value)
        settings = load({}, overrides={"database": address})
        assert database_name(settings) == address.replace(f":{SECRET}", "")


def test_commands_say_what_is_wrong_and_not_the_password(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def told(*words: str) -> str:
        done = CliRunner().invoke(main, [*words, "--data", str(tmp_path)])
        assert done.exit_code == 1
        return done.output

    address = f"postgresql://transom:{SECRET}@127.0.0.1:1/transom"
    away = told("site", "list", "--database", address)
    assert "cannot be reached" in away
    assert SECRET not in away
    assert SECRET not in told("site", "list", "--database", f"oracle://scott:{SECRET}@db/x")
    odd = told("site", "list", "--database", f"postgresql://transom:{SECRET}@db.example:port/x")
    assert "The address of the database is not one like" in odd
    assert SECRET not in odd
    for name in [name for name in sys.modules if name.startswith("widget_server.store.postgres")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "asyncpg", None)
    assert "pip install 'transom-server[postgres]'" in told("site", "list", "--database", address)


def _connections() -> Transaction[int]:
    rows = yield Statement(
        "select count(*) as number from pg_stat_activity where datname = current_database()"
        " and application_name like 'transom %'",
        {},
    )
    return int(rows[0]["number"])


def _count() -> Transaction[int]:
    rows = yield sql("select count(*) as number from contract_rows")
    return int(rows[0]["number"])


def database_url(database: Postgres) -> str:
    """Where it is."""
    return str(database._line.args[0])
