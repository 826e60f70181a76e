"""One connection to PostgreSQL: transactions in savepoints, commits in groups, reads on one snapshot."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from math import inf
from time import monotonic
from typing import Any, TypeAlias, TypeVar, cast

import asyncpg

from widget_server import errors
from widget_server.store.changes import NOTES
from widget_server.store.database import Apart
from widget_server.store.driving import ONLY_READS, TOO_LONG, break_off
from widget_server.store.jobs import Job
from widget_server.store.limits import Limits
from widget_server.store.postgres_complaints import REFUSALS, complaint
from widget_server.store.postgres_text import translated
from widget_server.vocabulary import Statement, Transaction

T = TypeVar("T")
Connection: TypeAlias = "asyncpg.Connection[asyncpg.Record]"

Notes: TypeAlias = dict[tuple[object, ...], Statement]

Done: TypeAlias = tuple[Job, object, BaseException | None]
"""A job, and what it returned or raised; good once it is committed."""

FOR_EVER = 1e6
"""Seconds; the driver counts no more than so many."""

PARTING = 1.0
"""Seconds that saying goodbye may take."""

CLASHES = frozenset({"40001", "40P01"})
"""Another's transaction and this one cannot both be: this one is to be done anew."""

ATTEMPTS = 3

ANALYSED = frozenset(4**n for n in range(5, 16))
"""Statements of a long transaction after which the planner is told of its rows: it knows of none before the commit,
and would go on as if the tables were empty."""

OWN_TABLES = """
select string_agg(format('%I.%I', schemaname, tablename), ', ') as tables from pg_tables
where schemaname = current_schema() and tableowner = current_user
"""

ENDED = frozenset({"57P01", "57P02", "57P05", "25P03"})
"""Told by the server right before it closes the connection."""


class Broken(Exception):
    """The connection is gone; what it had not committed is undone."""


