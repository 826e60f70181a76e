"""Opening the data folder: its database, migrated, and its secret."""

from __future__ import annotations

import contextlib
import os
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from widget_server.errors import Misconfigured, StorageReadOnly
from widget_server.house import Clock
from widget_server.people.tokens import new_secret
from widget_server.settings import SHORTEST_SECRET, Settings
from widget_server.store.limits import Limits
from widget_server.store.migrate import migrate
from widget_server.store.sqlite import SQLite, open_sqlite

DATABASE = "transom.sqlite3"
SECRET = "secret"  # noqa: S105 - the name of the file that holds it


def now() -> int:
    """The time in milliseconds since the epoch, UTC."""
    return time.time_ns() // 1_000_000


async def open_database(settings: Settings, clock: Clock = now) -> SQLite:
    """The database of the data folder, made and migrated where needed; close it when done."""
    database = await open_sqlite(database_file(settings), limits=Limits(queue=settings.queue))
    try:
        await migrate(database, now=clock())
    except BaseException:
        await database.close()
        raise
    return database


def database_file(settings: Settings) -> Path:
    """Where the SQLite file is."""
    named = settings.database.removeprefix("sqlite:///")
    return Path(named) if named else settings.data / DATABASE


@asynccontextmanager
async def database_of(settings: Settings, clock: Clock = now) -> AsyncIterator[SQLite]:
    """The same for a command, closed behind the block."""
    database = await open_database(settings, clock)
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
