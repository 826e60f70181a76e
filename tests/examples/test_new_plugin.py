"""What `transom plugin new` writes is a package that works: built, installed into a fresh environment, and tested."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner

from tests.examples.installing import installed, wheel_of
from widget_server.cli import main

pytestmark = pytest.mark.only_sqlite("the packages' own tests choose their database")


@pytest.mark.parametrize("options", [(), ("--script",), ("--table",), ("--script", "--table")], ids=str)
def test_a_new_plugin_is_installed_from_its_wheel_and_passes_its_own_tests(
    options: tuple[str, ...],
    server_wheel: Path,
    tmp_path: Path,
    chromium: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("TRANSOM_CHROMIUM", chromium)
    made = installed(tmp_path, [server_wheel])
    made.run("transom", "plugin", "new", "photo-wall", *options)
    source = tmp_path / "transom-photo-wall"
    made.add(wheel_of(source, tmp_path / "wheels"))
    apart = tmp_path / "apart"  # so that what is tested is what was installed
    shutil.copytree(source / "tests", apart / "tests")
    shutil.copy(source / "pyproject.toml", apart)

    said = made.run("python", "-m", "pytest", "-p", "no:cacheprovider", "-p", "no:randomly", cwd=apart)
    listed = json.loads(made.run("transom", "plugins", "--json"))

    assert "skipped" not in said
    assert re.search(r"\b\d+ passed", said)
    assert ("photo-wall", "transom-photo-wall") in {(row["name"], row["distribution"]) for row in listed}


def test_the_browser_s_test_is_skipped_with_its_reason_where_there_is_no_chromium(
    server_wheel: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("PLAYWRIGHT_BROWSERS_PATH", str(tmp_path))
    monkeypatch.delenv("TRANSOM_CHROMIUM", raising=False)
    CliRunner().invoke(main, ["plugin", "new", "wall", "--dir", str(tmp_path)])
    made = installed(tmp_path, [server_wheel])

    said = made.run(
        "python",
        "-m",
        "pytest",
        "-p",
        "no:cacheprovider",
        "tests/test_browser.py",
        cwd=tmp_path / "transom-wall",
    )

    assert "1 skipped" in said
    assert "no Chromium: run `playwright install chromium`, or name one in TRANSOM_CHROMIUM" in said


@pytest.mark.parametrize(
    "name", ["Wave", "1st", "a--b", "a-", "", "class", "page", "like", "x" * 31, "../up", "wäve"]
)
def test_a_name_that_cannot_be_one_is_refused_and_nothing_is_written(name: str, tmp_path: Path) -> None:
    told = CliRunner().invoke(main, ["plugin", "new", "--dir", str(tmp_path), "--", name])

    assert told.exit_code == 1
    assert repr(name) in told.output
    assert "choose another name" in told.output or "for instance `wave`" in told.output
    assert list(tmp_path.iterdir()) == []


def test_nothing_that_is_there_is_overwritten(tmp_path: Path) -> None:
    folder = tmp_path / "transom-wave"
    folder.mkdir()
    (folder / "README.md").write_text("Mine.")

    told = CliRunner().invoke(main, ["plugin", "new", "wave", "--dir", str(tmp_path)])

    assert told.exit_code == 1
    assert "nothing was written" in told.output
    assert [(path.name, path.read_text()) for path in folder.iterdir()] == [("README.md", "Mine.")]
