"""Hearing what other processes changed: woken by NOTIFY, told by the table of changes."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping, Sequence
from contextlib import suppress
from itertools import islice
from math import inf
from time import monotonic

import asyncpg

from widget_server import errors
from widget_server.store.changes import REST_EACH, Heard, Listeners, Own
from widget_server.store.limits import Limits
from widget_server.store.postgres_complaints import REFUSALS
from widget_server.store.postgres_line import Line
from widget_server.store.postgres_session import Broken, Session
from widget_server.store.postgres_turn import CHANNEL

REST = 0.25
"""Seconds between two looks at every site where notifications come as well: should one be lost, the change is still
seen."""

SPACING = 0.005
"""Seconds between two looks, however many notifications come."""

PATIENCE = 1.0
"""Seconds that a look may take, before the line is given up."""

MOST_SITES = 1_000
"""Sites that are asked after in one go."""

CLOCKS = "select site, seq from change_clock"
CHANGED = "select site, subject, seq from changes where site = $1::text and seq > $2::bigint order by seq"


class OwnTurns(Own):
    """The changes of a process that holds its sites' clocks while it writes: all that come in its turn."""

    def __init__(self) -> None:
        super().__init__()
        self._turn: Mapping[str, int] = {}

    def sure_until(self, site: str) -> float:
        """The number up to which one can say whose a change is: this process may be writing the later ones."""
        return self._turn.get(site, inf)

    def begin(self, seqs: Mapping[str, int]) -> None:
        """This process's turn begins, for each site after the change of that number."""
        self._turn = seqs

    def end(self, numbers: Mapping[str, int] | None) -> None:
        """It ends with these changes; None: with nothing, or nobody knows."""
        self.add(numbers or {})
        self._turn = {}


class Listening:
    """A line of its own on which notifications come; where the engine has none, looks at short intervals."""

    def __init__(self, line: Line, limits: Limits, listeners: Listeners, own: OwnTurns, sender: str) -> None:
        self.heard = Heard(own, listeners, {})
        self._line = line
        self._limits = limits
        self._own = own
        self._sender = sender
        self._listens_on: Session | None = None
        self._stirred = asyncio.Event()
        self._due: set[str] = set()
        """Sites that are to be looked at now."""
        self._left: set[str] = set()
        """Those whose changes may be this process's own, until its turn is over."""
        self._look_at_all = -inf
        """When every site is to be looked at."""
        self._rest = REST

    async def run(self) -> None:
        """Go on until cancelled; what happens while the line is broken is told once it is mended."""
        while True:
            self._stirred.clear()
            try:
                await self._look()
            except (errors.Unavailable, Broken, *REFUSALS):
                self._look_at_all = -inf
                await asyncio.sleep(self._limits.poll)  # not migrated yet, or away; the next look tells it
            await asyncio.sleep(SPACING)
            with suppress(TimeoutError):
                async with asyncio.timeout(max(0.0, self._look_at_all - monotonic())):
                    await self._stirred.wait()

    def turn_is_over(self) -> None:
        """Look now at what was left until then."""
        if self._left:
            self._due |= self._left
            self._left = set()
            self._stirred.set()

    async def _look(self) -> None:
        session = await self._line.session()
        if session is not self._listens_on:
            await self._listen(session)
        due = {site: self.heard.seen.get(site, 0) for site in self._due}
        self._due = set()
        if monotonic() >= self._look_at_all:
            rows = await self._asked(session, CLOCKS, [()])
            due |= self.heard.moved({row["site"]: row["seq"] for row in rows})
            self._look_at_all = monotonic() + max(self._rest, REST_EACH * len(rows))
        waiting = iter(due.items())
        while some := list(islice(waiting, MOST_SITES)):
            rows = await self._asked(session, CHANGED, some)
            # All of such a site is left: an own change may stand where another's did, of a lower number.
            left = {row["site"] for row in rows if row["seq"] > self._own.sure_until(row["site"])}
            self._left |= left
            self.heard.tell(row for row in rows if row["site"] not in left)

    async def _asked(
        self, session: Session, question: str, values: Sequence[Sequence[object]]
    ) -> Sequence[asyncpg.Record]:
        try:
            return await session.ask_many(question, values, PATIENCE)
        except TimeoutError:
            session.connection.terminate()  # cut off somewhere on the way: the next look makes a new one
            raise

    async def _listen(self, session: Session) -> None:
        self._look_at_all = -inf  # what was told until now, nobody heard
        try:
            await session.connection.add_listener(CHANNEL, self._notified)
            self._rest = REST
        except (asyncpg.FeatureNotSupportedError, asyncpg.PostgresSyntaxError):
            self._rest = self._limits.poll
        self._listens_on = session

    def _notified(self, *told: object) -> None:
        *_, payload = told  # behind the connection, the process and the channel
        try:
            sender, *sites = json.loads(str(payload))
        except (ValueError, TypeError):
            sender, sites = "", []
        if sender == self._sender:
            return
        if not sites:
            self._look_at_all = -inf
        self._due.update(map(str, sites))
        self._stirred.set()
