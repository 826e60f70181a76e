"""A line to PostgreSQL: a connection that is made when it is needed, and made anew when it broke."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable
from contextlib import suppress
from time import monotonic

import asyncpg

from widget_server import errors
from widget_server.store.limits import Limits
from widget_server.store.postgres_complaints import REFUSALS, complaint, is_passing
from widget_server.store.postgres_session import Broken, Connection, Session

PAUSES = (0.02, 0.05, 0.1, 0.25)
"""Seconds between attempts to connect; the last one goes on."""

LEAST = 1.0
"""Seconds that an attempt to connect may take, however long the line has been down."""

STATEMENTS = 1_024
"""Statements that one connection keeps prepared."""

IDLE_SECONDS = 60
"""Seconds between two statements after which the server ends a transaction: its process hangs, or is cut off."""

END_FORMER = """
select pg_terminate_backend(pid) as ended from pg_stat_activity
where application_name = $1::text and pid <> pg_backend_pid()
"""
"""A connection that broke here may live on there, cut off, and keep what it had locked."""


class Line:
    """At most one connection at a time; whoever uses it has it alone."""

    def __init__(self, url: str, limits: Limits, clock: Callable[[], float] = monotonic) -> None:
        self._url = url
        self._limits = limits
        self._clock = clock
        self._name = f"transom {secrets.token_hex(6)}"
        self._session: Session | None = None
        self._is_first = True
        self._down: float | None = None
        """Since when no connection could be had."""

    async def session(self) -> Session:
        """The connection; where it broke, a new one.

        A short absence is waited out: half of the time that a transaction may wait, so that those who do are told what
        is wrong, and not that there are many. Raises `StorageFailed` from then on, and at once where another attempt
        would not help.
        """
        if self._session is None or not self._session.usable:
            self._session = await self._connected()
        return self._session

    async def close(self) -> None:
        """Give the connection back, where there is one."""
        session, self._session = self._session, None
        if session is not None:
            await session.close()

    async def _connected(self) -> Session:
        self._down = self._down or self._clock()
        until = self._down + self._limits.wait / (1 if self._is_first else 2)
        for attempt in range(1_000_000):
            left = until - self._clock()
            try:
                session = await self._attempt(max(left, LEAST))
            except ValueError as error:  # the driver cannot read it; what it says may repeat it
                message = "The address of the database is not one like postgresql://USER@HOST/NAME."
                raise errors.SettingInvalid(message) from error
            except (Broken, *REFUSALS) as error:
                pause = PAUSES[min(attempt, len(PAUSES) - 1)]
                cause = error.__cause__ if isinstance(error, Broken) and error.__cause__ else error
                if left < pause or not is_passing(cause):
                    raise complaint(cause) from cause
                await asyncio.sleep(pause)
            else:
                self._down = None
                return session
        raise AssertionError

    async def _attempt(self, within: float) -> Session:
        connection: Connection = await asyncpg.connect(
            self._url,
            timeout=within,
            statement_cache_size=STATEMENTS,
            max_cached_statement_lifetime=0,
            max_cacheable_statement_size=0,
        )
        session = Session(connection, self._limits)
        try:
            await self._settle(session)
        except BaseException:
            connection.terminate()
            raise
        return session

    async def _settle(self, session: Session) -> None:
        wait = round(self._limits.wait * 1_000)
        # Said and not given as options of the connection, which a pooler in between may refuse.
        await session.say(
            f"set application_name = '{self._name}'; set lock_timeout = {wait}; set jit = off;"
            f" set idle_in_transaction_session_timeout = '{IDLE_SECONDS}s'; set time zone 'UTC'"
        )
        await session.connection.set_type_codec(
            "numeric", schema="pg_catalog", encoder=str, decoder=_number, format="text"
        )
        if not self._is_first:
            with suppress(asyncpg.PostgresError):  # an engine that has no such list has ended it by itself
                await session.ask(END_FORMER, self._name)
        self._is_first = False


def _number(text: str) -> int | float:
    """A sum of whole numbers is a whole number, as in SQLite."""
    return float(text) if "." in text else int(text)
