"""Opening the data folder: its database, migrated, and its secret."""

from __future__ import annotations

import asyncio
import contextlib
import importlib
import os
import tempfile
import time
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from importlib.resources import files
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from widget_server.errors import Misconfigured, StorageReadOnly
from widget_server.house import Clock
from widget_server.people.tokens import new_secret
from widget_server.plugins import WIDGETS, Plugin, discover
from widget_server.settings import POSTGRESQL, SHORTEST_SECRET, Settings
from widget_server.store.limits import Limits
from widget_server.store.migrate import CORE, Migratable, MigrationSet, migrate
from widget_server.store.sqlite import open_sqlite
from widget_server.widgets.base import Keeper

DATABASE = "transom.sqlite3"
SECRET = "secret"  # noqa: S105 - the name of the file that holds it


def now() -> int:
    """The time in milliseconds since the epoch, UTC."""
    return time.time_ns() // 1_000_000


def sets_of(plugins: Iterable[Plugin[Any]]) -> Sequence[MigrationSet]:
    """The migrations of the core, and of those plug-ins that have tables of their own."""
    own = [plugin for plugin in plugins if isinstance(plugin.thing, Keeper)]
    return (
        CORE,
        *(MigrationSet(each.name, files(each.thing.package).joinpath("migrations")) for each in own),
    )


def installed_sets() -> Sequence[MigrationSet]:
    """Those of the core and of the widgets that are installed as packages, so that commands leave nothing to be run."""
    return sets_of(discover(WIDGETS).plugins)


async def open_database(
    settings: Settings, clock: Clock = now, sets: Sequence[MigrationSet] = (CORE,)
) -> Migratable:
    """The database of the settings, migrated where needed, and made where it is a file; close it when done."""
    database = await opened_as_it_is(settings)
    try:
        await migrate(database, sets, now=clock())
    except BaseException:
        await database.close()
        raise
    return database


async def opened_as_it_is(settings: Settings) -> Migratable:
    """The same, without migrating it."""
    if not is_postgresql(settings):
        return await open_sqlite(database_file(settings), limits=Limits(queue=settings.queue))
    try:
        # Not at the top: who uses SQLite needs no driver for PostgreSQL, and does not wait for its import.
        driver = await asyncio.to_thread(importlib.import_module, "widget_server.store.postgres")
    except ModuleNotFoundError as error:
        message = "PostgreSQL needs a driver: pip install 'transom-server[postgres]'"
        raise Misconfigured(message) from error
    limits = Limits(queue=settings.queue, readers=settings.database_readers)
    opened: Migratable = await driver.open_postgres(settings.database, limits=limits)
    return opened


def is_postgresql(settings: Settings) -> bool:
    """Whether the database is a PostgreSQL server, and no file."""
    return settings.database.startswith(POSTGRESQL)


def database_name(settings: Settings) -> str:
    """Which database it is, for people: a path, or an address without its password and options."""
    if not is_postgresql(settings):
        return str(database_file(settings))
    parts = urlsplit(settings.database)
    _, at, place = parts.netloc.rpartition("@")
    user = parts.netloc.partition("@")[0].partition(":")[0] if at else ""
    return f"{parts.scheme}://{user}{at}{place}{parts.path}"


def database_file(settings: Settings) -> Path:
    """Where the SQLite file is."""
    named = settings.database.removeprefix("sqlite:///")
    return Path(named) if named else settings.data / DATABASE


@asynccontextmanager
async def database_of(settings: Settings, clock: Clock = now) -> AsyncIterator[Migratable]:
    """The same for a command, closed behind the block."""
    database = await open_database(settings, clock, await asyncio.to_thread(installed_sets))
    try:
        yield database
    finally:
        await database.close()


def kept_secret(data: Path) -> str:
    """The secret of a data folder, made with the first start; only its owner may read the file.

    Raises `StorageReadOnly` where it can neither be read nor made, `Misconfigured` where the file holds no secret.
    """
    file = data / SECRET
    try:
        data.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not file.exists():
            _make_secret(file)
        secret = file.read_bytes().strip()
    except OSError as error:
        message = (
            f"{file}: the secret cannot be read or made ({error.strerror}); check who owns the data folder."
        )
        raise StorageReadOnly(message) from error
    if len(secret) < SHORTEST_SECRET or not secret.isascii():
        message = (
            f"{file}: the server's secret has at least {SHORTEST_SECRET} characters, and this file holds none. Put it "
            "back from a backup, or remove the file: the next start makes a new secret, and knows no guest again."
        )
        raise Misconfigured(message)
    return secret.decode("ascii")


def _make_secret(file: Path) -> None:
    """Put a new secret there, whole or not at all; of several processes that do so at once, the first one's stays."""
    descriptor, name = tempfile.mkstemp(prefix=f"{file.name}.", dir=file.parent)  # its owner's alone
    draft = Path(name)
    try:
        with os.fdopen(descriptor, "w", encoding="ascii") as writing:
            writing.write(new_secret())
            writing.flush()
            os.fsync(descriptor)
        with contextlib.suppress(FileExistsError):
            file.hardlink_to(draft)
    finally:
        draft.unlink(missing_ok=True)
