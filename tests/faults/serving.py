"""A server as its owner runs it, in processes of its own: started, hurt, and started again on the same port."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from tests.faults.asking import PAGE, PATIENCE, SITE, Unanswered, get, until
from tools.ports import free_port

TRANSOM = Path(sys.executable).with_name("transom")
UNLIMITED: Mapping[str, str] = {
    f"TRANSOM_RATE_{name}": "1000000" for name in ("CLIENT", "PERSON", "SITE", "NEW", "READ")
}


class Serving:
    """`transom serve` on one folder and one port."""

    def __init__(self, data: Path, *, workers: int = 1, log: Path | None = None, **settings: str) -> None:
        """`log`: where it writes, by default beside the data; nothing runs before `start`."""
        self.data = data
        self.port = free_port()
        self._log = log or data.with_name(f"{data.name}.log")
        self._environment = {
            **os.environ,
            **UNLIMITED,
            "TRANSOM_DATA": str(data),
            "SERVED_ON": str(self.port),
        }
        self._environment |= {f"TRANSOM_{name.upper()}": value for name, value in settings.items()}
        self._words = [str(TRANSOM), "serve", "--port", str(self.port), "--workers", str(workers)]
        self._workers = workers
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        """The process that was started: the server, or the supervisor of its workers."""
        assert self.process is not None
        return self.process.pid

    @property
    def log(self) -> str:
        """What it wrote into its log, from the first start on."""
        return self._log.read_text(encoding="utf-8") if self._log.exists() else ""

    def furnish(self) -> None:
        """Make the site on which everybody meets."""
        words = [str(TRANSOM), "site", "create", SITE, "--origin", PAGE]
        done = subprocess.run(words, env=self._environment, check=False, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr

    def spawn(self) -> None:
        """Start it, and wait for nothing."""
        with self._log.open("ab") as log:
            self.process = subprocess.Popen(self._words, env=self._environment, stdout=log, stderr=log)

    async def start(self) -> None:
        """Start it; returns when it answers."""
        self.spawn()
        await self.ready()

    async def start_at_last(self) -> None:
        """Start it as a service manager does: again, while workers that a dead supervisor left have the port."""
        while True:
            told = len(self.log)
            self.spawn()
            await until(self._has_come)
            if not self.has_ended:
                return
            assert "Address already in use" in self.log[told:], self.log

    async def ready(self) -> None:
        """Return once it answers, with as many workers as it should have, and with none that a dead one left."""
        await until(self._is_ready)

    @property
    def has_ended(self) -> bool:
        """Whether it runs no more."""
        return self.process is not None and self.process.poll() is not None

    async def has_settled(self) -> bool:
        """Whether it answers, or has given up."""
        return self.has_ended or await self.answers()

    async def answers(self, path: str = "/healthz") -> bool:
        """Whether it says that it is well."""
        try:
            return (await get(self.port, path)).status == 200
        except Unanswered:
            return False

    def workers(self) -> list[int]:
        """The processes that serve for a supervisor, its own and those that a dead one left."""
        return [process for process in self._processes() if process != self.pid]

    def kill(self) -> None:
        """End it as the kernel does for want of memory: at once, with nothing said."""
        assert self.process is not None
        self.process.kill()
        self.process.wait(PATIENCE)

    async def stop(self) -> int:
        """Ask it to end; gives its status."""
        assert self.process is not None
        self.process.send_signal(signal.SIGTERM)
        return await asyncio.to_thread(self.process.wait, PATIENCE)

    def remove(self) -> None:
        """Leave nothing running."""
        for process in self._processes():
            os.kill(process, signal.SIGKILL)
        if self.process is not None:
            self.process.wait(PATIENCE)

    async def _is_ready(self) -> bool:
        assert self.process is not None
        assert self.process.poll() is None, self.log
        return self._is_complete() and await self.answers()

    async def _has_come(self) -> bool:
        return self.has_ended or await self._is_ready()

    def _is_complete(self) -> bool:
        workers = self.workers()
        own = [worker for worker in workers if _parent(worker) == self.pid]
        return workers == own and len(own) == (self._workers if self._workers > 1 else 0)

    def _processes(self) -> list[int]:
        """All that were started, here or by one another, and have not ended."""
        mark = f"SERVED_ON={self.port}".encode()
        found = []
        for folder in Path("/proc").glob("[0-9]*"):
            with suppress(OSError):  # it has ended, or is somebody else's
                if mark in (folder / "environ").read_bytes().split(b"\0"):
                    found.append(int(folder.name))
        return found


def _parent(process: int) -> int:
    try:
        after_name = Path(f"/proc/{process}/stat").read_text(encoding="utf-8").rpartition(")")[2]
    except OSError:  # it has ended
        return 0
    return int(after_name.split()[1])