class Session:
    """Runs transactions on a connection that is its own."""

    def __init__(self, connection: Connection, limits: Limits) -> None:
        self.connection = connection
        self.limits = limits
        self.notes: Notes = {}
        """What the transactions that are done asked for by `touched`; it is done once for all of a commit."""
        self._noted: Notes = {}
        """What the one at work asks for."""
        self._writes = False

    @property
    def usable(self) -> bool:
        """Whether the connection is still there, as far as one can know without asking."""
        return not self.connection.is_closed()

    async def begin(self) -> None:
        """Begin to write."""
        self._writes = True
        self.notes = {}
        await self.say("begin isolation level read committed")

    async def serve(self, jobs: Sequence[Job]) -> list[Done]:
        """Run the jobs one after the other, each in a savepoint, and give what they return or raise.

        One that fails is rolled back alone. What it raises may rest on what another one wrote: it is told with that.
        """
        done: list[Done] = []
        if jobs:
            await self.say("savepoint job")
        for number, job in enumerate(jobs):
            try:
                done.append((job, await self._patiently(job), None))
            except Broken:
                raise
            except BaseException as error:
                done.append((job, None, error))
                if isinstance(error, asyncio.CancelledError):
                    raise
                await self.say("rollback to savepoint job")
            else:
                self.notes |= self._noted
                if number < len(jobs) - 1:
                    await self.say("release savepoint job; savepoint job")
        return done

    async def answer(self, jobs: Sequence[Job]) -> None:
        """Run the jobs on one snapshot, taken after all of them had come; one that fails ends it for itself."""
        try:
            for job in jobs:
                if not self.connection.is_in_transaction():
                    await self.say("begin isolation level repeatable read, read only")
                if job.claim():
                    await self._answer(job)
        finally:
            await self.undo()

    async def run(self, job: Job) -> object:
        """Run one job's transaction within its time."""
        patience, statements = job.bounds(self.limits)
        self._noted = {}
        return await self.drive(
            job.begun(),
            until=monotonic() + patience,
            statements=statements,
            apart=job.patience is not None,
        )

    async def drive(
        self,
        transaction: Transaction[T],
        *,
        until: float = inf,
        statements: float = inf,
        apart: bool = False,
    ) -> T:
        """Run one transaction: send it the rows of each statement until it returns.

        `until`: when it must have ended, by the monotonic clock. `apart`: it may take its time between two
        statements, which is done on a thread.
        """
        rows: Any = None
        count = 0
        while True:
            step = asyncio.to_thread(advance, transaction, rows) if apart else None
            statement, value = (await step) if step else advance(transaction, rows)
            if statement is None:
                return cast("T", value)
            count += 1
            try:
                if apart and count in ANALYSED and self._writes:
                    await self._analyse()
                left = until - monotonic()
                if count > statements or left <= 0:
                    raise errors.StorageFailed(TOO_LONG)
                if self._writes and statement.text in NOTES:
                    self._noted[statement.text, *statement.parameters.values()] = statement
                    rows = ()
                    continue
                text, values = translated(statement)
                rows = await self.ask(text, *values, patience=left)
            except (*REFUSALS, errors.TransomError) as error:
                break_off(transaction, complaint(error))

    async def ask(self, text: str, *values: object, patience: float = inf) -> Sequence[asyncpg.Record]:
        """The rows of one statement. Raises `Broken`, and what the driver raises."""
        try:
            return await self.connection.fetch(text, *values, timeout=min(patience, FOR_EVER))
        except BaseException as error:
            self._part_from(error, is_lost=isinstance(error, asyncio.CancelledError))
            raise

    async def ask_many(
        self, text: str, values: Sequence[Sequence[object]], patience: float
    ) -> Sequence[asyncpg.Record]:
        """The rows of one statement with one row of values after the other, sent in one go."""
        try:
            return await self.connection.fetchmany(text, values, timeout=patience)
        except BaseException as error:
            self._part_from(error, is_lost=isinstance(error, asyncio.CancelledError))
            raise

    async def say(self, text: str, patience: float | None = None) -> str:
        """Begin, end, or mark a transaction; gives what was done. Raises `Broken`, and what the driver raises."""
        try:
            return await self.connection.execute(text, timeout=patience or self.limits.patience)
        except BaseException as error:
            self._part_from(error, is_lost=isinstance(error, asyncio.CancelledError | TimeoutError))
            raise

    async def undo(self) -> None:
        """Take back what is open, if anything is."""
        if self.usable and self.connection.is_in_transaction():
            try:
                await self.say("rollback")
            except (Broken, *REFUSALS):
                self.connection.terminate()

    async def close(self) -> None:
        """Give the connection back."""
        with suppress(*REFUSALS):
            await self.connection.close(timeout=PARTING)

    async def _patiently(self, job: Job) -> object:
        """Run one job; where it clashed with others and may be begun anew, some more times."""
        for _ in range(ATTEMPTS if isinstance(job.transaction, Apart) else 0):
            try:
                return await self.run(job)
            except errors.Overloaded as clash:
                if getattr(clash.__cause__, "sqlstate", None) not in CLASHES:
                    raise
                await self.say("rollback to savepoint job")
        return await self.run(job)

    async def _analyse(self) -> None:
        rows = await self.ask(OWN_TABLES)
        if rows[0]["tables"]:
            await self.say(f"analyze {rows[0]['tables']}", patience=FOR_EVER)

    async def _answer(self, job: Job) -> None:
        try:
            job.finish(await self.run(job))
        except Broken as error:
            job.finish(error=complaint(error.__cause__ or error))
            raise
        except errors.StorageReadOnly as error:
            failure = errors.StorageFailed(ONLY_READS)
            failure.__cause__ = error
            job.finish(error=failure)
            await self.undo()
        except BaseException as error:
            job.finish(error=error)
            if isinstance(error, asyncio.CancelledError):
                raise
            await self.undo()

    def _part_from(self, error: BaseException, *, is_lost: bool) -> None:
        """Raise `Broken` where the connection has ended, or is in a state that nobody knows and is given up."""
        if is_lost or getattr(error, "sqlstate", None) in ENDED:
            self.connection.terminate()
        if self.connection.is_closed() and not isinstance(error, asyncio.CancelledError):
            raise Broken from error


def advance(transaction: Transaction[T], rows: Any) -> tuple[Statement | None, T | None]:  # noqa: ANN401
    """The next statement, or what the transaction returns."""
    try:
        return transaction.send(rows), None
    except StopIteration as finished:
        return None, cast("T", finished.value)
