"""Who holds the turn to write to an SQLite file and who waits for it, as the kernel tells."""

from __future__ import annotations

import asyncio
import os
import secrets
import signal
from pathlib import Path

from tests.faults.asking import PATIENCE
from tests.faults.serving import Serving
from widget_server.opening import DATABASE

MOST = 5
"""Fewer milliseconds than these it may go on between two stops: on some machines it would never have its turn else."""


async def stop_in_its_turn(server: Serving) -> None:
    """Stop it with the lock in its hand."""
    async with asyncio.timeout(PATIENCE):
        while True:
            os.kill(server.pid, signal.SIGSTOP)
            while not _stands_still(server.pid):  # noqa: ASYNC110 - the kernel has no event
                await asyncio.sleep(0)
            if server.pid in _holders(server)[0]:
                return
            os.kill(server.pid, signal.SIGCONT)
            await asyncio.sleep(secrets.randbelow(MOST) / 1_000)


async def waits_for_its_turn(server: Serving) -> bool:
    """Whether it waits for a turn that somebody else has."""
    return server.pid in _holders(server)[1]


def _holders(server: Serving) -> tuple[set[int], set[int]]:
    """Processes that have the lock of the server's database, and those that wait for it (proc_locks(5))."""
    inode = str((server.data / f"{DATABASE}.lock").stat().st_ino)
    have: set[int] = set()
    wait: set[int] = set()
    for line in Path("/proc/locks").read_text(encoding="ascii").splitlines():
        words = line.split()[1:]
        waits = words[0] == "->"
        kind, _, _, process, place = words[1:6] if waits else words[:5]
        if kind == "FLOCK" and place.rpartition(":")[2] == inode:
            (wait if waits else have).add(int(process))
    return have, wait


def _stands_still(process: int) -> bool:
    """Whether each of its threads is stopped."""
    states = [
        (thread / "stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0]
        for thread in Path(f"/proc/{process}/task").iterdir()
    ]
    return set(states) == {"T"}
