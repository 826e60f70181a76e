"""What `make` runs does what it says, on machines that differ from this one."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.house.sources import ROOT
from tools import browser, docs, environment, new_widget
from widget_server.errors import Conflict


@pytest.fixture
def programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A PATH of its own, with nothing on it; no way to the world."""
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(browser, "_playwright", lambda: iter(()))
    monkeypatch.setattr(browser, "APPLICATIONS", ())
    return tmp_path


def program(path: Path, script: str) -> str:
    """An executable shell script."""
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return str(path)


def test_the_machines_chromium_is_taken_and_one_that_does_not_start_is_passed_over(programs: Path) -> None:
    program(programs / "chromium", "echo 'this is a stub'; exit 1")
    expected = program(programs / "google-chrome", "echo Google Chrome 150")

    assert browser.find() == expected


def test_debians_package_is_the_last_resort_of_root(programs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    installed = programs / "chromium"
    write = f'printf "#!/bin/sh\\necho Chromium 1\\n" > {installed}; /bin/chmod +x {installed}'
    program(programs / "apt-get", f'case "$1" in install) {write};; esac')
    monkeypatch.setattr(browser, "_fetched_by_playwright", lambda: iter(()))

    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    assert browser.find() is None
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    assert browser.find() == str(installed)


def test_where_no_browser_can_be_had_one_is_told_what_to_do(
    programs: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("TRANSOM_CHROMIUM", raising=False)
    monkeypatch.setattr(browser, "_fetched_by_playwright", lambda: iter(()))

    assert browser.main() == 1
    said = capsys.readouterr()
    assert said.out == ""
    assert "TRANSOM_CHROMIUM=" in said.err
    assert programs.is_dir()


def test_a_named_browser_that_does_not_start_is_an_error_rather_than_replaced(
    programs: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    program(programs / "chromium", "echo Chromium 1")
    monkeypatch.setenv("TRANSOM_CHROMIUM", str(programs / "absent"))

    assert browser.main() == 1
    assert "absent, which does not start" in capsys.readouterr().err


def test_make_says_plainly_that_there_is_no_python(tmp_path: Path) -> None:
    done = subprocess.run(
        ["/usr/bin/env", f"PATH={tmp_path}", "/bin/sh", str(ROOT / "tools" / "python.sh")],
        capture_output=True, text=True, check=False,
    )  # fmt: skip

    assert (done.returncode, done.stdout) == (0, "")


def test_make_finds_a_python_that_is_new_enough(tmp_path: Path) -> None:
    program(tmp_path / "python3", "exit 1")
    (tmp_path / "python3.12").symlink_to(sys.executable)
    done = subprocess.run(
        ["/usr/bin/env", f"PATH={tmp_path}", "/bin/sh", str(ROOT / "tools" / "python.sh")],
        capture_output=True, text=True, check=True,
    )  # fmt: skip

    assert done.stdout == "python3.12\n"


def test_set_up_is_due_again_when_a_pin_changes_and_only_then(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pins = tmp_path / "constraints.txt"
    pins.write_text("httpx==1\n")
    monkeypatch.setattr(environment, "CONSTRAINTS", pins)
    before = environment.digest("test")

    assert environment.digest("test") == before
    assert environment.digest("dev") != before
    pins.write_text("httpx==2\n")
    assert environment.digest("test") != before


def test_a_dead_link_is_found_and_a_living_one_is_not(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(
        "# One `thing`, two\n[a](#one-thing-two) [b](#three) [c](other.md#x) [d](page.md) [e](https://example.com/)\n"
        "```\n[in code](nowhere.md)\n```\n"
    )

    assert docs.dead_links(page) == ["#three", "other.md#x"]


def test_a_new_widget_of_ours_is_whole_and_nothing_is_overwritten(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text(f'[project]\n\n{new_widget.GROUP}like = "a:B"\n')
    new_widget.new_widget(tmp_path, "photo-wall", script=True, table=True)
    made = {path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*") if path.is_file()}

    with pytest.raises(Conflict):
        new_widget.new_widget(tmp_path, "photo-wall")

    home = "widget_server/widgets/photo_wall"
    assert made >= {f"{home}/{name}" for name in ("__init__.py", "widget.py", "fragment.html", "script.js")}
    assert made >= {f"{home}/migrations/0001_photo_wall.sql", f"{home}/style.css", f"{home}/strings/en.json"}
    assert made >= {f"tests/{folder}/test_photo_wall.py" for folder in ("contract", "http", "e2e")}
    assert (tmp_path / "pyproject.toml").read_text() == (
        f'[project]\n\n{new_widget.GROUP}photo-wall = "widget_server.widgets.photo_wall:PhotoWall"\nlike = "a:B"\n'
    )
    assert new_widget.main(["Like!"]) == new_widget.main(["like"]) == 1
