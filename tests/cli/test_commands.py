"""The command line: what it does, what it refuses, and how it says so."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from tools.ports import free_port
from widget_server import __version__
from widget_server.cli import main

PATIENCE = 30.0


def transom(*words: str, data: Path | None = None, **environment: str) -> Result:
    """Run the command in this process."""
    where = ("--data", str(data)) if data else ()
    return CliRunner(env=environment).invoke(main, [*words, *where])


def test_a_site_is_made_once_and_listed(tmp_path: Path) -> None:
    words = ("site", "create", "blog", "--origin", "https://Blog.example:443/", "--name", "My blog")
    made = transom(*words, data=tmp_path)
    again = transom(*words, data=tmp_path)
    listed = transom("site", "list", "--json", data=tmp_path)

    assert (made.exit_code, again.exit_code) == (0, 1)
    assert 'data-site="blog"' in made.output
    assert "There is a site 'blog' already." in again.output
    assert [(site["id"], site["origins"]) for site in json.loads(listed.output)] == [
        ("blog", ["https://blog.example"])
    ]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("site", "create", "Blog!", "--origin", "https://a.example"), "is not an id"),
        (("site", "create", "blog", "--origin", "blog.example"), "is not an origin"),
        (("site", "create", "blog", "--origin", "https://a.example/path"), "is not an origin"),
        (("site", "create", "blog", "--origin", "null"), "is not an origin"),
        (("site", "create", "blog"), "--origin"),
        (("moderator", "create", "nobody", "--site", "blog"), "e-mail"),
        (("moderator", "create", "bob@blog.example", "--site", "none"), "site"),
        (("unknown",), "No such command"),
    ],
)
def test_what_makes_no_sense_is_refused_in_one_sentence(
    tmp_path: Path, words: tuple[str, ...], said: str
) -> None:
    refused = transom(*words, data=tmp_path) if words[0] != "unknown" else transom(*words)

    assert refused.exit_code in {1, 2}
    assert said in refused.output
    assert "Traceback" not in refused.output
    assert json.loads(transom("site", "list", "--json", data=tmp_path).output) == []


def test_an_unknown_setting_stops_every_command(tmp_path: Path) -> None:
    refused = transom("site", "list", data=tmp_path, TRANSOM_COLOUR="blue")

    assert refused.exit_code == 1
    assert "TRANSOM_COLOUR: there is no setting 'colour'" in refused.output


@pytest.mark.only_sqlite("it minds that the server of the tests does not wait for its disk")
def test_the_doctor_names_what_is_wrong_and_what_to_change(tmp_path: Path) -> None:
    empty = transom("doctor", data=tmp_path / "none")
    transom("site", "create", "blog", "--origin", "https://blog.example", data=tmp_path)
    well = transom("doctor", data=tmp_path)
    odd = transom("doctor", data=tmp_path, TRANSOM_PUBLIC_URL="http://talk.example.com")

    assert (empty.exit_code, well.exit_code, odd.exit_code) == (1, 0, 1), well.output
    assert "is not there yet" in empty.output
    assert "Nothing to complain about." in well.output
    assert "https" in odd.output


def test_migrating_makes_the_tables_once(tmp_path: Path) -> None:
    first = transom("migrate", data=tmp_path)
    again = transom("migrate", data=tmp_path)

    assert (first.exit_code, again.exit_code) == (0, 0)
    assert "is up to date" in again.output
    assert "before:" not in first.output


@pytest.mark.only_sqlite("a database of the server has its tables before the test")
def test_migrating_tells_what_it_ran(tmp_path: Path) -> None:
    told = transom("migrate", data=tmp_path)

    assert told.output.startswith("core 0001_changes.sql\ncore 0002_record.sql\n")


@pytest.mark.only_sqlite("it is about the file")
def test_a_data_folder_and_what_is_in_it_are_their_owners_alone(tmp_path: Path) -> None:
    data = tmp_path / "data"
    transom("site", "create", "blog", "--origin", "https://blog.example", data=data)

    assert (data.stat().st_mode & 0o777, (data / "transom.sqlite3").stat().st_mode & 0o777) == (0o700, 0o600)


def test_plugins_say_where_they_came_from() -> None:
    found = json.loads(transom("plugins", "--json").output)

    assert {("transom.widgets", "like"), ("transom.importers", "disqus")} <= {
        (each["group"], each["name"]) for each in found
    }
    assert {each["distribution"] for each in found} == {"transom-server"}


def test_the_version_is_the_distributions() -> None:
    assert transom("--version").output == f"transom, version {__version__}\n"


def test_a_server_serves_until_it_is_told_to_stop(tmp_path: Path) -> None:
    with _running(tmp_path, "serve") as (process, address):
        assert _get(f"{address}/readyz") == b"ready"
        process.send_signal(signal.SIGTERM)

        assert process.wait(PATIENCE) in {0, -signal.SIGTERM}


def test_the_demo_shows_a_page_with_a_conversation_twice_in_a_row(tmp_path: Path) -> None:
    for _ in range(2):
        with _running(tmp_path, "demo") as (process, address):
            host = address.removeprefix("http://")
            page = json.loads(_get(f"{address}/v1/demo/page?subject={host}/demo/"))

            assert b"<transom-comments" in _get(f"{address}/demo/")
            assert page["widgets"]["comments"]["count"] >= 30

            process.send_signal(signal.SIGTERM)
            told, _ = process.communicate(timeout=PATIENCE)

            assert re.search(rf"{address}/demo/", told)
            assert re.search(rf"{address}/admin/sign-in\?site=demo&link=[\w-]{{43}}", told)


def test_a_port_that_is_taken_is_said_in_a_sentence(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        refused = transom("demo", "--port", str(port), data=tmp_path)

    assert refused.exit_code == 1
    assert f"Port {port} is taken" in refused.output


@contextmanager
def _running(data: Path, command: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """The command in a process of its own, once it answers."""
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    words = [
        sys.executable,
        "-m",
        "widget_server",
        command,
        "--port",
        str(port),
        "--data",
        str(data / "data"),
    ]
    environment = {**os.environ, "PYTHONUNBUFFERED": "1"}
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True, env=environment) as process:
        try:
            _wait_for(f"{address}/healthz", process)
            yield process, address
        finally:
            if process.poll() is None:
                process.kill()


def _wait_for(address: str, process: subprocess.Popen[str]) -> None:
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        assert process.poll() is None, "the server ended"
        try:
            _get(address)
        except OSError:
            time.sleep(0.05)
        else:
            return
    pytest.fail(f"{address} did not answer within {PATIENCE} s")


def _get(address: str) -> bytes:
    with urllib.request.urlopen(address, timeout=PATIENCE) as answer:  # noqa: S310 - an address on this machine
        body: bytes = answer.read()
    return body
