"""A large import stays small in memory, and one that is interrupted leaves nothing."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests import databases

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = [sys.executable, "-m", "tests.transfer.importer_process"]


READ = """
from typing import BinaryIO, cast
from tests.transfer.importer_process import Generated, say
from tests.transfer.memory import peak
from widget_server.transfer.wordpress import WORDPRESS
before = peak()
read = sum(1 for _ in WORDPRESS.read(cast("BinaryIO", Generated(100_000))))
say(f"{read} {peak() - before}")
"""


def test_a_hundred_thousand_comments_are_read_in_ten_megabytes() -> None:
    done = subprocess.run(
        [sys.executable, "-c", READ], cwd=ROOT, capture_output=True, check=True, timeout=120
    )
    read, megabytes = done.stdout.split()

    assert int(read) == 100_100
    assert float(megabytes) < 10


@pytest.mark.only_sqlite(
    "it is about our own memory, which the database does not change, and takes a minute there"
)
def test_an_import_takes_no_more_memory_when_it_is_ten_times_as_long(tmp_path: Path) -> None:
    (small, few), (large, many) = imported(tmp_path / "few", 2_000), imported(tmp_path / "many", 20_000)

    assert small["inserted"] == 2_000
    assert large["read"] == large["inserted"] == 20_000
    assert large["notes"] == {}
    assert many < 100
    assert many < few + 20
    assert rows(tmp_path / "many", "select count(*), sum(visible), max(depth) from comments") == [
        (20_000, 20_000, 1)
    ]
    assert rows(tmp_path / "many", "select sum(count) from tallies") == [(20_000,)]


def test_an_import_that_is_killed_leaves_nothing_and_can_be_done_again(tmp_path: Path) -> None:
    with subprocess.Popen(
        [*PROGRAM, str(tmp_path), "5000"], cwd=ROOT, stdout=subprocess.PIPE, text=True
    ) as importer:
        assert importer.stdout is not None
        for line in importer.stdout:
            if line.startswith("store 2000"):
                importer.kill()
                break
    after = rows(tmp_path, "select (select count(*) from comments) + (select count(*) from interactions)")
    again, _ = imported(tmp_path, 5_000)

    assert after == [(0,)]
    assert again["inserted"] == 5_000
    if not databases.HERE.is_postgres:
        assert rows(tmp_path, "pragma integrity_check") == [("ok",)]


def imported(folder: Path, comments: int) -> tuple[dict[str, Any], float]:
    """The report of a process that imports so many comments, and the megabytes that it took."""
    folder.mkdir(exist_ok=True)
    command = [*PROGRAM, str(folder), str(comments)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, check=True, timeout=120)
    report, megabytes = json.loads(done.stdout.splitlines()[-1])
    return report, megabytes


def rows(folder: Path, statement: str) -> list[tuple[object, ...]]:
    """What is in the database."""
    return databases.rows(folder / "transom.sqlite3", statement)
