"""Which database a test runs on: the paths that tests know stand for files, or for databases of a PostgreSQL server."""

from __future__ import annotations

import os
import re
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from tests.postgres import Server, Shelf
from widget_server.settings import Settings
from widget_server.store.limits import Limits
from widget_server.store.migrate import Migratable
from widget_server.store.postgres import open_postgres
from widget_server.store.sqlite import open_sqlite

Rows = list[tuple[Any, ...]]

SQLITE = "sqlite"
POSTGRES = "postgres"
"""Of a kind of database the beginning; its version follows."""


class Shelves:
    """A shelf for each version of PostgreSQL, on a server that is started when somebody first asks for it."""

    def __init__(self) -> None:
        self._shelves: dict[str, Shelf] = {}

    def of(self, kind: str) -> Shelf:
        """That of `postgres14`, for instance."""
        if kind not in self._shelves:
            server = Server(version=kind.removeprefix(POSTGRES))
            try:
                server.start()
            except BaseException:
                server.remove()
                raise
            self._shelves[kind] = Shelf(server)
        return self._shelves[kind]

    def remove(self) -> None:
        """End the servers."""
        for shelf in self._shelves.values():
            shelf.close()
            shelf.server.remove()


@dataclass(slots=True)
class Place:
    """Where this test's databases are: `shelf` is None where they are files."""

    shelf: Shelf | None = None
    folder: Path = Path()
    """The test's own."""
    taken: dict[Path, str] = field(default_factory=dict)

    @property
    def is_postgres(self) -> bool:
        """Whether they are on a server."""
        return self.shelf is not None

    def name(self, path: Path, *, bare: bool = False) -> str:
        """The name of the database that stands for a file."""
        assert self.shelf is not None
        if path.parent in {self.folder, self.folder / "data"}:
            path = self.folder  # the one that the environment names, too
        if path not in self.taken:
            self.taken[path] = self.shelf.take_bare() if bare else self.shelf.take()
        return self.taken[path]

    def url(self, path: Path, *, bare: bool = False) -> str:
        """The address of the database that stands for a file."""
        assert self.shelf is not None
        return self.shelf.server.url(self.name(path, bare=bare))

    def give_back(self) -> None:
        """Empty whatever the test has used."""
        for name in self.taken.values():
            assert self.shelf is not None
            self.shelf.give_back(name)
        self.taken.clear()


HERE = Place()
"""Of the test that runs."""


async def open_database(
    path: str | os.PathLike[str], *, limits: Limits | None = None, bare: bool = False
) -> Migratable:
    """What `open_sqlite` opens, or the database on the server that stands for it; `bare`: without tables at first."""
    if HERE.is_postgres:
        return await open_postgres(HERE.url(Path(path), bare=bare), limits=limits)
    return await open_sqlite(path, limits=limits)


def rows(path: Path, query: str, *values: object) -> Rows:
    """What a database answers, asked past the server; parameters are `?`."""
    if HERE.shelf is not None:
        count = iter(range(1, 100))
        return HERE.shelf.rows(HERE.name(path), re.sub(r"\?", lambda _: f"${next(count)}", query), *values)
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as connection:
        return connection.execute(query, values).fetchall()


def fill(path: Path, statement: str, many: Iterable[tuple[object, ...]]) -> None:
    """Write many rows past the server; parameters are `?1`, `?2`."""
    if HERE.shelf is not None:
        HERE.shelf.fill(HERE.name(path), statement.replace("?", "$"), many)
        return
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.executemany(statement, many)


def dump(path: Path) -> dict[str, Rows]:
    """Every row of every table."""
    if HERE.is_postgres:
        listing = "select tablename from pg_tables where schemaname = 'public'"
    else:
        listing = "select name from sqlite_master where type = 'table' and name not like 'sqlite_%'"
    return {
        table: sorted(rows(path, f"select * from {table}"), key=repr)  # noqa: S608 - our own tables
        for (table,) in rows(path, listing)
    }


@contextmanager
def standing_in(shelf: Shelf | None, folder: Path, patch: pytest.MonkeyPatch) -> Iterator[None]:
    """For one test, let the shelf's databases stand for the files that the program would open."""
    if shelf is None:
        yield
        return
    HERE.shelf, HERE.folder = shelf, folder
    # Settings that name no database have the one that stands for the file in their data folder.
    patch.setattr("widget_server.settings.Settings.database", _Standing(Settings.__dict__["database"]))
    patch.setenv("TRANSOM_DATABASE", HERE.url(folder / "main"))
    try:
        yield
    finally:
        HERE.give_back()
        HERE.shelf = None


class _Standing:
    """The field `database` of settings, where an empty one leads to the server."""

    def __init__(self, slot: Any) -> None:  # noqa: ANN401 - a slot has no public type
        self._slot = slot

    def __get__(self, settings: Settings | None, owner: type[Settings]) -> Any:  # noqa: ANN401 - as a slot is
        if settings is None:
            return self
        named: str = self._slot.__get__(settings, owner)
        return named or HERE.url(settings.data / "transom.sqlite3")

    def __set__(self, settings: Settings, value: str) -> None:
        self._slot.__set__(settings, value)


def kinds_of(markers: Sequence[pytest.Mark], servers: Sequence[str]) -> tuple[str, ...]:
    """On which databases a test with these marks runs: a file and these servers, or what it is about."""
    names = {marker.name for marker in markers}
    files = () if "only_postgres" in names else (SQLITE,)
    return files if "only_sqlite" in names else (*files, *servers)
