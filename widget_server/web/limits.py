"""Limits: how often a client, a person and a site may act; counted in this process, in bounded memory."""

from __future__ import annotations

import math
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

from widget_server.errors import TooManyRequests

MOST_KEYS = 100_000
"""Buckets kept; the one that rested longest makes room, and it was full again by then in all but a flood."""

MINUTE = 60.0


@dataclass(slots=True)
class _Bucket:
    tokens: float
    at: float


class Limit:
    """A token bucket for each key: `rate` a minute, up to `rate` at once."""

    def __init__(self, name: str, rate: int, monotonic: Callable[[], float]) -> None:
        """`name` is what the refusal says there were too many of."""
        self._name = name
        self._rate = rate
        self._monotonic = monotonic
        self._buckets: OrderedDict[str, _Bucket] = OrderedDict()

    def take(self, key: str) -> None:
        """Take one token; `TooManyRequests` with the seconds to wait where none is left."""
        now = self._monotonic()
        bucket = self._buckets.pop(key, None) or _Bucket(float(self._rate), now)
        bucket.tokens = min(self._rate, bucket.tokens + (now - bucket.at) * self._rate / MINUTE)
        bucket.at = now
        self._buckets[key] = bucket
        if len(self._buckets) > MOST_KEYS:
            self._buckets.popitem(last=False)
        if bucket.tokens < 1:
            wait = math.ceil((1 - bucket.tokens) * MINUTE / self._rate)
            message = f"Too many {self._name}; please wait {wait} s."
            raise TooManyRequests(message, retry_after=wait)
        bucket.tokens -= 1


@dataclass(frozen=True, slots=True)
class Limits:
    """The limits of the embed API, each independent of the others."""

    client: Limit
    person: Limit
    site: Limit
    new: Limit
    read: Limit
