"""A site of Alice's to import into, and ways to look at what came in."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable
from pathlib import Path
from typing import Any, Protocol

import pytest

from tests import databases
from widget_server.store import sites
from widget_server.store.database import Database
from widget_server.store.migrate import migrate
from widget_server.transfer import Report, import_file, readers
from widget_server.vocabulary import Site, SiteSettings

NOW = 1_790_000_000_000
ORIGIN = "https://alice.example"
READERS = readers()


class Import(Protocol):
    """Imports a file into Alice's site."""

    def __call__(
        self,
        form: str,
        path: Path,
        *,
        origins: tuple[str, ...] = (ORIGIN,),
        moves: dict[str, str] | None = None,
        dry_run: bool = False,
    ) -> Awaitable[Report]: ...


class Query(Protocol):
    """Reads what is stored past the server."""

    def __call__(self, statement: str) -> list[tuple[Any, ...]]: ...


@pytest.fixture
def data() -> Path:
    """The made-up exports."""
    return Path(__file__).parent / "data"


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    """An empty database."""
    opened = await databases.open_database(tmp_path / "transom.sqlite3")
    await migrate(opened, now=0)
    yield opened
    await opened.close()


@pytest.fixture
def query(tmp_path: Path) -> Query:
    """What is in the database."""

    def query(statement: str) -> list[tuple[Any, ...]]:
        return databases.rows(tmp_path / "transom.sqlite3", statement)

    return query


@pytest.fixture
def bring(database: Database) -> Import:
    """Import a file; the site is made with the first call."""

    async def bring(
        form: str,
        path: Path,
        *,
        origins: tuple[str, ...] = (ORIGIN,),
        moves: dict[str, str] | None = None,
        dry_run: bool = False,
    ) -> Report:
        if await database.read(sites.get("alice")) is None:
            await database.write(sites.add(Site("alice", "Alice", origins, SiteSettings(), 0)))
        with path.open("rb") as file:
            return await import_file(
                file, READERS[form], "alice", database, now=NOW, moves=moves, dry_run=dry_run
            )

    return bring
