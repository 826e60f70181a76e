"""Generations: whether what a process keeps was made before another process of this machine changed it.

A small file that all processes of one data folder map into memory. A commit writes the time into the slots of what it
changed, before its answer goes out; whoever keeps something remembers what stood in its slots before the data was read,
and finds it stale once that differs. So a look costs no request to the database, and a reader sees each write that was
answered, whichever process answers the reader.
"""

from __future__ import annotations

import struct
import time
import zlib
from collections.abc import Iterable

from widget_server.store.shared import Shared

SLOTS = 1 << 16
"""Two subjects may have the same one: then a change of one makes the other's pages anew, and nothing worse."""

SIZE = SLOTS * 8

EVER = 0
"""The slot of any change at all."""

Stamp = tuple[tuple[int, int], ...]
"""Slots, and what stood in them."""

NEVER: Stamp = ((EVER, -1),)
"""What no file holds."""

GENERATIONS = ("generations", SIZE)
"""The file's name in the data folder, and its size."""

RECENT = 500_000_000
"""Nanoseconds."""


class Generations:
    """The slots of one data folder."""

    def __init__(self, shared: Shared) -> None:
        """`shared` has `SIZE` bytes."""
        self._shared = shared
        self._slots = memoryview(shared.memory).cast("Q")

    def close(self) -> None:
        """Give the memory back."""
        self._slots.release()
        self._shared.close()

    def stamp(self, slots: Iterable[int]) -> Stamp:
        """What stands in the slots; take it before the data is read."""
        return tuple([(slot, self._slots[slot]) for slot in slots])

    def holds(self, stamp: Stamp) -> bool:
        """Whether nothing was written into the slots since."""
        slots = self._slots
        for slot, token in stamp:  # noqa: SIM110 - a generator would take thrice the time, on each page read
            if slots[slot] != token:
                return False
        return True

    def bump(self, site: str, subject: str, choice: str | None = None) -> None:
        """Tell all processes of a change, as `House.announce` is told of it.

        The slot of any change comes first, and those that are more exact last: who finds the former unchanged after
        looking at the latter knows that these are as old.
        """
        page, write = page_slot(site, subject), self._shared.write
        now = struct.pack("=Q", time.monotonic_ns())
        write(EVER, now)
        write(8 * page, now)
        if subject:
            write(8 * part_slot(page, choice), now)

    def is_recent(self, site: str, subject: str) -> bool:
        """Whether a process told of a change of this subject a moment ago."""
        return 0 <= time.monotonic_ns() - self._slots[page_slot(site, subject)] < RECENT


def page_slot(site: str, subject: str) -> int:
    """The slot of whatever changes about a subject; the subject `""` stands for the whole site."""
    return _slot(zlib.crc32(f"{site}\0{subject}".encode()))


def part_slot(page: int, choice: str | None) -> int:
    """The slot of the choices made with one widget on a page, or (None) of all that is no choice."""
    return _slot(zlib.crc32(b"" if choice is None else choice.encode(), page + 1))


def _slot(number: int) -> int:
    return number % (SLOTS - 1) + 1
