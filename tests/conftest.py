"""What every test may ask for."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from blockbuster import blockbuster_ctx

from tests.databases import kinds_of, standing_in
from tests.postgres import Server, Shelf, may_look_for_passwords
from tools import browser

ROOT = Path(__file__).resolve().parent.parent

ON_BOTH = {"admin", "cli", "contract", "examples", "http", "sdk", "store", "transfer"}
"""The folders whose tests run on each database, but for those that say why not: `@pytest.mark.only_sqlite(why)`."""

ALSO_ON_BOTH = {"test_elements.py", "test_no_script.py", "test_pages_that_change.py"}
"""Of the browser's tests these few: what a page shows does not depend on the database."""


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run what uses a database on each that there is."""
    path = metafunc.definition.path
    if path.parent.name in ON_BOTH or path.name in ALSO_ON_BOTH:
        kinds = kinds_of(list(metafunc.definition.iter_markers()))
        metafunc.parametrize("_database", kinds, indirect=True)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """A proxy in front and another database behind do not meet: each is tested by itself."""
    double = {item for item in items if {"nginx", "postgres"} <= _chosen(item)}
    config.hook.pytest_deselected(items=list(double))
    items[:] = [item for item in items if item not in double]


def _chosen(item: pytest.Item) -> set[object]:
    found = getattr(item, "callspec", None)
    return {found.params.get("_way"), found.params.get("_database")} if found else set()


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[Server]:
    """A PostgreSQL server that lives as long as the tests; not to be stopped by one."""
    server = Server(version="18")
    try:
        server.start()
        yield server
    finally:
        server.remove()


@pytest.fixture(scope="session")
def shelf(postgres_server: Server) -> Iterator[Shelf]:
    """Its databases."""
    shelf = Shelf(postgres_server)
    yield shelf
    shelf.close()


@pytest.fixture(autouse=True)
def _database(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[None]:
    """Lets files stand for files, or for databases of the server."""
    shelf = request.getfixturevalue("shelf") if getattr(request, "param", "sqlite") == "postgres" else None
    with standing_in(shelf, tmp_path, monkeypatch):
        yield


@pytest.fixture(scope="session", autouse=True)
def _loop_kept_free() -> Iterator[None]:
    """Fail a test in which the server blocks the event loop: reads a file, sleeps, waits for a lock."""
    with blockbuster_ctx("widget_server") as blockbuster:
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
