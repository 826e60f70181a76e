"""Shared memory: a small file of the data folder, which all processes that use the folder map."""

from __future__ import annotations

import ctypes
import logging
import mmap
import os
import tempfile
from collections.abc import Callable
from pathlib import Path

logger = logging.getLogger(__name__)


FLAGS = os.O_RDWR | os.O_CREAT | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)

CLOSED = -1
"""No descriptor: one that was given back may be another file's by now, which a late word must not be written into."""


class Shared:
    """Some bytes that every process reads as memory.

    They are written as a file is, which costs a microsecond more: a full disk is an error then, and not the end of the
    process. What was there stays there, also over a restart, and nothing may rely on that.
    """

    def __init__(self, file: Path | None, size: int) -> None:
        """`file` is made where it is not there, all zero; None: for this process alone. Raises `OSError`."""
        self._name = file
        self._is_broken = False
        if file is None:
            with tempfile.TemporaryFile() as own:
                self._descriptor = os.dup(own.fileno())
        else:
            self._descriptor = os.open(file, FLAGS, 0o600)
        try:
            _take(self._descriptor, size)
            self.memory = mmap.mmap(self._descriptor, size, access=mmap.ACCESS_READ)
        except BaseException:
            os.close(self._descriptor)
            raise

    def write(self, place: int, data: bytes) -> None:
        """Write there, for all to see; where it cannot be, the log says so, once."""
        try:
            _put(self._descriptor, data, place)
        except OSError as error:
            if not self._is_broken:
                logger.error("the processes of this folder cannot share %s (%s)", self._name, error.strerror)  # noqa: TRY400 - the reason is all there is to say
            self._is_broken = True

    def close(self) -> None:
        """Give the file back."""
        self.memory.close()
        descriptor, self._descriptor = self._descriptor, CLOSED
        os.close(descriptor)


def _held_write() -> Callable[[int, bytes, int, int], int] | None:
    """The system's own `pwrite`, called without giving Python's lock to another thread; None where it may differ.

    The eight or forty bytes are a microsecond's work. Whoever gives the lock away for that waits for it far longer
    while another thread works, and a write to the database does so seven times.
    """
    if ctypes.sizeof(ctypes.c_void_p) < ctypes.sizeof(ctypes.c_int64):
        return None  # where addresses have 32 bits, places in files may have as many
    try:
        found = ctypes.PyDLL(None).pwrite
    except (AttributeError, OSError, TypeError):  # the last on Windows, where nothing has no name
        return None
    found.argtypes = (ctypes.c_int, ctypes.c_char_p, ctypes.c_size_t, ctypes.c_int64)
    found.restype = ctypes.c_ssize_t
    return found


_held = _held_write()


def _put(descriptor: int, data: bytes, place: int) -> None:
    if not hasattr(
        os, "pwrite"
    ):  # on Windows, where one thread writes, and no other process does at the same time
        os.lseek(descriptor, place, os.SEEK_SET)
        os.write(descriptor, data)
    elif _held is None or _held(descriptor, data, len(data), place) != len(data):
        os.pwrite(descriptor, data, place)  # which says what is wrong


def _take(descriptor: int, size: int) -> None:
    """Take the space now: on some disks, looking at what was never written needs space, and ends the process."""
    if hasattr(os, "posix_fallocate"):
        os.posix_fallocate(descriptor, 0, size)
    elif os.fstat(descriptor).st_size < size:
        os.ftruncate(descriptor, size)


def open_shared(folder: Path, name: str, size: int) -> Shared:
    """Bytes of a data folder; where nothing can be written there, for this process alone."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        return Shared(folder / name, size)
    except OSError as error:
        logger.warning("other processes cannot share %s (%s)", folder / name, error.strerror)
        return Shared(None, size)
