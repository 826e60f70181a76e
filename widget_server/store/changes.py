"""Who changed what last: rows in the writer's transaction, numbered site by site, read by the processes beside it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from weakref import WeakSet

from widget_server.store.database import Change
from widget_server.vocabulary import Row, Transaction, sql


def touched(site: str, subject: str) -> Transaction[None]:
    """Note, within a write, that the subject changed (`""`: the whole site), for the other processes."""
    yield sql(
        """
        insert into change_clock (site, seq) values (:site, 1)
        on conflict (site) do update set seq = change_clock.seq + 1 returning site, seq
        """,
        site=site,
    )
    yield sql(
        """
        insert into changes (site, subject, seq)
        select :site, :subject, seq from change_clock where site = :site
        on conflict (site, subject) do update set seq = excluded.seq
        """,
        site=site,
        subject=subject,
    )


MOST_OWN = 10_000
"""Commits of its own that a process remembers, for each site, until they are looked through."""

REST_EACH = 40e-6
"""Seconds of rest after a look, for each site that was looked at: reading its number takes a twentieth of that."""

NOTES = frozenset(statement.text for statement in touched("", ""))
"""What a writer does once for all transactions that it commits together, at their end: they become visible together.

So a commit moves the number of each site that it changes by one.
"""


def clocks() -> Transaction[dict[str, int]]:
    """The number of the last change of each site."""
    rows = yield sql("select site, seq from change_clock")
    return {row["site"]: row["seq"] for row in rows}


class Own:
    """Which changes a process made itself, by their numbers; told on the writer's thread, asked on the event loop."""

    def __init__(self) -> None:
        self._numbers: dict[str, set[int]] = {}

    def add(self, numbers: Mapping[str, int]) -> None:
        """A commit gives each of these sites this number."""
        for site, seq in numbers.items():
            mine = self._numbers.setdefault(site, set())
            if len(mine) >= MOST_OWN:
                mine.clear()  # they are told as others' are, which costs a look
            mine.add(seq)

    def take_back(self, numbers: Mapping[str, int]) -> None:
        """That commit failed."""
        for site, seq in numbers.items():
            self._numbers[site].discard(seq)

    def unbroken(self, site: str, seen: int) -> int:
        """The number up to which all changes of the site after the one `seen` are the process's own.

        Behind a change of somebody else's its own ones may hide another: of each subject only the last change is kept,
        and who made it need not know of the former.
        """
        mine = self._numbers.get(site, ())
        while seen + 1 in mine:
            seen += 1
        return seen

    def forget(self, site: str, after: int, until: int) -> None:
        """Let go of these: they have been looked through."""
        mine = self._numbers.get(site)
        if mine:
            mine.difference_update(range(after + 1, until + 1))


class Heard:
    """How far a process has looked, site by site; what comes behind that is told, unless it is the process's own.

    A site's changes become visible in the order of their numbers, since whoever makes them has its turn until the
    commit: who has seen one has seen all before it. Between two sites there is no order, and none is needed.
    """

    def __init__(self, own: Own, listeners: Listeners, seen: Mapping[str, int]) -> None:
        self.seen = dict(seen)
        self._own = own
        self._listeners = listeners

    def moved(self, numbers: Mapping[str, int]) -> dict[str, int]:
        """The sites in which others changed something, as their last numbers say, and up to where each was seen."""
        found = {}
        for site, seq in numbers.items():
            seen = self.seen.get(site, 0)
            if seq > seen and self._own.unbroken(site, seen) < seq:
                found[site] = seen
            elif seq > seen:
                self._see(site, seq)
        return found

    def tell(self, rows: Iterable[Row]) -> None:
        """Tell of the rows that were found behind what was seen: all of a site up to some number."""
        changes = []
        own: dict[str, int] = {}
        last: dict[str, int] = {}
        for row in rows:
            site, seq = row["site"], row["seq"]
            if site not in own:
                own[site] = self._own.unbroken(site, self.seen.get(site, 0))
            if seq > own[site]:
                changes.append(Change(site, row["subject"]))
            last[site] = max(seq, last.get(site, 0))
        self._listeners.publish(changes)
        for site, seq in last.items():
            self._see(site, seq)

    def _see(self, site: str, seq: int) -> None:
        self._own.forget(site, self.seen.get(site, 0), seq)
        self.seen[site] = max(seq, self.seen.get(site, 0))


class Listeners:
    """Those who want to hear of changes; what one has not fetched yet is kept once for each subject."""

    def __init__(self) -> None:
        # Weak, so that an iterator that was dropped before its first step leaves nothing behind.
        self._inboxes: WeakSet[_Inbox] = WeakSet()
        self._closed = False

    def __len__(self) -> int:
        return len(self._inboxes)

    def listen(self) -> AsyncIterator[Sequence[Change]]:
        """An iterator that hears everything published from this call on."""
        inbox = _Inbox()
        if self._closed:
            inbox.close()
        else:
            self._inboxes.add(inbox)
        return inbox.fetch()

    def publish(self, changes: Iterable[Change]) -> None:
        """Tell all who listen; on the event loop."""
        told = tuple(changes)
        for inbox in tuple(self._inboxes) if told else ():
            inbox.put(told)

    def close(self) -> None:
        """End every iterator once it has given out what it holds."""
        self._closed = True
        for inbox in tuple(self._inboxes):
            inbox.close()


class _Inbox:
    def __init__(self) -> None:
        self._held: dict[Change, None] = {}
        self._stirred = asyncio.Event()
        self._closed = False

    def put(self, changes: Sequence[Change]) -> None:
        self._held.update(dict.fromkeys(changes))
        self._stirred.set()

    def close(self) -> None:
        self._closed = True
        self._stirred.set()

    async def fetch(self) -> AsyncIterator[Sequence[Change]]:
        while True:
            await self._stirred.wait()
            if self._held:
                held, self._held = tuple(self._held), {}
                yield held
            elif self._closed:
                return
            else:
                self._stirred.clear()
