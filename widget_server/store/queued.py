"""What every `Database` here has in common: two bounded queues in front, and telling what others changed."""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Callable, Sequence
from functools import partial
from typing import TypeVar, cast

from widget_server import errors
from widget_server.store.changes import Listeners
from widget_server.store.database import Apart, Change, Load
from widget_server.store.jobs import Job, JobQueue
from widget_server.store.limits import Limits
from widget_server.vocabulary import Transaction

T = TypeVar("T")


class Queued(ABC):
    """A `Database` but for its connections: how they commit, answer, hear of others and are given back."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._listeners = Listeners()
        self._hearing: asyncio.Task[None] | None = None
        self._closed = False
        queue = partial(JobQueue, size=limits.queue, wait=limits.wait)
        self._writes = queue(self._commit, batch=limits.writes, workers=1)
        self._reads = queue(self._answer, batch=limits.reads, workers=limits.readers)

    async def read(self, transaction: Transaction[T], *, patience: float | None = None) -> T:
        """See `Database.read`."""
        return cast("T", await self._reads.put(transaction, patience))

    async def write(
        self,
        transaction: Transaction[T] | Apart[T],
        *,
        patience: float | None = None,
        tell: Callable[[T], object] | None = None,
    ) -> T:
        """See `Database.write`."""
        return cast("T", await self._writes.put(transaction, patience, tell))

    def listen(self) -> AsyncIterator[Sequence[Change]]:
        """See `Database.listen`."""
        changes = self._listeners.listen()
        if self._hearing is None and not self._closed:
            self._hearing = asyncio.get_running_loop().create_task(self._hear())
        return changes

    def load(self) -> Load:
        """See `Database.load`."""
        return self._writes.load()

    async def close(self) -> None:
        """See `Database.close`."""
        if self._closed:
            return
        self._closed = True
        self._listeners.close()
        if self._hearing is not None:
            self._hearing.cancel()
            await asyncio.wait({self._hearing})
        patience = self._limits.wait + self._limits.patience
        finished = await asyncio.gather(self._reads.close(patience), self._writes.close(patience))
        await self._release(patience if all(finished) else 0)

    def _check_open(self) -> None:
        if self._closed:
            raise errors.StorageFailed("The database is closed.")

    @abstractmethod
    async def _commit(self, jobs: Sequence[Job]) -> None:
        """Run the jobs in one commit, and finish each."""

    @abstractmethod
    async def _answer(self, jobs: Sequence[Job]) -> None:
        """Run the jobs on one snapshot, and finish each."""

    @abstractmethod
    async def _hear(self) -> None:
        """Tell the listeners of what others change, until cancelled."""

    @abstractmethod
    async def _release(self, patience: float) -> None:
        """Give the connections back; `patience` in seconds is 0 where something is under way on them still."""
