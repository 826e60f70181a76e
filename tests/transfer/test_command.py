"""`transom import` as an operator meets it: reports, exit status, what goes to stdout and what to stderr."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from importlib.resources import as_file, files
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from rich.console import Console

from tests.transfer.conftest import NOW, READERS, Import, Query
from widget_server.cli import main
from widget_server.store.database import Database
from widget_server.transfer.command import Order, carry_out

Transom = Callable[..., Result]


@pytest.fixture
def transom(tmp_path: Path) -> Transom:
    """The command, on a data folder of its own that has Alice's site."""

    def transom(*arguments: str, stdin: bytes | None = None) -> Result:
        return CliRunner().invoke(main, [*arguments, "--data", str(tmp_path / "data")], input=stdin)

    assert transom("site", "create", "alice", "--origin", "https://alice.example").exit_code == 0
    return transom


def test_the_report_is_for_people_or_for_scripts(transom: Transom, data: Path) -> None:
    file = str(data / "small.wordpress.xml")
    rehearsed = transom("import", "wordpress", file, "--site", "alice", "--dry-run")
    told = transom("import", "wordpress", file, "--site", "alice", "--json")
    again = transom("import", "wordpress", file, "--site", "alice")
    report = json.loads(told.stdout)

    assert [rehearsed.exit_code, told.exit_code, again.exit_code] == [0, 0, 0]
    assert "14  read (WordPress export (WXR))" in rehearsed.stdout
    assert "6  would be imported, on 2 pages" in rehearsed.stdout
    assert "1  skipped: was marked as spam" in rehearsed.stdout
    assert "1    on https://elsewhere.example" in rehearsed.stdout
    assert "6  skipped: was imported before" in again.stdout
    assert report["read"] == report["inserted"] + sum(report["skipped"].values())
    assert report["inserted"] == 6
    assert report["dry_run"] is False
    assert not told.stderr


def test_an_import_of_nothing_is_an_error(transom: Transom, data: Path) -> None:
    assert transom("site", "create", "bob", "--origin", "https://bob.example").exit_code == 0
    nothing = transom("import", "wordpress", str(data / "small.wordpress.xml"), "--site", "bob")
    empty = transom("import", "disqus", "-", "--site", "bob", "--json", stdin=b"<disqus/>")

    assert nothing.exit_code == 1
    assert "https://alice.example" in nothing.stderr
    assert "--origin OLD=NEW" in nothing.stderr
    assert empty.exit_code == 1
    assert json.loads(empty.stdout)["read"] == 0
    assert empty.stderr == "Error: The file holds no comments.\n"


def test_pages_that_moved_come_in_with_the_origins_named(transom: Transom, data: Path) -> None:
    assert transom("site", "create", "bob", "--origin", "https://bob.example").exit_code == 0
    command = ("import", "wordpress", str(data / "small.wordpress.xml"), "--site", "bob", "--json")
    moved = transom(
        *command,
        "--origin",
        "https://alice.example=https://bob.example",
        "--origin",
        "http://alice.example=https://bob.example",
    )
    astray = transom(*command, "--origin", "https://alice.example=https://charlie.example")

    assert json.loads(moved.stdout)["inserted"] == 6
    assert astray.exit_code == 1
    assert json.loads(astray.stdout)["code"] == "field_invalid"


def test_a_refused_file_says_why_and_where(transom: Transom, tmp_path: Path) -> None:
    file = tmp_path / "bad.xml"
    file.write_bytes(b"<rss>\n<channel>\n</rss>")
    refused = transom("import", "wordpress", str(file), "--site", "alice")
    told = transom("import", "wordpress", str(file), "--site", "alice", "--json")

    assert refused.exit_code == 1
    assert refused.stdout == ""
    assert refused.stderr == "Error: The XML is malformed: mismatched tag. (line 3)\n"
    assert json.loads(told.stdout) == {
        "code": "import_refused",
        "detail": "The XML is malformed: mismatched tag. (line 3)",
        "reason": "malformed",
        "line": 3,
    }


@pytest.mark.parametrize(
    ("arguments", "status", "sentence"),
    [
        (("wordpress", "-", "--site", "nobody"), 1, "There is no site 'nobody'."),
        (("moveabletype", "-", "--site", "alice"), 1, "there are disqus, wordpress"),
        (("wordpress", "no-such-file.xml", "--site", "alice"), 2, "No such file"),
        (("wordpress", "-"), 2, "Missing option '--site'"),
        (("wordpress", "-", "--site", "alice", "--origin", "x"), 1, "is not of the form"),
    ],
)
def test_a_wrong_call_is_explained(
    transom: Transom, arguments: tuple[str, ...], status: int, sentence: str
) -> None:
    refused = transom("import", *arguments, stdin=b"<rss/>")

    assert refused.exit_code == status
    assert sentence in refused.stderr
    assert "Traceback" not in refused.output


async def test_a_terminal_sees_how_far_it_is(
    bring: Import, database: Database, data: Path, tmp_path: Path
) -> None:
    empty = tmp_path / "empty.xml"
    empty.write_text("<rss/>", encoding="utf-8")
    await bring("wordpress", empty)
    out, err = io.StringIO(), io.StringIO()
    with (data / "small.wordpress.xml").open("rb") as file:
        status = await carry_out(
            Order(READERS["wordpress"], "alice"),
            file,
            database,
            now=NOW,
            out=Console(file=out),
            err=Console(file=err, force_terminal=True),
        )

    assert status == 0
    assert "Storing comments" in err.getvalue()
    assert "imported, on 2 pages" in out.getvalue()


async def test_the_demos_conversation_comes_in_whole(bring: Import, query: Query) -> None:
    with as_file(files("widget_server.demo") / "thread.wordpress.xml") as path:
        report = await bring("wordpress", path, origins=("http://127.0.0.1:8400",))

    assert report.read == 43
    assert report.inserted == 41
    assert report.skipped == {"pingback": 1, "spam": 1}
    assert report.notes == {"name_shortened": 1, "tombstone": 1}
    assert query("select max(depth) from comments") == [(7,)]
    assert query("select subject, count from tallies") == [("127.0.0.1:8400/demo/", 39)]
    assert query("select source from comments where source like '%alert%' and source like '%\\<script>%'")
