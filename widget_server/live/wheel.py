"""A wheel: one timer for all streams, which it keeps alive by turns and ends when their time is over."""

from __future__ import annotations

import asyncio
import random

from widget_server.live.stream import Stream

TICK = 1.0
"""Seconds from one slot to the next."""

HEARTBEAT = b":\n\n"
"""A comment: nobody reads it, and it keeps the proxies between from closing."""

IDLE = b"event: idle\ndata: {}\n\n"
"""Nothing has happened for long: come back when the reader does something."""


class Wheel:
    """As many slots as there are seconds between two heartbeats; a stream stays in its slot."""

    def __init__(self, heartbeat: int, idle: float, lifetime: float) -> None:
        """All in seconds: between two heartbeats, without an event, and of a stream altogether."""
        self._slots: list[set[Stream]] = [set() for _ in range(heartbeat)]
        self._idle = idle
        self._lifetime = lifetime
        self._hand = 0
        self._newest = 0
        self._timer: asyncio.TimerHandle | None = None

    def add(self, stream: Stream) -> None:
        """Keep a stream alive from now on; all lives differ a little, so that they do not end at once."""
        loop = asyncio.get_running_loop()
        self._newest = stream.slot = (self._newest + 1) % len(self._slots)
        stream.heard = loop.time()
        stream.ends = stream.heard + self._lifetime * random.uniform(0.9, 1)  # noqa: S311 - no secret
        self._slots[stream.slot].add(stream)
        self._timer = self._timer or loop.call_later(TICK, self._turn)

    def remove(self, stream: Stream) -> None:
        """Forget a stream."""
        self._slots[stream.slot].discard(stream)

    def stop(self) -> None:
        """Turn no more."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _turn(self) -> None:
        loop = asyncio.get_running_loop()
        self._timer = loop.call_later(TICK, self._turn) if any(self._slots) else None
        self._hand = (self._hand + 1) % len(self._slots)
        now = loop.time()
        for stream in tuple(self._slots[self._hand]):
            if now >= stream.ends:
                stream.push(b"", more=False)
            elif now - stream.heard >= self._idle:
                stream.push(IDLE, more=False)
            else:
                stream.push(HEARTBEAT)
