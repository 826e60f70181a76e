"""SQLite as a `Database`: one writer that commits in groups, and readers apart."""

from __future__ import annotations

import asyncio
import json
import os
import threading
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TypeVar

from widget_server import errors
from widget_server.store.changes import REST_EACH, Heard, clocks
from widget_server.store.jobs import Job
from widget_server.store.limits import Limits
from widget_server.store.migrate import Applied, Known, Migrated
from widget_server.store.queued import Queued
from widget_server.store.sqlite_migrate import applied, bring_up
from widget_server.store.sqlite_open import open_reader, open_writer
from widget_server.store.sqlite_session import Connection, Session
from widget_server.vocabulary import Row, Transaction, sql

T = TypeVar("T")


async def open_sqlite(path: str | os.PathLike[str], *, limits: Limits | None = None) -> SQLite:
    """Open the file, made when it is not there (mode 0600, in a folder of 0700); migrating it comes after.

    Raises `StorageReadOnly`, `StorageFull`, `StorageFailed` (not a database) or `Overloaded` (another process
    keeps it for itself).
    """
    bounds = limits or Limits()
    writer = await _opened(partial(open_writer, path, bounds), bounds.wait)
    opened = [writer]
    try:
        while len(opened) <= bounds.readers:
            opened.append(await _opened(partial(open_reader, writer.session), bounds.wait))
    except BaseException:
        for connection in reversed(opened):
            await connection.close()
        raise
    return SQLite(writer, opened[1:])


async def _opened(connector: Callable[[], Session], wait: float) -> Connection:
    given_up = threading.Event()

    def connect() -> Session:
        session = connector()
        if given_up.is_set():  # its turn came when nobody waited for it any more
            session.close()
            session.turns.close()
        return session

    connection = Connection(connect)
    try:
        async with asyncio.timeout(wait):
            await connection
    except TimeoutError:
        given_up.set()
        raise errors.Overloaded("Another process keeps the database for itself.", retry_after=5) from None
    except errors.TransomError:
        await connection.ended()
        raise
    return connection


class SQLite(Queued):
    """A `Database` in one file. Every process opens its own; they take turns by a lock on a side file."""

    dialect = "sqlite"

    def __init__(self, writer: Connection, readers: Sequence[Connection]) -> None:
        super().__init__(writer.session.limits)
        self.path: Path = writer.session.path
        self._writer = writer
        self._readers = readers
        self._free = list(readers)
        self._heard = Heard(writer.session.own, self._listeners, writer.session.first)

    async def alone(self, work: Callable[[Session], T]) -> T:
        """Run a function on the writer's connection while no process writes: to migrate, back up or repair.

        It begins and ends its own transactions, and no limit of time binds it.
        """
        self._check_open()
        return await self._writer.hop(Session.alone, work)

    def applied(self) -> Transaction[Applied]:
        """See `Migratable.applied`."""
        return applied()

    async def bring_up(self, known: Known, now: int) -> Migrated:
        """See `Migratable.bring_up`. A file that was in use is copied beside itself first."""
        return await self.alone(partial(bring_up, known=known, now=now))

    async def _release(self, patience: float) -> None:
        """Empty the write-ahead log, where it can be."""
        try:
            async with asyncio.timeout(patience):
                await self._writer.hop(Session.finish)
        except TimeoutError:
            # A thread waits for another process's turn: it ends when that comes, or with this process.
            for connection in (*self._readers, self._writer):
                connection.stop()
        else:
            # The writer last: the last connection that closes empties the log, and only a writer may.
            for connection in (*self._readers, self._writer):
                await connection.close()

    async def _commit(self, jobs: Sequence[Job]) -> None:
        await self._writer.hop(Session.commit_together, jobs)

    async def _answer(self, jobs: Sequence[Job]) -> None:
        reader = self._free.pop()
        try:
            await reader.hop(Session.share_snapshot, jobs)
        finally:
            self._free.append(reader)

    async def _hear(self) -> None:
        """Tell of what others changed. A reader looks, for the writer may be waiting for its turn."""
        rest = self._limits.poll
        while True:
            await asyncio.sleep(rest)
            if self._listeners:
                try:
                    numbers = await self.read(clocks())
                    if seen := self._heard.moved(numbers):
                        self._heard.tell(await self.read(_changed(seen)))
                except errors.Unavailable:  # not migrated yet, or busy: the next look tells of it
                    continue
                rest = max(self._limits.poll, REST_EACH * len(numbers))


def _changed(seen: Mapping[str, int]) -> Transaction[Sequence[Row]]:
    """What changed in each of these sites after that number, oldest first, each subject once."""
    return (
        yield sql(
            """
            select c.site, c.subject, c.seq from (select key as site, value as seq from json_each(:seen)) as seen
            cross join changes c on c.site = seen.site and c.seq > seen.seq order by c.site, c.seq
            """,
            seen=json.dumps(seen),
        )
    )
