"""Limits: how often a client, a person and a site may act; counted by all processes together, in bounded memory."""

from __future__ import annotations

import hashlib
import math
import struct
from collections.abc import Callable
from dataclasses import dataclass

from widget_server.errors import TooManyRequests
from widget_server.settings import Settings
from widget_server.store.shared import Shared

BUCKET = struct.Struct("=Qdd")
"""Whose it is (a keyed hash, so that the file names nobody), the tokens left, and when these were counted."""

WAYS = 4
"""Buckets in which a key may be; of others there, the one that rested longest makes room."""

TOGETHER = struct.Struct("=" + WAYS * "Qdd")
"""The buckets of one row."""

ROW = TOGETHER.size
ROWS = 1 << 15
SIZE = ROWS * ROW

BUCKETS = ("limits", SIZE)
"""The file's name in the data folder, and its size."""

MINUTE = 60.0


class Buckets:
    """Token buckets by key. A token that two processes take in the very same moment may be counted once."""

    def __init__(self, shared: Shared, secret: str, monotonic: Callable[[], float]) -> None:
        """`shared` has `SIZE` bytes; `monotonic` is the same for all processes of the machine, in seconds."""
        self._shared = shared
        self._hash = hashlib.blake2b(
            digest_size=8, key=hashlib.sha256(secret.encode()).digest(), person=b"limits"
        )
        self._monotonic = monotonic

    def take(self, key: str, rate: int) -> float:
        """Take one of the tokens that come at `rate` a minute, up to `rate` at once; the seconds to wait for it."""
        now = self._monotonic()
        marking = self._hash.copy()
        marking.update(key.encode())
        mark = int.from_bytes(marking.digest(), "little") or 1
        place, tokens, at = self._found(mark, now)
        if not 0 <= tokens <= rate:  # a new key, or the rate was higher before
            tokens = float(rate)
        tokens = min(rate, tokens + (now - at) * rate / MINUTE)
        is_left = tokens >= 1
        self._shared.write(place, BUCKET.pack(mark, tokens - is_left, now))
        return 0.0 if is_left else (1 - tokens) * MINUTE / rate

    def close(self) -> None:
        """Give the memory back."""
        self._shared.close()

    def _found(self, mark: int, now: float) -> tuple[int, float, float]:
        """Where the bucket is, the tokens that were left (-1 for a new one), and when these were counted."""
        row = mark % ROWS * ROW
        found = TOGETHER.unpack_from(self._shared.memory, row)
        marks, times = found[::3], found[2::3]
        if mark in marks:
            way = marks.index(mark)
            # A time to come is from before the machine's last start.
            return row + way * BUCKET.size, found[3 * way + 1], min(times[way], now)
        rested = min(range(WAYS), key=[at if 0 < at <= now else 0.0 for at in times].__getitem__)
        return row + rested * BUCKET.size, -1.0, now


class Limit:
    """A token bucket for each key: `rate` a minute, up to `rate` at once."""

    def __init__(self, name: str, rate: int, buckets: Buckets) -> None:
        """`name` is what the refusal says there were too many of."""
        self._name = name
        self._rate = rate
        self._buckets = buckets

    def take(self, key: str) -> None:
        """Take one token; `TooManyRequests` with the seconds to wait where none is left."""
        missing = self._buckets.take(f"{self._name} {key}", self._rate)
        if missing:
            wait = math.ceil(missing)
            message = f"Too many {self._name}; please wait {wait} s."
            raise TooManyRequests(message, retry_after=wait)


@dataclass(frozen=True, slots=True)
class Limits:
    """The limits of the embed API, each independent of the others."""

    client: Limit
    person: Limit
    site: Limit
    new: Limit
    read: Limit


def limits_of(settings: Settings, buckets: Buckets) -> Limits:
    """The limits that the settings name."""
    return Limits(
        client=Limit("interactions from one network", settings.rate_client, buckets),
        person=Limit("interactions by one person", settings.rate_person, buckets),
        site=Limit("interactions on this site", settings.rate_site, buckets),
        new=Limit("interactions by new guests", settings.rate_new, buckets),
        read=Limit("looks from one network", settings.rate_read, buckets),
    )
