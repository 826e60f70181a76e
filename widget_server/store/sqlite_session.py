"""One connection to SQLite on a thread of its own: transactions in savepoints, commits in groups."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable, Sequence
from contextlib import suppress
from math import inf
from pathlib import Path
from time import monotonic
from typing import Any, Concatenate, ParamSpec, TypeAlias, TypeVar, cast

import aiosqlite

from widget_server import errors
from widget_server.store.changes import NOTES, Own, clocks
from widget_server.store.complaints import REFUSALS, complaint
from widget_server.store.database import Apart
from widget_server.store.driving import ONLY_READS, TOO_LONG, break_off, check_spoken
from widget_server.store.jobs import Job
from widget_server.store.limits import Limits
from widget_server.store.turns import Turns
from widget_server.vocabulary import Statement, Transaction

T = TypeVar("T")
P = ParamSpec("P")
Outcome: TypeAlias = tuple[object, BaseException | None]

EMPTY_LOG = "pragma wal_checkpoint(truncate)"
"""Moves the write-ahead log into the database and cuts it to nothing, unless somebody reads from it."""
OPCODES = 10_000
"""Steps of SQLite's machine between two looks at the clock: well under a millisecond."""
EMPTYING_PAUSE = 1.0
"""Seconds between two attempts to empty a log that readers hold."""


