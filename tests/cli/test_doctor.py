"""The doctor looks, and changes nothing."""

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from click.testing import CliRunner

from widget_server.cli import main
from widget_server.commands import checks
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
    CliRunner().invoke(
        main, ["site", "create", "blog", "--origin", "https://a.example", "--data", str(tmp_path)]
    )
    told = CliRunner().invoke(main, ["doctor", "--data", str(tmp_path)])

    assert told.exit_code == 1
    assert told.output.startswith("PostgreSQL 1")
    assert "synchronous_commit or fsync is off" in told.output  # as the server of the tests is run
    assert "migrations" not in told.output


@pytest.mark.only_sqlite("the server of the tests is run without care for its data")
def test_the_doctor_has_no_complaint_about_a_folder_as_it_is_made(tmp_path: Path) -> None:
    furnish(tmp_path)
    told = CliRunner().invoke(main, ["doctor", "--data", str(tmp_path)], env={"TRANSOM_PUBLIC_URL": NOBODY})
    as_json = found(tmp_path, NOBODY)

    assert (told.exit_code, told.output.splitlines()[-1]) == (0, "Nothing to complain about.")
    assert [code for code, is_note in as_json.items() if not is_note] == []
    assert as_json["public_url"]


@pytest.mark.only_sqlite("it is about files")
def test_the_doctor_names_files_that_others_may_read(tmp_path: Path) -> None:
    furnish(tmp_path)
    (tmp_path / "secret").write_text("x" * 40, encoding="ascii")
    (tmp_path / "secret").chmod(0o644)

    assert found(tmp_path, NOBODY)["permissions"] is False


@pytest.mark.only_sqlite("it is about a file")
def test_the_doctor_says_that_a_database_is_none(tmp_path: Path) -> None:
    (tmp_path / DATABASE).write_bytes(b"x" * 5_000)
    told = CliRunner().invoke(main, ["doctor", "--data", str(tmp_path)])

    assert told.exit_code == 1
    assert "  ! " in told.output
    assert "Traceback" not in told.output


NOBODY = "http://127.0.0.1:9"

ANSWERS: list[tuple[int, Mapping[str, str], bytes, dict[str, bool]]] = [
    (200, {}, b"ok", {}),
    (200, {"Server": "nginx"}, b"ok", {"trusted_proxies": False}),
    (200, {"Via": "1.1 caddy"}, b"ok", {"trusted_proxies": False}),
    (200, {"Date": "Mon, 03 Jan 2022 10:00:00 GMT"}, b"ok", {"clock": False}),
    (200, {}, b"Welcome to nginx!", {"public_url": False}),
    (404, {}, b"", {"public_url": False}),
    (302, {"Location": "/elsewhere/healthz"}, b"", {"public_url": False}),
]
"""What answers under the public address, and what the doctor finds there (False: no mere note)."""


@pytest.mark.only_sqlite("it is about who answers over HTTP")
@pytest.mark.parametrize(("status", "headers", "body", "expected"), ANSWERS)
def test_the_doctor_asks_who_answers_under_the_public_address(
    tmp_path: Path, status: int, headers: Mapping[str, str], body: bytes, expected: dict[str, bool]
) -> None:
    furnish(tmp_path)
    with answering(status, headers, body) as address:
        told = found(tmp_path, address)

    assert {
        code: told[code] for code in ("trusted_proxies", "clock", "public_url") if code in told
    } == expected


SQLITE = [
    ((3, 40, 1), True),
    ((3, 44, 6), False),
    ((3, 46, 0), True),
    ((3, 50, 7), False),
    ((3, 51, 2), True),
]


@pytest.mark.only_sqlite("it is about the library")
@pytest.mark.parametrize(("version", "is_named"), [*SQLITE, ((3, 51, 3), False)])
def test_the_doctor_knows_which_sqlite_resets_its_log_safely(
    version: tuple[int, int, int], *, is_named: bool
) -> None:
    assert bool(list(checks.sqlite_version(version))) == is_named


def furnish(folder: Path) -> None:
    """Make a site there."""
    words = ["site", "create", "blog", "--origin", "https://a.example", "--data", str(folder)]
    assert CliRunner().invoke(main, words).exit_code == 0


def found(folder: Path, public_url: str) -> dict[str, bool]:
    """What the doctor finds: the codes, and whether each is a mere note."""
    told = CliRunner().invoke(
        main, ["doctor", "--json", "--data", str(folder)], env={"TRANSOM_PUBLIC_URL": public_url}
    )
    findings = {each["code"]: each["is_note"] for each in json.loads(told.output)["findings"]}
    assert told.exit_code == (0 if all(findings.values()) else 1)
    return findings


@contextmanager
def answering(status: int, headers: Mapping[str, str], body: bytes) -> Iterator[str]:
    """A server that says the same to everybody, but `ok` at where it leads."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            is_elsewhere = self.path.startswith("/elsewhere")
            self.send_response_only(200 if is_elsewhere else status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(b"ok" if is_elsewhere else body)

        def log_message(self, *words: object) -> None:
            """Say nothing."""

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()
