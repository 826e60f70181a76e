"""Small facts that no linter knows."""

from __future__ import annotations

import re
import tomllib

from tests.house.sources import ROOT, kept
from widget_server import __version__

TEXTS = {".css", ".html", ".json", ".md", ".mjs", ".py", ".sh", ".sql", ".toml", ".ts", ".txt", ".xml", ""}
# Written in pieces, so that this file does not hold what it looks for.
MACHINE_PATHS = re.compile(r"/(?:work|root)" + r"/[a-z.]|/opt/" + r"(?:pypi|wheels)|/home/" + r"[a-z]+/")
REGISTRIES = re.compile(
    "|".join([r"registry\." + r"npmjs\.org", "pythonhosted" + r"\.org", r"pypi\.org" + "/simple"])
)
UNFINISHED = re.compile(r"\b(?:TO" + "DO|FIX" + r"ME|X" + r"XX)\b")


def test_the_version_is_the_newest_of_the_changelog() -> None:
    newest = re.search(
        r"^## \[?(\d+\.\d+\.\d+)", (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), re.MULTILINE
    )

    assert newest
    assert __version__ == newest[1]


def test_the_sdk_has_the_version_of_the_server() -> None:
    with (ROOT / "sdk" / "pyproject.toml").open("rb") as file:
        sdk = tomllib.load(file)

    assert __version__ == sdk["project"]["version"]


def test_no_file_names_a_place_on_one_machine() -> None:
    assert places_with(MACHINE_PATHS) == []


def test_no_file_names_the_host_of_a_package_registry() -> None:
    assert places_with(REGISTRIES) == []


def test_nothing_is_left_to_be_done_in_the_code() -> None:
    assert (
        places_with(UNFINISHED, below=("widget_server", "sdk", "js_embed", "tools", "tests", "benchmarks"))
        == []
    )


def test_pins_are_names_and_numbers_alone() -> None:
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    pins = [line for line in lines if not line.startswith("#")]

    assert [pin for pin in pins if not re.fullmatch(r"[a-z0-9._-]+==[0-9a-z.!]+", pin)] == []


def test_everything_that_pyproject_asks_for_is_pinned() -> None:
    with (ROOT / "pyproject.toml").open("rb") as file:
        project = tomllib.load(file)
    asked = [
        *project["project"]["dependencies"],
        *(one for group in project["dependency-groups"].values() for one in group),
    ]
    pinned = {
        plain(line.partition("==")[0])
        for line in (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    }

    assert [one for one in asked if plain(re.split(r"[^\w.-]", one)[0]) not in pinned] == [], (
        "run `make lock`"
    )


def plain(name: str) -> str:
    """A distribution's name as indexes compare it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def places_with(pattern: re.Pattern[str], below: tuple[str, ...] = ("",)) -> list[str]:
    """`file:line` of each kept text that holds the pattern; other people's data are not ours to judge."""
    names = {path.relative_to(ROOT).as_posix(): path for path in kept()}
    paths = [path for name, path in names.items() if name.startswith(below) and "/data/" not in name]
    return [
        f"{path.relative_to(ROOT)}:{number}"
        for path in paths
        if path.suffix in TEXTS
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1)
        if pattern.search(line)
    ]
