"""Kept fragments: each widget's finished HTML on a page, so that a like does not render the thread again."""

from __future__ import annotations

from collections import OrderedDict, defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

Place = tuple[str, str]
"""Site and subject."""

Name = tuple[str, str]
"""Widget and language."""

OVERHEAD = 500
"""Bytes that a fragment takes beside its text."""


@dataclass(frozen=True, slots=True)
class _Fragment:
    html: str
    tallies: frozenset[str]
    """The widgets whose tallies it shows: somebody's choice there is all that a choice can change of it."""

    @property
    def weight(self) -> int:
        return 2 * len(self.html) + OVERHEAD


@dataclass(eq=False, slots=True)
class Making:
    """Fragments of one subject in the making, and what was changed meanwhile."""

    place: Place
    is_stale: bool = False
    chosen: set[str] = field(default_factory=set)


class Fragments:
    """Fragments by subject, widget and language, bounded in bytes."""

    def __init__(self, most_bytes: int) -> None:
        """`most_bytes`: of all fragments together; 0 keeps nothing."""
        self._most = most_bytes
        self._size = 0
        self._kept: OrderedDict[tuple[Place, Name], _Fragment] = OrderedDict()
        self._names: defaultdict[Place, set[Name]] = defaultdict(set)
        self._makings: set[Making] = set()

    def get(self, place: Place, name: Name) -> str | None:
        """A fragment, if it is kept."""
        fragment = self._kept.get((place, name))
        if fragment is None:
            return None
        self._kept.move_to_end((place, name))
        return fragment.html

    @contextmanager
    def making(self, place: Place) -> Iterator[Making]:
        """Hear of changes while fragments are made; begin before anything is read."""
        making = Making(place)
        self._makings.add(making)
        try:
            yield making
        finally:
            self._makings.discard(making)

    def keep(self, making: Making, name: Name, html: str, tallies: frozenset[str]) -> None:
        """Keep what was made, unless a change has overtaken it."""
        fragment = _Fragment(html, tallies)
        if making.is_stale or making.chosen & tallies or fragment.weight > self._most:
            return
        self._forget(making.place, name)
        self._kept[making.place, name] = fragment
        self._names[making.place].add(name)
        self._size += fragment.weight
        while self._size > self._most:
            self._forget(*next(iter(self._kept)))

    def drop(self, site: str, subject: str, choice: str | None = None) -> None:
        """Forget what a change made stale: a choice made with one widget, or (None) anything else.

        The subject `""` stands for the whole site.
        """
        places = [(site, subject)] if subject else [place for place in self._names if place[0] == site]
        for place in places:
            for name in list(self._names.get(place, ())):
                if choice is None or choice in self._kept[place, name].tallies:
                    self._forget(place, name)
        for making in self._makings:
            if making.place[0] == site and subject in {"", making.place[1]}:
                if choice is None:
                    making.is_stale = True
                else:
                    making.chosen.add(choice)

    def _forget(self, place: Place, name: Name) -> None:
        fragment = self._kept.pop((place, name), None)
        if fragment is None:
            return
        self._size -= fragment.weight
        self._names[place].discard(name)
        if not self._names[place]:
            del self._names[place]
