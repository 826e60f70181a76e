"""The doctor looks, and changes nothing."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from click.testing import CliRunner

from widget_server.cli import main
from widget_server.opening import DATABASE


@pytest.mark.only_sqlite("it looks into the file")
def test_the_doctor_names_migrations_that_wait_and_runs_none(tmp_path: Path) -> None:
    file = tmp_path / DATABASE
    with closing(sqlite3.connect(file)) as database:
        database.execute("create table other (x)")
    told = CliRunner().invoke(main, ["doctor", "--data", str(tmp_path)])
    with closing(sqlite3.connect(file)) as database:
        tables = database.execute("select name from sqlite_master where type = 'table'").fetchall()

    assert told.exit_code == 1
    assert "migrations that have not run yet: 0001_" in told.output
    assert tables == [("other",)]
    assert list(tmp_path.glob("*.before-*")) == []


def test_listing_sites_may_migrate(tmp_path: Path) -> None:
    listed = CliRunner().invoke(main, ["site", "list", "--data", str(tmp_path)])
    told = CliRunner().invoke(main, ["doctor", "--data", str(tmp_path)])

    assert listed.exit_code == 0
    assert "migrations" not in told.output
    assert "there is no site yet" in told.output


@pytest.mark.only_postgres("a file has no server")
def test_the_doctor_names_what_the_database_server_forgets(tmp_path: Path) -> None:
    CliRunner().invoke(main, ["site", "create", "blog", "--origin", "https://a.example", "--data", str(tmp_path)])
    told = CliRunner().invoke(main, ["doctor", "--data", str(tmp_path)])

    assert told.exit_code == 1
    assert told.output.startswith("PostgreSQL 1")
    assert "synchronous_commit or fsync is off" in told.output  # as the server of the tests is run
    assert "migrations" not in told.output
