"""Generations: whether what a process keeps was made before another process of this machine changed it.

A small file that all processes of one data folder map into memory. A commit writes the time into the slots of what it
changed, before its answer goes out; whoever keeps something remembers what stood in its slots before the data was read,
and finds it stale once that differs. So a look costs no request to the database, and a reader sees each write that was
answered, whichever process answers the reader.
"""

from __future__ import annotations

import logging
import mmap
import os
import struct
import tempfile
import time
import zlib
from collections.abc import Iterable
from pathlib import Path

logger = logging.getLogger(__name__)

SLOTS = 1 << 16
"""Two subjects may have the same one: then a change of one makes the other's pages anew, and nothing worse."""

SIZE = SLOTS * 8

EVER = 0
"""The slot of any change at all."""

Stamp = tuple[tuple[int, int], ...]
"""Slots, and what stood in them."""

NEVER: Stamp = ((EVER, -1),)
"""What no file holds."""

FILE = "generations"
"""Its name in the data folder."""

RECENT = 500_000_000
"""Nanoseconds."""


class Generations:
    """The slots of one data folder."""

    def __init__(self, file: Path | None = None) -> None:
        """`file` is made where it is not there; None: slots for this process alone. Raises `OSError`."""
        if file is None:
            with tempfile.TemporaryFile() as own:
                self._descriptor = os.dup(own.fileno())
        else:
            self._descriptor = os.open(file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            if os.fstat(self._descriptor).st_size < SIZE:
                os.ftruncate(self._descriptor, SIZE)
            self._map = mmap.mmap(self._descriptor, SIZE, prot=mmap.PROT_READ)
        except BaseException:
            os.close(self._descriptor)
            raise
        self._slots = memoryview(self._map).cast("Q")
        self._is_broken = False

    def close(self) -> None:
        """Give the file back."""
        self._slots.release()
        self._map.close()
        os.close(self._descriptor)

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
        page = page_slot(site, subject)
        now = struct.pack("=Q", time.monotonic_ns())
        try:
            os.pwrite(self._descriptor, now, EVER)
            os.pwrite(self._descriptor, now, 8 * page)
            if subject:
                os.pwrite(self._descriptor, now, 8 * part_slot(page, choice))
        except OSError:  # a full disk, say: then the others hear of it by what `Database.listen` tells them
            if not self._is_broken:
                logger.exception("other processes hear late of what this one changes")
            self._is_broken = True
        else:
            self._is_broken = False

    def is_recent(self, site: str, subject: str) -> bool:
        """Whether a process told of a change of this subject a moment ago."""
        return 0 <= time.monotonic_ns() - self._slots[page_slot(site, subject)] < RECENT


def open_generations(folder: Path) -> Generations:
    """Those of a data folder; where nothing can be written there, slots for this process alone."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        return Generations(folder / FILE)
    except OSError as error:
        message = "other processes hear late of what this one changes: %s cannot be made (%s)"
        logger.warning(message, folder / FILE, error.strerror)
        return Generations()


def page_slot(site: str, subject: str) -> int:
    """The slot of whatever changes about a subject; the subject `""` stands for the whole site."""
    return _slot(zlib.crc32(f"{site}\0{subject}".encode()))


def part_slot(page: int, choice: str | None) -> int:
    """The slot of the choices made with one widget on a page, or (None) of all that is no choice."""
    return _slot(zlib.crc32(b"" if choice is None else choice.encode(), page + 1))


def _slot(number: int) -> int:
    return number % (SLOTS - 1) + 1