class Connection(aiosqlite.Connection):
    """aiosqlite's thread, used for whole functions."""

    def __init__(self, connector: Callable[[], sqlite3.Connection]) -> None:
        super().__init__(connector, iter_chunk_size=64)
        # A thread that waits for another process's turn must not keep this process from ending.
        self._thread.daemon = True

    @property
    def session(self) -> Session:
        """The connection itself, once it is open."""
        return cast("Session", self._conn)

    async def ended(self) -> None:
        """Wait for the thread to end, after it was told to: what it still says needs the event loop."""
        await asyncio.to_thread(self._thread.join)

    async def hop(self, work: Callable[Concatenate[Session, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run the function on the connection's thread and give back what it returns or raises.

        aiosqlite's public methods cost a hop to the thread for each statement, which is most of the time
        that a small transaction takes (1.1-1.9 k writes/s against 20-31 k/s). `_execute` is what all of them
        are made of; `tests/store/test_sqlite.py` fails should it go.
        """
        return cast("T", await self._execute(work, self.session, *args, **kwargs))  # type: ignore[no-untyped-call]


class Session(sqlite3.Connection):
    """The connection itself; every method runs on its thread."""

    path: Path
    limits: Limits
    turns: Turns
    writes: bool
    own: Own
    """The writer's commits."""
    first: dict[str, int]
    """The number of each site's last change when it was opened."""
    _job: Job | None = None
    _noted: dict[tuple[object, ...], Statement]
    """What the job at work asks for by `touched`; it is done once for all jobs of a commit."""
    _notes: dict[tuple[object, ...], Statement]
    """What those asked for that are done."""
    _deadline: float = inf
    _failure: BaseException | None = None
    _next_emptying: float = 0.0

    def commit_together(self, jobs: Sequence[Job]) -> None:
        """Run the jobs in one commit, each in a savepoint; one that may take its own time, in a commit of its own.

        A job that fails is rolled back alone. When the commit fails, or SQLite rolls everything back by
        itself (a full disk), all of them fail and nothing is kept.
        """
        with self.turns:
            begun = [job for job in jobs if job.patience is None and job.claim()]
            if begun:
                self._commit(begun)
            for job in jobs:
                if job.patience is not None and job.claim():
                    self._commit([job])

    def share_snapshot(self, jobs: Sequence[Job]) -> None:
        """Run the jobs on one snapshot, which was taken after all of them had come."""
        for job in jobs:
            if job.claim():
                try:
                    if not self.in_transaction:
                        self.execute("begin")
                    job.finish(self._run(job))
                except REFUSALS as error:
                    job.finish(error=complaint(error, self.path))
                except BaseException as error:  # noqa: BLE001 - it is raised to the one who waits
                    job.finish(error=error)
        self._undo()

    def clocks(self) -> dict[str, int]:
        """The number of each site's last change; none where the database is not migrated yet."""
        try:
            return self.drive(clocks())
        except errors.Unavailable:
            return {}

    def alone(self, work: Callable[[Session], T]) -> T:
        """Run the function while no other process writes, without a limit of time."""
        with self.turns:
            try:
                return work(self)
            except REFUSALS as error:
                raise complaint(error, self.path) from error
            finally:
                self._undo()

    def drive(self, transaction: Transaction[T], statements: float = inf) -> T:
        """Run one transaction: send it the rows of each statement until it returns."""
        answer: Any = None
        count = 0
        while True:
            try:
                statement = transaction.send(answer)
            except StopIteration as finished:
                return cast("T", finished.value)
            count += 1
            try:
                self._check(statement.text, over=count > statements or monotonic() > self._deadline)
                if self.writes and statement.text in NOTES and self._job is not None:
                    self._noted[statement.text, *statement.parameters.values()] = statement
                    answer = ()
                    continue
                answer = self.execute(statement.text, statement.parameters).fetchall()
            except (*REFUSALS, errors.TransomError) as error:
                self._failure = error
                break_off(transaction, self._complaint(error))

    def finish(self) -> None:
        """Empty the log and give back the side file; the last thing before the connection is closed."""
        with (
            self.turns,
            suppress(sqlite3.Error),
        ):  # a log that stays, on a full disk say, is read at the next start
            self.execute(EMPTY_LOG)
        self.turns.close()

    def overdue(self) -> bool:
        """Whether to stop the statement that runs; asked by SQLite now and then.

        It has used up its time, or it only reads and nobody waits for it any more. (To stop one that writes
        is to roll back its neighbours.)
        """
        gone = not self.writes and self._job is not None and self._job.answer.cancelled()
        return gone or monotonic() > self._deadline

    def _commit(self, jobs: Sequence[Job]) -> None:
        own: dict[str, int] = {}
        try:
            self._undo()
            self.execute("begin immediate")
            outcomes = self._attempt_all(jobs)
            own = self._note()
            self.own.add(own)  # before the commit, after which any reader may see them
            self.execute("commit")
        except (*REFUSALS, errors.TransomError) as error:
            self.own.take_back(own)
            self._undo()
            for job in jobs:
                job.finish(error=self._complaint(error))
        else:
            for job, (value, failure) in zip(jobs, outcomes, strict=True):
                job.finish(value, failure)
            self._bound_log()

    def _note(self) -> dict[str, int]:
        """Do what was asked for once for all; the new number of each site that changed."""
        rows: list[sqlite3.Row] = []
        for note in self._notes.values():
            rows += self.execute(note.text, note.parameters).fetchall()
        return {row["site"]: row["seq"] for row in rows}

    def _attempt_all(self, jobs: Sequence[Job]) -> Sequence[Outcome]:
        """What the transactions return or raise; it may rest on what others wrote, so it is told after the commit."""
        self._notes = {}
        if all(isinstance(job.transaction, Apart) for job in jobs):
            outcomes = self._attempt_together(jobs)
            if outcomes is not None:
                return outcomes
            self._undo()
            self.execute("begin immediate")
            self._notes = {}
        return [self._attempt(job) for job in jobs]

    def _attempt_together(self, jobs: Sequence[Job]) -> Sequence[Outcome] | None:
        """The same without savepoints; None where one failed after it had written, and all must begin anew."""
        outcomes: list[Outcome] = []
        for job in jobs:
            before = self.total_changes
            try:
                outcomes.append((self._run(job), None))
                self._notes |= self._noted
            except BaseException as error:  # noqa: BLE001 - it is raised to the one who waits
                if self.total_changes != before or not self.in_transaction:
                    return None
                outcomes.append((None, error))
        return outcomes

    def _attempt(self, job: Job) -> Outcome:
        """What the transaction returns or raises; where it raises, nothing of it is left."""
        outcome: Outcome
        self.execute("savepoint job")
        try:
            outcome = self._run(job), None
            self._notes |= self._noted
        except BaseException as error:  # noqa: BLE001 - it is raised to the one who waits
            if not self.in_transaction and self._failure is not None:
                raise self._failure from None  # SQLite rolled back everything, the neighbours included
            outcome = None, error
            self.execute("rollback to job")
        self.execute("release job")
        return outcome

    def _run(self, job: Job) -> object:
        patience, statements = job.bounds(self.limits)
        self._job, self._deadline, self._noted = job, monotonic() + patience, {}
        try:
            return self.drive(job.begun(), statements)
        finally:
            self._job, self._deadline = None, inf

    def _check(self, text: str, *, over: bool) -> None:
        if over:
            raise errors.StorageFailed(TOO_LONG)
        check_spoken(text)

    def _complaint(self, error: BaseException) -> errors.TransomError:
        if not self.writes and getattr(error, "sqlite_errorname", "") == "SQLITE_READONLY":
            error = errors.StorageFailed(ONLY_READS)
        return complaint(error, self.path)

    def _undo(self) -> None:
        if self.in_transaction:
            with suppress(sqlite3.Error):
                self.execute("rollback")

    def _bound_log(self) -> None:
        log = self.path.with_name(f"{self.path.name}-wal")
        with suppress(OSError, sqlite3.Error):  # what was committed stays so, whatever becomes of the log
            if log.stat().st_size > self.limits.log_bytes and monotonic() > self._next_emptying:
                self._next_emptying = monotonic() + EMPTYING_PAUSE
                self.execute("pragma busy_timeout = 100")
                self.execute(EMPTY_LOG)
                self.execute(f"pragma busy_timeout = {round(self.limits.wait * 1000)}")
