"""Kept: values by key, bounded in bytes; each is about some subjects, and is given out until one of these changes."""

from __future__ import annotations

from collections import OrderedDict, defaultdict
from collections.abc import Callable, Collection, Hashable, Iterator
from dataclasses import dataclass
from math import inf
from typing import Generic, TypeVar

from widget_server.store.generations import Generations, Stamp

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")

About = tuple[str, str]
"""Site and subject."""


@dataclass(frozen=True, slots=True)
class _Held(Generic[V]):
    value: V
    about: Collection[About]
    stamp: Stamp
    weight: int
    until: int | None


class Kept(Generic[K, V]):
    """Where room is needed, what was not asked for longest goes first."""

    def __init__(
        self,
        generations: Generations,
        most_bytes: int,
        most: float = inf,
        clock: Callable[[], int] = lambda: 0,
    ) -> None:
        """`most_bytes`: what all may weigh together, 0 keeps nothing; `most`: how many there may be.

        `clock` gives the time that a value's `until` is held against.
        """
        self._clock = clock
        self._generations = generations
        self._most_bytes = most_bytes
        self._most = most
        self._size = 0
        self._held: OrderedDict[K, _Held[V]] = OrderedDict()
        self._keys: defaultdict[About, set[K]] = defaultdict(set)

    def __len__(self) -> int:
        return len(self._held)

    def get(self, key: K) -> V | None:
        """The value, if it is kept and no process has changed what it is about."""
        held = self._held.get(key)
        if held is None:
            return None
        is_over = held.until is not None and held.until <= self._clock()
        if is_over or not self._generations.holds(held.stamp):
            self.forget(key)
            return None
        self._held.move_to_end(key)
        return held.value

    def put(
        self,
        key: K,
        value: V,
        about: Collection[About],
        stamp: Stamp,
        weight: int,
        *,
        until: int | None = None,
    ) -> None:
        """Keep a value of so many bytes, unless it is too large; `stamp` was taken before its data was read.

        It is not given out any more at the time `until`.
        """
        if weight > self._most_bytes:
            return
        self.forget(key)
        self._held[key] = _Held(value, about, stamp, weight, until)
        self._size += weight
        for each in about:
            self._keys[each].add(key)
        while self._size > self._most_bytes or len(self._held) > self._most:
            self.forget(next(iter(self._held)))

    def concerned(self, site: str, subject: str) -> Iterator[tuple[K, V]]:
        """What is about a subject, or with `""` about any of the site's; each may be forgotten meanwhile."""
        abouts = [(site, subject)] if subject else [about for about in self._keys if about[0] == site]
        for about in abouts:
            for key in tuple(self._keys.get(about, ())):
                yield key, self._held[key].value

    def forget(self, key: K, value: V | None = None) -> None:
        """Let go of what is kept there; where a value is named, of that alone."""
        held = self._held.get(key)
        if held is None or (value is not None and held.value is not value):
            return
        del self._held[key]
        self._size -= held.weight
        for about in held.about:
            keys = self._keys[about]
            keys.discard(key)
            if not keys:
                del self._keys[about]
