"""The contract of a database: four verbs, and transactions that are generators."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Hashable, Sequence
from dataclasses import dataclass
from math import inf
from typing import Generic, Protocol, TypeVar

from widget_server.vocabulary import Transaction

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Change:
    """Something about this subject changed; the subject `""` stands for the whole site."""

    site: str
    subject: str


@dataclass(frozen=True, slots=True)
class Apart(Generic[T]):
    """A write transaction that may be begun anew, and done in step with others of other keys.

    It reads what belongs to its key, and what none of its kind changes; what it changes beside that it only adds to
    (a row of its own, `count = count + 1`). So it matters to none of them in which order their statements are done.
    A database may use this to do many at a time, or not.
    """

    begin: Callable[[], Transaction[T]]
    key: Hashable

    def close(self) -> None:
        """It is not begun, so there is nothing to end."""


BATCHES = (1, 2, 4, 8, 16, 32, 64, inf)
"""Sizes by which commits are counted: at most so many writes."""


@dataclass(frozen=True, slots=True)
class Load:
    """How much a database has to write."""

    waiting: int
    """Writes that wait to be begun."""
    most: int
    """So many may wait; further ones are refused."""
    writes: int
    """Writes that were begun, since it was opened."""
    commits: tuple[int, ...]
    """The commits that these shared, by their size: as many numbers as `BATCHES` has."""


class Database(Protocol):
    """Runs transactions. Each is a generator that yields statements and is sent their rows.

    A statement is one `select`, `insert`, `update`, `delete` or `with`; to learn what a write did, use
    `returning`. One that fails raises at its `yield` as an error of `widget_server.errors` (`Conflict` for a
    unique or foreign key). The transaction may raise a better one instead; it cannot go on.
    The code between two yields must be quick, and touch nothing shared: it runs on the database's thread, or on
    the event loop. Where the caller names a patience it may take its time, and runs on a thread in any case.
    What writes is about one site, which its first statement names by the parameter `site`: writes of one site are made
    one after the other, those of two may be made at once. What comes before the first statement may be run once more.
    """

    async def read(self, transaction: Transaction[T], *, patience: float | None = None) -> T:
        """Run it on one consistent snapshot, which holds every write that was acknowledged before.

        Raises what the transaction raises, `Overloaded` when too many wait, `StorageFailed` when it takes
        more than `patience` seconds (None: the database's own limit) or tries to write.
        """
        ...

    async def write(
        self,
        transaction: Transaction[T] | Apart[T],
        *,
        patience: float | None = None,
        tell: Callable[[T], object] | None = None,
    ) -> T:
        """Run it whole or not at all; it is durable when this returns.

        Raises what the transaction raises, rolled back; `Overloaded` when too many wait or the turn does not
        come; `StorageFull`, `StorageReadOnly`, `StorageFailed`, and then nothing of it is kept. A caller that
        is cancelled does not learn whether it was done; `tell` does: it gets the result of whatever is done, on
        the event loop and before the caller has it.
        """
        ...

    def listen(self) -> AsyncIterator[Sequence[Change]]:
        """What other processes changed, from now on, soon after their commit; ends at `close`.

        What this one changed comes too, where it may hide that another one changed the same before.
        """
        ...

    def load(self) -> Load:
        """What waits to be written, and how writes shared commits."""
        ...

    async def close(self) -> None:
        """Finish what waits, then refuse everything; closing twice is harmless."""
        ...
