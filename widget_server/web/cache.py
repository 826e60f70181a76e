"""The page cache: answers that are the same for everybody, kept rendered and compressed until a commit changes them."""

from __future__ import annotations

import asyncio
import gzip
import hashlib
from collections import OrderedDict, defaultdict
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass

import brotli

from widget_server.web.fragments import Fragments

Key = tuple[str, bytes]
"""Path and raw query string."""

About = tuple[str, str]
"""Site and subject."""

SMALLEST_COMPRESSED = 200
MOST_ENTRIES = 50_000
OVERHEAD = 2_000
"""Bytes that an entry takes beside its bodies and its address."""

MOMENT = 5.0
"""Seconds for which an answer is kept that does not last."""


@dataclass(frozen=True, slots=True)
class Made:
    """An answer as its handler made it, and the subjects whose change makes it stale."""

    body: bytes
    about: frozenset[About]
    media_type: bytes = b"application/json"
    lasting: bool = True
    """False: nothing will tell when this is out of date, so it is kept for a moment only."""


@dataclass(frozen=True, slots=True)
class Variant:
    """An answer in one encoding, ready to send."""

    headers: Sequence[tuple[bytes, bytes]]
    body: bytes


@dataclass(frozen=True, slots=True)
class Entry:
    """An answer in all its encodings."""

    etag: bytes
    variants: Mapping[bytes, Variant]
    not_modified: Sequence[tuple[bytes, bytes]]
    about: frozenset[About]
    size: int
    lasting: bool = True


@dataclass(slots=True)
class _Flight:
    """An answer in the making; a commit meanwhile makes it stale before it is there."""

    about: frozenset[About]
    task: asyncio.Task[Entry]
    drops: int
    """How many commits the cache had heard of when this began."""
    stale: bool = False


class PageCache:
    """Answers by address, bounded in bytes; asked for twice at once, they are made once."""

    def __init__(self, most_bytes: int) -> None:
        """`most_bytes`: of all bodies and the fragments that they are made of; 0 keeps nothing."""
        self.fragments = Fragments(most_bytes // 4)
        self._most = most_bytes - most_bytes // 4
        self._size = 0
        self._entries: OrderedDict[Key, Entry] = OrderedDict()
        self._keys: defaultdict[About, set[Key]] = defaultdict(set)
        self._flights: dict[Key, _Flight] = {}
        self._drops = 0
        self.hits = 0
        self.misses = 0

    def get(self, key: Key) -> Entry | None:
        """The answer, if it is kept."""
        entry = self._entries.get(key)
        if entry is None:
            return None
        self._entries.move_to_end(key)
        self.hits += 1
        return entry

    async def fetch(self, key: Key, about: frozenset[About], make: Callable[[], Awaitable[Made]]) -> Entry:
        """The answer, made by whoever asks first; `about` are the subjects that the request names."""
        flight = self._flights.get(key)
        if flight is None:
            self.misses += 1
            task = asyncio.ensure_future(_entry(make))
            flight = self._flights[key] = _Flight(about, task, self._drops)
            task.add_done_callback(lambda done: self._land(key, flight, done))
        return await asyncio.shield(flight.task)

    def drop(self, site: str, subject: str, choice: str | None = None) -> None:
        """Forget what a commit changed; the subject `""` stands for the whole site.

        `choice` names the widget where somebody's choice was all that changed: other widgets' fragments stay.
        """
        self._drops += 1
        self.fragments.drop(site, subject, choice)
        if subject:
            abouts: Sequence[About] = [(site, subject)]
        else:
            abouts = [about for about in self._keys if about[0] == site]
        for about in abouts:
            for key in list(self._keys.get(about, ())):
                self._forget(key)
        for key, flight in list(self._flights.items()):
            if any(each[0] == site and subject in {"", each[1]} for each in flight.about):
                flight.stale = True
                del self._flights[key]

    def _land(self, key: Key, flight: _Flight, task: asyncio.Task[Entry]) -> None:
        if self._flights.get(key) is flight:
            del self._flights[key]
        if task.cancelled() or task.exception() is not None or flight.stale:
            return
        entry = task.result()
        if entry.about - flight.about and flight.drops != self._drops:
            return  # an alias led elsewhere, where a commit may have gone unseen meanwhile
        if _weight(key, entry) <= self._most:
            self._keep(key, entry)

    def _keep(self, key: Key, entry: Entry) -> None:
        self._forget(key)
        self._entries[key] = entry
        self._size += _weight(key, entry)
        for about in entry.about:
            self._keys[about].add(key)
        if not entry.lasting:
            asyncio.get_running_loop().call_later(MOMENT, self._expire, key, entry)
        while self._size > self._most or len(self._entries) > MOST_ENTRIES:
            self._forget(next(iter(self._entries)))

    def _expire(self, key: Key, entry: Entry) -> None:
        if self._entries.get(key) is entry:
            self._forget(key)

    def _forget(self, key: Key) -> None:
        entry = self._entries.pop(key, None)
        if entry is None:
            return
        self._size -= _weight(key, entry)
        for about in entry.about:
            keys = self._keys[about]
            keys.discard(key)
            if not keys:
                del self._keys[about]


def _weight(key: Key, entry: Entry) -> int:
    """Bytes in memory, nearly; a long address counts too, for a stranger chooses it."""
    return entry.size + len(key[0]) + len(key[1]) + OVERHEAD


async def _entry(make: Callable[[], Awaitable[Made]]) -> Entry:
    made = await make()
    return await asyncio.to_thread(packed, made) if len(made.body) > SMALLEST_COMPRESSED else packed(made)


def packed(made: Made, *, keep: bytes = b"public, no-cache", quality: int = 5) -> Entry:
    """An answer in all encodings, with the headers of each; `keep` is for the caches of others.

    `quality` is brotli's (up to 11), and up to 9 also gzip's.
    """
    etag = b'W/"' + hashlib.blake2b(made.body, digest_size=12).hexdigest().encode() + b'"'
    shared = [
        (b"etag", etag),
        (b"cache-control", keep),
        (b"vary", b"accept-encoding"),
        (b"access-control-allow-origin", b"*"),
        (b"cross-origin-resource-policy", b"cross-origin"),
        (b"x-content-type-options", b"nosniff"),
        (b"referrer-policy", b"strict-origin-when-cross-origin"),
    ]
    bodies = {b"": made.body}
    if len(made.body) > SMALLEST_COMPRESSED:
        bodies |= {
            b"br": brotli.compress(made.body, quality=quality),
            b"gzip": gzip.compress(made.body, min(quality, 9), mtime=0),
        }
    variants = {name: _variant(name, body, made.media_type, shared) for name, body in bodies.items()}
    return Entry(etag, variants, shared, made.about, sum(len(body) for body in bodies.values()), made.lasting)


def _variant(name: bytes, body: bytes, media_type: bytes, shared: Sequence[tuple[bytes, bytes]]) -> Variant:
    headers = [(b"content-type", media_type), (b"content-length", str(len(body)).encode()), *shared]
    return Variant([*headers, (b"content-encoding", name)] if name else headers, body)
