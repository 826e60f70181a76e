"""Transactions that wait for their database: a bounded queue, taken in batches."""

from __future__ import annotations

import asyncio
import contextvars
from bisect import bisect_left
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from math import inf
from typing import Any

from widget_server import errors
from widget_server.store.database import BATCHES, Apart, Load
from widget_server.store.limits import Limits
from widget_server.vocabulary import Transaction

Work = Transaction[Any] | Apart[Any]

SLOW = 0.02
"""Seconds after which a batch is slow: what is done of it is answered, what is not begun handed over."""


CALM = 2
"""Turns of the event loop without another job, after which a batch is begun."""

PATIENT = 8
"""Turns that a batch waits at most."""


class Job:
    """One transaction and whoever waits for it. The outcome is written on the database's thread."""

    __slots__ = ("_outcome", "_tell", "_tickets", "answer", "patience", "since", "transaction")

    def __init__(
        self,
        transaction: Work,
        patience: float | None,
        loop: asyncio.AbstractEventLoop,
        tell: Callable[[Any], object] | None = None,
    ) -> None:
        self.transaction = transaction
        self._tell = tell
        self.patience = patience
        self.since = loop.time()
        self.answer: asyncio.Future[Any] = loop.create_future()
        self._outcome: tuple[Any, BaseException | None] | None = None
        self._tickets = [None]

    @property
    def finished(self) -> bool:
        """Whether it has an outcome."""
        return self._outcome is not None

    @property
    def claimed(self) -> bool:
        """Whether it was begun or given up."""
        return not self._tickets

    def claim(self) -> bool:
        """Take it, once. Either it is begun or given up, never both: `pop` is atomic between threads."""
        try:
            self._tickets.pop()
        except IndexError:
            return False
        return not self.answer.done()

    def bounds(self, limits: Limits) -> tuple[float, float]:
        """Seconds that it may run, and statements that it may make; where its caller names a time, that alone."""
        return (limits.patience, limits.statements) if self.patience is None else (self.patience, inf)

    def begun(self) -> Transaction[Any]:
        """The transaction, to be run from its beginning."""
        return self.transaction.begin() if isinstance(self.transaction, Apart) else self.transaction

    def finish(self, value: object = None, error: BaseException | None = None) -> None:
        """Note the outcome; on the database's thread."""
        self._outcome = (value, error)

    def settle(self) -> None:
        """Tell the outcome, once there is one, to all and to the one who waits and has not gone; on the event loop."""
        if self._outcome is None:
            return
        value, error = self._outcome
        tell, self._tell = self._tell, None
        if tell is not None and error is None:
            try:
                tell(value)
            except Exception as failure:  # noqa: BLE001 - it is raised to the one who waits; others' answers go on
                error = failure
        if not self.answer.done():
            if error is None:
                self.answer.set_result(value)
            else:
                self.answer.set_exception(error)


class JobQueue:
    """Hands waiting jobs to `run`, up to `batch` of them at a time, in the order in which they came.

    Up to `workers` batches run at a time: a further one is begun only where those that run are slow.
    """

    def __init__(
        self,
        run: Callable[[Sequence[Job]], Awaitable[None]],
        *,
        size: int,
        batch: int,
        wait: float,
        workers: int,
    ) -> None:
        self._run = run
        self._size = size
        self._batch = batch
        self._wait = wait
        self._workers = workers
        self._loop = asyncio.get_running_loop()
        self._waiting: deque[Job] = deque()
        self._running: dict[Job, float] = {}
        self._drains: set[asyncio.Task[None]] = set()
        self._sweeper: asyncio.TimerHandle | None = None
        self._closed = False
        self.batches = [0] * len(BATCHES)
        """How many were begun of at most so many jobs as `BATCHES` says at the same place."""
        self.begun = 0
        """Jobs in all of them."""

    def load(self) -> Load:
        """What waits, and what was begun so far."""
        return Load(len(self._waiting), self._size, self.begun, tuple(self.batches))

    def put(
        self, transaction: Work, patience: float | None, tell: Callable[[Any], object] | None = None
    ) -> asyncio.Future[Any]:
        """Queue it; the answer is set when it was run. Raises `Overloaded` when the queue is full.

        `tell` gets the result before the answer is set, on the event loop, also where nobody waits any more.
        """
        if self._closed:
            transaction.close()
            raise errors.StorageFailed("The database is closed.")
        if len(self._waiting) >= self._size:
            transaction.close()
            raise errors.Overloaded(retry_after=1)
        job = Job(transaction, patience, self._loop, tell)
        self._waiting.append(job)
        if not self._drains:
            self._start()
        return job.answer

    async def close(self, patience: float) -> bool:
        """Refuse what comes, finish what waits; False when it was not finished after so many seconds."""
        self._closed = True
        if not self._drains:
            return True
        _, unfinished = await asyncio.wait(tuple(self._drains), timeout=patience)
        return not unfinished

    def _start(self) -> None:
        # In a context of its own: the drain outlives the request that happened to start it.
        self._drains.add(self._loop.create_task(self._drain(), context=contextvars.Context()))
        if self._sweeper is None:
            self._sweeper = self._loop.call_later(SLOW, self._sweep)

    async def _drain(self) -> None:
        try:
            while self._waiting:
                await self._gather()
                jobs = [self._waiting.popleft() for _ in range(min(len(self._waiting), self._batch))]
                self.begun += len(jobs)
                self.batches[bisect_left(BATCHES, len(jobs))] += 1
                await self._serve(jobs)
        finally:
            # Here and not in a callback of the task: a job that comes in between would find nobody to run it.
            self._drains.difference_update({asyncio.current_task()})
            if not self._drains and self._sweeper is not None:
                self._sweeper.cancel()
                self._sweeper = None

    async def _gather(self) -> None:
        """Let those come who are about to: a batch of many costs little more than a small one.

        And while nobody else is under way, the database's thread need not hand Python's lock to and fro.
        """
        calm = 0
        for _ in range(PATIENT):
            before = len(self._waiting)
            await asyncio.sleep(0)
            calm = calm + 1 if len(self._waiting) == before else 0
            if calm == CALM or len(self._waiting) >= self._batch:
                break

    async def _serve(self, jobs: Sequence[Job]) -> None:
        self._running.update(dict.fromkeys(jobs, self._loop.time()))
        try:
            await self._run(jobs)
        except asyncio.CancelledError:  # the loop is being taken down, and all who wait with it
            for job in (*jobs, *self._waiting):
                job.answer.cancel()
            self._waiting.clear()
            raise
        except Exception as error:  # noqa: BLE001 - whatever it is, nobody may wait for ever
            for job in jobs:
                job.finish(error=error)
        finally:
            for job in jobs:
                self._running.pop(job, None)
        for job in jobs:
            job.settle()

    def _sweep(self) -> None:
        """Give up what waited too long; answer what is done of a slow batch, and hand over its rest."""
        now = self._loop.time()
        for job in (*self._running, *self._waiting):
            job.settle()
            if job.since < now - self._wait and job.claim():
                job.answer.set_exception(errors.Overloaded(retry_after=max(1, round(self._wait))))
        self._waiting = deque(job for job in self._waiting if not job.answer.done())
        slow = [job for job, begun in self._running.items() if begun < now - SLOW]
        # Not from the start: two threads that read at once are slower than one, for Python's lock.
        if slow and len(self._drains) < self._workers:
            self._waiting.extendleft(job for job in reversed(slow) if not job.claimed)
            if self._waiting:
                self._start()
        self._sweeper = self._loop.call_later(SLOW, self._sweep)
