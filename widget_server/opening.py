"""Opening the data folder: its database, migrated, and its secret."""

from __future__ import annotations

import contextlib
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from widget_server.errors import StorageReadOnly
from widget_server.house import Clock
from widget_server.people.tokens import new_secret
from widget_server.settings import Settings
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
    """The secret of a data folder, made with the first start; only its owner may read the file."""
    file = data / SECRET
    try:
        data.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not file.exists():
            draft = file.with_suffix(".new")
            draft.touch(mode=0o600)
            draft.write_text(new_secret(), encoding="ascii")
            with contextlib.suppress(FileExistsError):
                file.hardlink_to(draft)
            draft.unlink()
        return file.read_text(encoding="ascii").strip()
    except OSError as error:
        message = (
            f"{file}: the secret cannot be read or made ({error.strerror}); check who owns the data folder."
        )
        raise StorageReadOnly(message) from error
