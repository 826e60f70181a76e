"""PostgreSQL as a `Database`: a writer that commits in groups, readers apart, and a line that listens."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from functools import partial
from time import monotonic
from typing import TypeVar

import asyncpg

from widget_server import errors
from widget_server.store.jobs import Job
from widget_server.store.limits import Limits
from widget_server.store.migrate import Applied, Known, Migrated
from widget_server.store.postgres_complaints import REFUSALS, UNCERTAIN, complaint
from widget_server.store.postgres_line import Line
from widget_server.store.postgres_listening import CLOCKS, Listening, OwnTurns
from widget_server.store.postgres_migrate import applied, bring_up
from widget_server.store.postgres_session import Broken, Done, Session
from widget_server.store.postgres_sites import Group, groups_of
from widget_server.store.postgres_together import Stumbled, apart, in_step
from widget_server.store.postgres_turn import OUTCOME, Turn, Uncertain, begin, commit, tell
from widget_server.store.queued import Queued
from widget_server.vocabulary import Transaction

T = TypeVar("T")

ATTEMPTS_TOGETHER = 2
FEWEST_TOGETHER = 2

OUTCOME_PATIENCE = 10.0
"""Seconds in which to find out what became of a commit whose connection broke: a server may be starting anew.

Nobody writes meanwhile. Whoever is told in the end that nobody knows sends the same again, with the same key.
"""

IS_THERE = """
select to_regclass('change_clock') is not null as is_there, to_regclass('pg_dist_partition') is not null as is_spread
"""
"""Whether it is migrated, and whether it is Citus, which keeps in that table what it has spread."""


async def open_postgres(url: str, *, limits: Limits | None = None) -> Postgres:
    """Open the database at that address, which must be there; migrating it comes after.

    Raises `StorageFailed` where it cannot be reached or lets nobody in.
    """
    database = Postgres(url, limits or Limits())
    try:
        await database.look_away()
    except BaseException:
        await database.close()
        raise
    return database


class Postgres(Queued):
    """A `Database` on a server that many processes and machines share.

    A write raises `StorageFailed`, and says so, where a commit's outcome could not be found out.
    """

    dialect = "postgres"

    def __init__(self, url: str, limits: Limits) -> None:
        super().__init__(limits)
        self._line = partial(Line, url, limits)
        self._writer = self._line()
        self._readers = [self._line() for _ in range(limits.readers)]
        self._ear = self._line()
        self._free = list(self._readers)
        self._is_spread = False
        self._sender = secrets.token_hex(6)
        self._own = OwnTurns()
        self._listening = Listening(self._ear, limits, self._listeners, self._own, self._sender)

    async def alone(self, work: Callable[[Session], Awaitable[T]]) -> T:
        """Run a function on a connection of its own, to migrate; it begins and ends its own transactions."""
        self._check_open()
        line = self._line()
        try:
            return await work(await line.session())
        except (Broken, *REFUSALS) as error:
            raise complaint(error.__cause__ or error) from error
        finally:
            await line.close()

    def applied(self) -> Transaction[Applied]:
        """See `Migratable.applied`."""
        return applied()

    async def bring_up(self, known: Known, now: int) -> Migrated:
        """See `Migratable.bring_up`. All of it is one transaction; a copy before it is the owner's to make."""
        return await self.alone(partial(bring_up, known=known, now=now))

    async def look_away(self) -> None:
        """Take everything up to now as heard."""
        session = await self._writer.session()
        found = (await session.ask(IS_THERE))[0]
        self._is_spread = found["is_spread"]
        if found["is_there"]:
            self._listening.heard.seen = {row["site"]: row["seq"] for row in await session.ask(CLOCKS)}

    async def _hear(self) -> None:
        await self._listening.run()

    async def _release(self, patience: float) -> None:  # noqa: ARG002 - what is under way is cut off, and undone
        for line in (*self._readers, self._ear, self._writer):
            await line.close()

    async def _answer(self, jobs: Sequence[Job]) -> None:
        line = self._free.pop()
        try:
            session = await line.session()
            await session.answer(jobs)
        except (Broken, *REFUSALS) as error:
            _refuse(jobs, error)
        finally:
            self._free.append(line)

    async def _commit(self, jobs: Sequence[Job]) -> None:
        for group in await groups_of(jobs, is_spread=self._is_spread):
            await self._commit_together(group)

    async def _commit_together(self, group: Group) -> None:
        """Run the jobs in one commit. Where it fails, all of them do, and nothing is kept."""
        begun: Sequence[Job] = ()
        numbers = None
        try:
            session, turn = await self._turn(group.sites)
            self._own.begin(turn.seqs)
            begun = [job for job in group.jobs if job.claim()]
            try:
                done = await self._done(session, begun)
                numbers = await self._end(session, turn)
            finally:
                await session.undo()
        except (Broken, errors.TransomError, *REFUSALS) as error:
            _refuse(begun or group.jobs, error)
        else:
            for job, value, failure in done:
                job.finish(value, failure)
        finally:
            self._own.end(numbers)
            self._listening.turn_is_over()
        for job in group.jobs:
            job.settle()
        if numbers:
            with suppress(Broken, *REFUSALS):  # others look by themselves before long
                await tell(session, self._sender, list(numbers))

    async def _done(self, session: Session, jobs: Sequence[Job]) -> Sequence[Done]:
        """Run them: those that can be in step first, as long as that goes well, and the others one by one."""
        together, others = apart(jobs)
        for _ in range(ATTEMPTS_TOGETHER):
            if len(together) < FEWEST_TOGETHER:
                break
            await session.say("savepoint together")
            try:
                done = await in_step(session, together)
            except Stumbled as stumbled:
                others = [*others, *(job for job in together if job in stumbled.jobs)]
                together = [job for job in together if job not in stumbled.jobs]
            except (errors.TransomError, *REFUSALS):
                others, together = [*others, *together], []
            else:
                return [*done, *(await session.serve(others))]
            await session.say("rollback to savepoint together")
        return await session.serve([*together, *others])

    async def _turn(self, sites: Sequence[str]) -> tuple[Session, Turn]:
        """The writer's connection with a transaction that holds the clocks; nothing is lost if it breaks here."""
        until = monotonic() + self._limits.wait
        while True:
            session = await self._writer.session()
            try:
                return session, await begin(session, sites)
            except Broken:
                if monotonic() > until:
                    raise
            except BaseException:
                await session.undo()
                raise

    async def _end(self, session: Session, turn: Turn) -> dict[str, int] | None:
        """Commit; the numbers of the last changes, None where only that it was committed is known."""
        try:
            return await commit(session, turn)
        except Uncertain as uncertain:
            self._own.end(None)  # what others change must not wait for the answer, to be heard
            self._listening.turn_is_over()
            if await self._was_committed(uncertain.number):
                return None
            raise errors.StorageFailed(retry_after=1) from uncertain

    async def _was_committed(self, number: str) -> bool:
        """Ask the server, once it can be reached again. A commit is never sent a second time.

        Where the database is spread, the number is that of a machine behind the one that could be asked.
        """
        until = monotonic() + OUTCOME_PATIENCE
        while monotonic() < until and not self._is_spread:
            try:
                session = await self._writer.session()
                rows = await session.ask(OUTCOME, number, patience=self._limits.patience)
            except (Broken, errors.Unavailable, *REFUSALS) as error:
                if isinstance(error, asyncpg.PostgresError):
                    break
                rows = []
            match rows[0]["outcome"] if rows else "in progress":
                case "committed" | "aborted" as outcome:
                    return bool(outcome == "committed")
                case None:
                    break
                case _:
                    await asyncio.sleep(self._limits.poll)
        raise errors.StorageFailed(UNCERTAIN)


def _refuse(jobs: Sequence[Job], error: Exception) -> None:
    cause = error.__cause__ or error if isinstance(error, Broken) else error
    for job in jobs:
        if not job.finished:
            job.finish(error=complaint(cause))
