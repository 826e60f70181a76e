"""The widget that the tutorial writes works as it stands there."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from tools.paths import ROOT
from widget_server.cli import main

PAGE = ROOT / "docs" / "tutorial" / "first-widget.md"
FILE = re.compile(r"<!-- file: (\S+) -->\n```\w+\n(.*?)^```", re.DOTALL | re.MULTILINE)


@pytest.fixture
def package(tmp_path: Path) -> Path:
    """What the tutorial's command writes, and in their places the files that it shows."""
    told = CliRunner().invoke(main, ["plugin", "new", "wave", "--dir", str(tmp_path)])
    assert told.exit_code == 0, told.output
    assert "with 12 files" in told.output
    folder = tmp_path / "transom-wave"
    for name, text in FILE.findall(PAGE.read_text(encoding="utf-8")):
        assert (folder / name).is_file(), f"{name} is no file of a new widget"
        (folder / name).write_text(text, encoding="utf-8")
    return folder


def test_the_tutorials_widget_passes_its_tests(package: Path, chromium: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-p", "no:randomly"],
        cwd=package,
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1", "TRANSOM_CHROMIUM": chromium},
        capture_output=True,
        text=True,
        check=False,
        timeout=900,
    )

    assert done.returncode == 0, done.stdout[-3000:]
    assert re.search(r"\b\d+ passed", done.stdout)
    assert "skipped" not in done.stdout


def test_the_tutorial_shows_the_files_that_there_are(package: Path) -> None:
    page = PAGE.read_text(encoding="utf-8")
    tree = page.partition("```text\n")[2].partition("```")[0]
    named = set(re.findall(r"[\w.-]+\.\w+", tree))
    points = page.partition("```toml\n")[2].partition("```")[0]

    assert named == {path.name for path in package.rglob("*") if path.is_file()}
    assert points in (package / "pyproject.toml").read_text(encoding="utf-8")
