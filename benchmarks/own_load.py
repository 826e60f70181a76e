"""A load generator of our own, for machines without wrk: two processes that speak plain HTTP/1.1."""

from __future__ import annotations

import asyncio
import itertools
import multiprocessing
import time
from collections.abc import Iterator, Sequence

PROCESSES = 2


def fire(host: str, port: int, requests: Sequence[bytes], connections: int, seconds: float) -> dict[str, int]:
    """Send the requests in turn; counts of answers, refusals and broken connections, and times in microseconds."""
    shares = [requests[place::PROCESSES] for place in range(PROCESSES)]
    each = max(1, connections // PROCESSES)
    with multiprocessing.get_context("spawn").Pool(PROCESSES) as pool:
        found = pool.starmap(_shoot, [(host, port, share, each, seconds) for share in shares if share])
    times = sorted(time for one in found for time in one[0])
    if not times:
        raise RuntimeError("The server gave no answer.")
    return {
        "answers": len(times),
        "microseconds": max(one[3] for one in found),
        "refused": sum(one[1] for one in found),
        "broken": sum(one[2] for one in found),
        "p50": times[len(times) // 2],
        "p99": times[len(times) * 99 // 100],
    }


def _shoot(
    host: str, port: int, requests: Sequence[bytes], connections: int, seconds: float
) -> tuple[list[int], int, int, int]:
    return asyncio.run(_shoot_all(host, port, requests, connections, seconds))


async def _shoot_all(
    host: str, port: int, requests: Sequence[bytes], connections: int, seconds: float
) -> tuple[list[int], int, int, int]:
    start = time.perf_counter()
    in_turn = itertools.cycle(requests)
    gunners = [_Gunner(host, port, in_turn) for _ in range(connections)]
    await asyncio.gather(*(gunner.run(start + seconds) for gunner in gunners))
    took = round((time.perf_counter() - start) * 1e6)
    times = [each for gunner in gunners for each in gunner.times]
    return times, sum(gunner.refused for gunner in gunners), sum(gunner.broken for gunner in gunners), took


class _Gunner:
    """One connection, which sends the next request when the answer to the last one is there."""

    def __init__(self, host: str, port: int, requests: Iterator[bytes]) -> None:
        self._host, self._port, self._requests = host, port, requests
        self.times: list[int] = []
        self.refused = 0
        self.broken = 0

    async def run(self, end: float) -> None:
        """Go on until the end."""
        while time.perf_counter() < end:
            reader, writer = await asyncio.open_connection(self._host, self._port, limit=2**24)
            try:
                await self._talk(reader, writer, end)
            except (OSError, asyncio.IncompleteReadError):
                self.broken += 1
            finally:
                writer.close()

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, end: float) -> None:
        while time.perf_counter() < end:
            begun = time.perf_counter()
            writer.write(next(self._requests))
            head = (await reader.readuntil(b"\r\n\r\n")).lower()
            await reader.readexactly(int(head.partition(b"content-length:")[2].split(b"\r\n")[0]))
            self.times.append(round((time.perf_counter() - begun) * 1e6))
            self.refused += head.split(b" ", 2)[1] >= b"400"
            if b"connection: close" in head:
                return
