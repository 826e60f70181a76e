"""What every test may ask for."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from blockbuster import blockbuster_ctx

from tests.databases import POSTGRES, SQLITE, Shelves, kinds_of, standing_in
from tests.postgres import Shelf, may_look_for_passwords
from tests.postgres_programs import NEWEST, OLDEST, VERSIONS
from tools import browser

ROOT = Path(__file__).resolve().parent.parent

ON_BOTH = {"admin", "cli", "contract", "examples", "http", "sdk", "store", "transfer"}
"""The folders whose tests run on each database, but for those that say why not: `@pytest.mark.only_sqlite(why)`."""

ALSO_ON_BOTH = {"test_elements.py", "test_no_script.py", "test_pages_that_change.py"}
"""Of the browser's tests these few: what a page shows does not depend on the database."""

ON_OLDEST = {
    "store",
    "test_break.py",
    "test_comments.py",
    "test_doctor.py",
    "test_likes.py",
    "test_review.py",
    "test_same_answers.py",
    "test_visibility.py",
}
"""Folders and files whose tests run on the oldest PostgreSQL too, and not on the newest alone."""

ON_ALL = {"test_contract.py"}
"""Those that run on each version that there is."""


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let one version of PostgreSQL be chosen."""
    told = "run what uses PostgreSQL, all of it on this version, and nothing else"
    parser.addoption("--postgres", choices=VERSIONS, help=told)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run what uses a database on each that there is."""
    path = metafunc.definition.path
    servers = _servers(path, metafunc.config.getoption("--postgres"))
    if "shelf" in metafunc.fixturenames:
        metafunc.parametrize("shelf", servers, indirect=True)
    markers = list(metafunc.definition.iter_markers())
    named = any(marker.name == "each_database" for marker in markers)
    if named or path.parent.name in ON_BOTH or path.name in ALSO_ON_BOTH:
        metafunc.parametrize("_database", kinds_of(markers, servers), indirect=True)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """A proxy in front and another database behind do not meet: each is tested by itself."""
    is_postgres_alone = config.getoption("--postgres") is not None
    left_out = {
        item for item in items if _is_double(item) or (is_postgres_alone and not _is_on_postgres(item))
    }
    config.hook.pytest_deselected(items=list(left_out))
    items[:] = [item for item in items if item not in left_out]


def _servers(path: Path, chosen: str | None) -> list[str]:
    """The kinds of PostgreSQL on which the tests of a file run."""
    versions: tuple[str, ...] = (NEWEST,)
    if chosen:
        versions = (chosen,)
    elif path.name in ON_ALL:
        versions = VERSIONS
    elif {path.name, path.parent.name} & ON_OLDEST:
        versions = (NEWEST, OLDEST)
    return [f"{POSTGRES}{version}" for version in versions]


def _is_double(item: pytest.Item) -> bool:
    return "nginx" in _chosen(item) and any(value.startswith(POSTGRES) for value in _chosen(item))


def _is_on_postgres(item: pytest.Item) -> bool:
    is_marked = item.get_closest_marker("only_postgres") is not None
    return is_marked or any(value.startswith(POSTGRES) for value in _chosen(item))


def _chosen(item: pytest.Item) -> set[str]:
    """The way and the database with which a test runs."""
    found = getattr(item, "callspec", None)
    return {str(found.params.get(name)) for name in ("_way", "_database", "shelf")} if found else set()


@pytest.fixture(scope="session")
def shelves() -> Iterator[Shelves]:
    """PostgreSQL servers that live as long as the tests; not to be stopped by one."""
    shelves = Shelves()
    yield shelves
    shelves.remove()


@pytest.fixture
def shelf(shelves: Shelves, request: pytest.FixtureRequest) -> Shelf:
    """The databases of one of them, for a test that has one beside what else it runs on."""
    return shelves.of(request.param)


@pytest.fixture(autouse=True)
def _database(
    request: pytest.FixtureRequest, shelves: Shelves, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[None]:
    """Lets files stand for files, or for databases of the server."""
    kind = getattr(request, "param", SQLITE)
    shelf = None if kind == SQLITE else shelves.of(kind)
    with standing_in(shelf, tmp_path, monkeypatch):
        yield


@pytest.fixture(scope="session", autouse=True)
def _loop_kept_free() -> Iterator[None]:
    """Fail a test in which the server blocks the event loop: reads a file, sleeps, waits for a lock."""
    with blockbuster_ctx("widget_server", excluded_modules=["widget_server.testing"]) as blockbuster:
        may_look_for_passwords(blockbuster)
        yield


@pytest.fixture(scope="session")
def corpora() -> Path:
    """The folder of public test data, which is too large to live in the repository."""
    named = os.environ.get("TRANSOM_CORPORA")
    folder = Path(named) if named else ROOT.parent / "shared" / "corpora"
    if not folder.is_dir():
        pytest.skip(f"no test data at {folder}: name its folder in TRANSOM_CORPORA")
    return folder


@pytest.fixture(scope="session")
def chromium() -> str:
    """The path of the browser that the tests drive; `make test` fetches one where there is none."""
    path = os.environ.get("TRANSOM_CHROMIUM") or browser.present()
    if path is None:
        pytest.fail(browser.NONE)
    return path
