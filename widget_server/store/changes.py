"""Who changed what last: a row in the writer's transaction, read by the processes beside it."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Iterable, Sequence
from weakref import WeakSet

from widget_server.store.database import Change
from widget_server.vocabulary import Transaction, sql


def touched(site: str, subject: str) -> Transaction[None]:
    """Note, within a write, that the subject changed (`""`: the whole site), for the other processes."""
    yield sql("update change_clock set seq = seq + 1 where site = ''")
    yield sql(
        """
        insert into changes (site, subject, seq)
        select :site, :subject, seq from change_clock where site = ''
        on conflict (site, subject) do update set seq = excluded.seq
        """,
        site=site,
        subject=subject,
    )


MOST_OWN = 10_000
"""Commits of its own that a process remembers until they are looked through."""

NOTES = frozenset(statement.text for statement in touched("", ""))
"""What a writer may do once for all transactions that it commits together: they become visible together."""


def latest() -> Transaction[int]:
    """The number of the last change."""
    rows = yield sql("select seq from change_clock where site = ''")
    return int(rows[0]["seq"])


def changed_since(seq: int) -> Transaction[Sequence[tuple[int, Change]]]:
    """What changed after that number, oldest first, each subject once, with the number of its last change."""
    rows = yield sql("select site, subject, seq from changes where seq > :seq order by seq", seq=seq)
    return [(row["seq"], Change(row["site"], row["subject"])) for row in rows]


class Own:
    """Which changes a process made itself, by their numbers: those before its commits and at their ends, in order."""

    def __init__(self) -> None:
        self._ranges: deque[tuple[int, int]] = deque(maxlen=MOST_OWN)

    def add(self, after: int, until: int) -> None:
        """A commit gives the numbers after the one, up to the other."""
        self._ranges.append((after, until))

    def take_back(self, after: int, until: int) -> None:
        """That commit failed."""
        self._ranges.remove((after, until))

    def unbroken(self, seen: int) -> int:
        """The number up to which all changes after the one `seen` are the process's own.

        Behind a change of somebody else's its own ones may hide another: of each subject only the last change is kept,
        and who made it need not know of the former.
        """
        for after, until in tuple(self._ranges):
            if after > seen:
                break
            seen = max(seen, until)
        return seen

    def forget(self, seq: int) -> None:
        """Let go of what is older: it has been looked through."""
        while self._ranges and self._ranges[0][1] <= seq:
            self._ranges.popleft()


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
