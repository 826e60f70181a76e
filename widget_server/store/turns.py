"""Processes that share one database file take turns, in the order in which they came.

SQLite's own busy handler sleeps and tries again, so that of two busy processes one starves; the kernel's
queue for a file lock is fair, and a process that dies gives its turn back.
"""

from __future__ import annotations

import os
from pathlib import Path
from types import TracebackType

try:
    import fcntl
except ImportError:  # where there is no flock, SQLite's busy_timeout alone keeps writers apart
    fcntl = None  # type: ignore[assignment]


class Turns:
    """A lock on a side file, which blocks: for the writer's thread, never for the event loop."""

    def __init__(self, path: Path) -> None:
        # Never the database file itself: closing a descriptor of it drops SQLite's locks in this process.
        self._descriptor = os.open(path, os.O_RDWR | os.O_CREAT | getattr(os, "O_CLOEXEC", 0), 0o600)

    def __enter__(self) -> None:
        if fcntl is not None:
            fcntl.flock(self._descriptor, fcntl.LOCK_EX)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if fcntl is not None:
            fcntl.flock(self._descriptor, fcntl.LOCK_UN)

    def close(self) -> None:
        """Give the file back."""
        os.close(self._descriptor)
