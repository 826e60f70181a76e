"""Hearing what other processes changed: woken by NOTIFY, told by the table of changes."""

from __future__ import annotations

import asyncio
from math import inf

import asyncpg

from widget_server import errors
from widget_server.store.changes import Listeners, Own
from widget_server.store.database import Change
from widget_server.store.limits import Limits
from widget_server.store.postgres_complaints import REFUSALS
from widget_server.store.postgres_line import Line
from widget_server.store.postgres_session import CHANNEL, Broken, Session

REST = 0.25
"""Seconds between two looks where notifications come as well: should one be lost, the change is still seen."""

SPACING = 0.005
"""Seconds between two looks, however many notifications come."""


PATIENCE = 1.0
"""Seconds that a look may take, before the line is given up."""

CHANGED = "select site, subject, seq from changes where seq > $1::bigint order by seq"


class OwnTurns(Own):
    """The changes of a process that holds the clock while it writes: all numbers from its turn to its commit."""

    def __init__(self) -> None:
        super().__init__()
        self._turn: int | None = None

    @property
    def sure_until(self) -> float:
        """The number up to which one can say whose a change is: this process may be writing the later ones."""
        return inf if self._turn is None else self._turn

    def begin(self, seq: int) -> None:
        """This process's turn begins after the change of that number."""
        self._turn = seq

    def end(self, seq: int | None) -> None:
        """It ends with the change of that number; None: with nothing, or nobody knows."""
        if seq is not None and self._turn is not None and seq > self._turn:
            self.add(self._turn, seq)
        self._turn = None


class Listening:
    """A line of its own on which notifications come; where the engine has none, looks at short intervals."""

    def __init__(self, line: Line, limits: Limits, listeners: Listeners, own: OwnTurns, sender: str) -> None:
        self.seen = 0
        """The last change that was looked at."""
        self.stirred = asyncio.Event()
        self.is_left = False
        """Whether changes wait to be told until this process's turn is over, since they may be its own."""
        self._line = line
        self._limits = limits
        self._listeners = listeners
        self._own = own
        self._sender = sender
        self._listens_on: Session | None = None
        self._rest = REST

    async def run(self) -> None:
        """Go on until cancelled; what happens while the line is broken is told once it is mended."""
        while True:
            self.stirred.clear()
            try:
                await self._look()
            except (errors.Unavailable, Broken, *REFUSALS):
                await asyncio.sleep(self._limits.poll)  # not migrated yet, or away; the next look tells it
            await asyncio.sleep(SPACING)
            try:
                async with asyncio.timeout(self._rest):
                    await self.stirred.wait()
            except TimeoutError:
                continue

    async def _look(self) -> None:
        session = await self._line.session()
        if session is not self._listens_on:
            await self._listen(session)
        try:
            rows = await session.ask(CHANGED, self.seen, patience=PATIENCE)
        except TimeoutError:
            session.connection.terminate()  # cut off somewhere on the way: the next look makes a new one
            raise
        sure = [row for row in rows if row["seq"] <= self._own.sure_until]
        self.is_left = len(sure) < len(rows)
        told = self._own.unbroken(self.seen)
        self._listeners.publish(Change(row["site"], row["subject"]) for row in sure if row["seq"] > told)
        self.seen = sure[-1]["seq"] if sure else self.seen
        self._own.forget(self.seen)

    async def _listen(self, session: Session) -> None:
        try:
            await session.connection.add_listener(CHANNEL, self._notified)
            self._rest = REST
        except (asyncpg.FeatureNotSupportedError, asyncpg.PostgresSyntaxError):
            self._rest = self._limits.poll
        self._listens_on = session

    def _notified(self, *told: object) -> None:
        *_, payload = told  # behind the connection, the process and the channel
        if not str(payload).startswith(self._sender):
            self.stirred.set()
