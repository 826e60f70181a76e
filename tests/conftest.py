"""What every test may ask for."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from blockbuster import blockbuster_ctx

from tools import browser

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session", autouse=True)
def _loop_kept_free() -> Iterator[None]:
    """Fail a test in which the server blocks the event loop: reads a file, sleeps, waits for a lock."""
    with blockbuster_ctx("widget_server"):
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
