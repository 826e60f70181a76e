"""Polls from a shell: asked by a moderator, closed, opened and withdrawn, and refused with a reason."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from widget_server.cli import main
from widget_server.opening import DATABASE

WHO = ("--site", "blog", "--by", "alice@blog.example")
LUNCH = ("ask", "poll:lunch", "Where to?", "--option", "Pizza", "--option", "Curry")


def poll(data: Path, *words: str) -> Result:
    """Run `transom poll`."""
    return CliRunner().invoke(main, ["poll", *words, "--data", str(data)])


@pytest.fixture(name="data")
def _data(tmp_path: Path) -> Path:
    """A folder with a site of Alice's."""
    for words in (
        ("site", "create", "blog", "--origin", "https://blog.example"),
        ("moderator", "create", "alice@blog.example", "--site", "blog"),
    ):
        assert CliRunner().invoke(main, [*words, "--data", str(tmp_path)]).exit_code == 0
    return tmp_path


@pytest.mark.only_sqlite("it looks into the file; what a command does is the same on each database")
def test_a_poll_is_asked_closed_opened_and_withdrawn(data: Path) -> None:
    said = [
        poll(data, *LUNCH, "--several", "--closes", "2100-01-31T12:00Z", "--results", "after", *WHO),
        poll(data, "close", "poll:lunch", *WHO),
        poll(data, "reopen", "poll:lunch", *WHO),
        poll(data, "withdraw", "poll:lunch", *WHO),
    ]
    with sqlite3.connect(data / DATABASE) as database:
        rows = database.execute(
            "select version, kind, results, closes is null, withdrawn from poll_questions order by version"
        ).fetchall()
    database.close()

    assert [each.exit_code for each in said] == [0, 0, 0, 0], [each.output for each in said]
    assert '<transom-poll subject="poll:lunch"></transom-poll>' in said[0].output
    assert rows == [
        (1, "several", "after", 0, 0),
        (2, "several", "after", 0, 0),
        (3, "several", "after", 1, 0),
        (4, "several", "after", 1, 1),
    ]


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (("close", "poll:lunch", *WHO), "Nothing was asked here yet."),
        ((*LUNCH[:5], *WHO), "'options' is a list of 2 to 20 different texts."),
        ((*LUNCH, "--closes", "2001-01-01", *WHO), "lies ahead"),
        ((*LUNCH, "--closes", "soon", *WHO), "is a time such as"),
        ((*LUNCH, "--site", "blog", "--by", "bob@blog.example"), "has no moderator"),
        ((*LUNCH, "--site", "shop", "--by", "alice@blog.example"), "site"),
        ((*LUNCH, "--site", "blog", "--by", "alice"), "is not an e-mail address"),
        (("ask", "\u0007", *LUNCH[2:], *WHO), "subject"),
        (LUNCH, "--site"),
    ],
)
def test_what_cannot_be_is_refused_with_a_reason(data: Path, words: tuple[str, ...], reason: str) -> None:
    refused = poll(data, *words)

    assert refused.exit_code != 0
    assert reason in refused.output
    assert "Traceback" not in refused.output
