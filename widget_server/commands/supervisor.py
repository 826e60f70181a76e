"""The supervisor of `transom serve --workers`: starts workers, restarts those that die, renews them, drains them."""

from __future__ import annotations

import asyncio
import logging
import signal
import socket
import sys
from collections import deque
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from widget_server.commands.worker import Order
from widget_server.web.metrics import fold

logger = logging.getLogger(__name__)

SILENCE = 30.0
"""Seconds without a sign of life after which a worker hangs, and is killed."""

START = 60.0
"""Seconds within which a worker must serve."""

MARGIN = 5.0
"""Seconds for closing the database, beyond those for requests under way."""

MOST_DEATHS = 5
"""Deaths of one worker within a minute after which the supervisor gives up."""

MINUTE = 60.0
FIRST_PAUSE = 0.1
"""Seconds before a worker that died is started again; each further death within a minute doubles them."""


class Worker:
    """One worker's process, and our end of the pair of sockets between us."""

    def __init__(
        self,
        process: asyncio.subprocess.Process,
        streams: tuple[asyncio.StreamReader, asyncio.StreamWriter],
        grace: float,
    ) -> None:
        """`grace`: seconds that it has to drain."""
        self._process = process
        self._reader, self._writer = streams
        self._grace = grace
        self._is_told = False
        self._serves = asyncio.Event()
        self._life = asyncio.create_task(self._live())

    @property
    def pid(self) -> int:
        """The number of its process."""
        return self._process.pid

    async def started(self) -> bool:
        """Whether it serves, once it does; False when it ended before."""
        serves = asyncio.create_task(self._serves.wait())
        await asyncio.wait({serves, self._life}, return_when=asyncio.FIRST_COMPLETED)
        serves.cancel()
        return self._serves.is_set()

    async def ended(self) -> int:
        """Its exit status, once it has one."""
        return await asyncio.shield(self._life)

    def stop(self) -> None:
        """Tell it to drain; one that takes too long is killed."""
        if not self._is_told:
            self._is_told = True
            with suppress(OSError):
                self._writer.write_eof()
            asyncio.get_running_loop().call_later(self._grace + MARGIN, self._kill, "did not drain in time")

    async def _live(self) -> int:
        while True:
            try:
                async with asyncio.timeout(SILENCE if self._serves.is_set() else START):
                    heard = await self._reader.read(64)
            except TimeoutError:
                if not self._is_told:
                    self._kill("gave no sign of life")
            except OSError:
                break
            else:
                if not heard:
                    break
                self._serves.set()
        status = await self._process.wait()
        self._writer.close()
        return status

    def _kill(self, why: str) -> None:
        if self._process.returncode is None:
            logger.error("worker %d %s and is killed", self.pid, why)
            self._process.kill()


class Supervisor:
    """Keeps one worker for each list of sockets."""

    def __init__(self, order: Order, places: Sequence[Sequence[socket.socket]], grace: float) -> None:
        """`order`: what each worker is told, but for its sockets; `places`: these."""
        self._order = order
        self._places = places
        self._grace = grace
        self._workers: dict[int, Worker] = {}
        self._successors: dict[int, Worker] = {}
        self._deaths: dict[int, deque[float]] = {place: deque() for place in range(len(places))}
        self._stopping = asyncio.Event()
        self._failed = False
        self._has_started = False
        self._renewal: asyncio.Task[None] | None = None

    async def run(self) -> bool:
        """Supervise until SIGTERM or SIGINT; False when it gave up."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._stop)
        loop.add_signal_handler(signal.SIGHUP, self._renew)
        await asyncio.gather(*(self._keep(place) for place in range(len(self._places))))
        if self._renewal is not None:
            await self._renewal
        return not self._failed

    def _stop(self) -> None:
        self._stopping.set()
        for listener in {listener for place in self._places for listener in place}:
            listener.close()  # or whoever comes now would wait for nobody
        for worker in (*self._workers.values(), *self._successors.values()):
            worker.stop()

    def _renew(self) -> None:
        if self._renewal is None or self._renewal.done():
            self._renewal = asyncio.create_task(self._renew_all())

    async def _renew_all(self) -> None:
        """Put a new worker into each place, which serves before the old one drains."""
        for place in range(len(self._places)):
            old = self._workers.get(place)
            if old is None or self._stopping.is_set():
                return
            new = await self._spawn(place)
            self._successors[place] = new
            if not await new.started():
                self._successors.pop(place, None)
                logger.error("a new worker did not start; the workers that are there go on")
                return
            now = self._workers.get(place)
            if now is old:
                old.stop()
                await old.ended()
            elif now is not new:  # the old one died meanwhile, and was replaced by another one
                new.stop()
        logger.info("all workers are new")

    async def _keep(self, place: int) -> None:
        worker: Worker | None = await self._spawn(place)
        while worker is not None:
            self._workers[place] = worker
            if self._stopping.is_set():
                worker.stop()
            if (
                await worker.started()
            ):  # and not `|=`, which would bring back what stood there before the wait
                self._has_started = True
            status = await worker.ended()
            if self._order.fellows:
                await asyncio.to_thread(fold, Path(self._order.fellows), worker.pid)
            worker = await self._next(place, worker, status)

    async def _next(self, place: int, worker: Worker, status: int) -> Worker | None:
        successor = self._successors.pop(place, None)
        if successor is not None and await successor.started():
            return successor
        if self._stopping.is_set():
            return None
        pause = self._pause(place)
        if pause is None or not self._has_started:
            logger.error("worker %d ended with status %d; giving up", worker.pid, status)
            self._failed = True
            self._stop()
            return None
        logger.error("worker %d ended with status %d; another one starts in %g s", worker.pid, status, pause)
        with suppress(TimeoutError):
            await asyncio.wait_for(self._stopping.wait(), pause)
        return None if self._stopping.is_set() else await self._spawn(place)

    def _pause(self, place: int) -> float | None:
        """Seconds until the next start; None where one has died too often."""
        deaths, now = self._deaths[place], asyncio.get_running_loop().time()
        deaths.append(now)
        while deaths[0] < now - MINUTE:
            deaths.popleft()
        return FIRST_PAUSE * 2 ** (len(deaths) - 1) if len(deaths) <= MOST_DEATHS else None

    async def _spawn(self, place: int) -> Worker:
        listeners = [listener.fileno() for listener in self._places[place]]
        ours, theirs = socket.socketpair()
        with theirs:
            process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "widget_server.commands.worker", str(theirs.fileno())),
                pass_fds=(theirs.fileno(), *listeners),
                start_new_session=True,  # Ctrl-C is for the supervisor, which lets them drain
            )
        reader, writer = await asyncio.open_connection(sock=ours)
        writer.write(replace(self._order, listeners=listeners).encoded())
        return Worker(process, (reader, writer), self._grace)
