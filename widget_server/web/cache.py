"""The page cache: answers that are the same for everybody, kept rendered and compressed until a commit changes them."""

from __future__ import annotations

import asyncio
import gzip
import hashlib
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import brotli

from widget_server.store.generations import EVER, Generations, Stamp, page_slot
from widget_server.web.fragments import Fragments
from widget_server.web.kept import About, Kept

Key = tuple[str, bytes]
"""Path and raw query string."""

SMALLEST_COMPRESSED = 200
MOST_ENTRIES = 50_000
OVERHEAD = 2_000
"""Bytes that an entry takes beside its bodies and its address."""
ABOUT = 500
"""Bytes that it takes for each subject whose change makes it stale."""

MOMENT = 5.0
"""Seconds for which an answer is kept that does not last."""


FOR_EVERYBODY = (
    (b"access-control-allow-origin", b"*"),
    (b"cross-origin-resource-policy", b"cross-origin"),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"strict-origin-when-cross-origin"),
)
"""Headers of what pages of all origins may read."""


@dataclass(frozen=True, slots=True)
class Made:
    """An answer as its handler made it, and the subjects whose change makes it stale."""

    body: bytes
    about: frozenset[About]
    media_type: bytes = b"application/json"
    lasting: bool = True
    """False: nothing will tell when this is out of date, so it is kept for a moment only."""
    until: int | None = None
    """When time alone makes it stale (milliseconds since the epoch)."""


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
    until: int | None = None


@dataclass(slots=True)
class _Flight:
    """An answer in the making; a commit meanwhile makes it stale before it is there."""

    about: frozenset[About]
    task: asyncio.Task[Entry]
    stamp: Stamp
    """What stood in the slots of what it is about when it began."""
    ever: Stamp
    drops: int
    """How many changes the cache had heard of when this began."""
    stale: bool = False


class PageCache:
    """Answers by address, bounded in bytes; asked for twice at once, they are made once.

    What another process changes makes them stale by its `Generations`, what this one hears of by `drop`.
    """

    def __init__(
        self,
        most_bytes: int,
        generations: Generations,
        site_stamp: Callable[[str], Stamp],
        widgets: Iterable[str],
        clock: Callable[[], int],
    ) -> None:
        """`most_bytes`: of all bodies and the fragments that they are made of; 0 keeps nothing.

        `site_stamp` tells for a site what stood in its slot before it was read, `widgets` are all that there are,
        `clock` tells the time in milliseconds since the epoch.
        """
        self.fragments = Fragments(most_bytes // 4, generations, site_stamp, widgets)
        self._generations = generations
        self._site_stamp = site_stamp
        self._kept: Kept[Key, Entry] = Kept(generations, most_bytes - most_bytes // 4, MOST_ENTRIES, clock)
        self._flights: dict[Key, _Flight] = {}
        self._drops = 0
        self.hits = 0
        self.misses = 0

    def get(self, key: Key) -> Entry | None:
        """The answer, if it is kept."""
        entry = self._kept.get(key)
        if entry is not None:
            self.hits += 1
        return entry

    def __len__(self) -> int:
        return len(self._kept)

    async def fetch(self, key: Key, about: frozenset[About], make: Callable[[], Awaitable[Made]]) -> Entry:
        """The answer, made by whoever asks first; `about` are the subjects that the request names.

        Call it in the same step of the event loop that got the site, or the answer may be kept with an older one.
        """
        flight = self._flights.get(key)
        if flight is None or not self._generations.holds(flight.stamp):
            self.misses += 1
            stamp, ever = self._stamp(about), self._generations.stamp([EVER])
            task = asyncio.ensure_future(_entry(make))
            flight = self._flights[key] = _Flight(about, task, stamp, ever, self._drops)
            task.add_done_callback(partial(self._land, key, flight))
        return await asyncio.shield(flight.task)

    def drop(self, site: str, subject: str, choice: str | None = None) -> None:
        """Forget what a commit changed; the subject `""` stands for the whole site.

        `choice` names the widget where somebody's choice was all that changed: other widgets' fragments stay.
        """
        self._drops += 1
        self.fragments.drop(site, subject, choice)
        for key, _ in self._kept.concerned(site, subject):
            self._kept.forget(key)
        for key, flight in list(self._flights.items()):
            if any(each[0] == site and subject in {"", each[1]} for each in flight.about):
                flight.stale = True
                del self._flights[key]

    def _land(self, key: Key, flight: _Flight, task: asyncio.Task[Entry]) -> None:
        if self._flights.get(key) is flight:
            del self._flights[key]
        if task.cancelled() or task.exception() is not None or flight.stale:
            return
        entry, stamp = task.result(), flight.stamp
        if (
            entry.about - flight.about
        ):  # an alias led elsewhere, where a commit may have gone unseen meanwhile
            stamp = self._stamp(entry.about)
            if flight.drops != self._drops or not self._generations.holds(flight.ever):
                return
        if self._generations.holds(stamp):
            self._kept.put(key, entry, entry.about, stamp, _weight(key, entry), until=entry.until)
            if not entry.lasting:
                asyncio.get_running_loop().call_later(MOMENT, self._kept.forget, key, entry)

    def _stamp(self, about: frozenset[About]) -> Stamp:
        """What stands in the slots of the subjects, and stood in their sites' before these were read."""
        sites = {site for site, _ in about}
        subjects = self._generations.stamp(page_slot(site, subject) for site, subject in about)
        return (*(each for site in sites for each in self._site_stamp(site)), *subjects)


def _weight(key: Key, entry: Entry) -> int:
    """Bytes in memory, nearly; a long address counts too, for a stranger chooses it."""
    return entry.size + len(key[0]) + len(key[1]) + OVERHEAD + ABOUT * len(entry.about)


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
        *FOR_EVERYBODY,
    ]
    bodies = {b"": made.body}
    if len(made.body) > SMALLEST_COMPRESSED:
        bodies |= {
            b"br": brotli.compress(made.body, quality=quality),
            b"gzip": gzip.compress(made.body, min(quality, 9), mtime=0),
        }
    variants = {name: _variant(name, body, made.media_type, shared) for name, body in bodies.items()}
    size = sum(len(body) for body in bodies.values())
    return Entry(etag, variants, shared, made.about, size, made.lasting, made.until)


def _variant(name: bytes, body: bytes, media_type: bytes, shared: Sequence[tuple[bytes, bytes]]) -> Variant:
    headers = [(b"content-type", media_type), (b"content-length", str(len(body)).encode()), *shared]
    return Variant([*headers, (b"content-encoding", name)] if name else headers, body)
