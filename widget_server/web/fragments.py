"""Kept fragments: each widget's finished HTML on a page, so that a like does not render the thread again."""

from __future__ import annotations

from collections import OrderedDict, defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from weakref import WeakSet

from widget_server.store.generations import Generations, Stamp, page_slot, part_slot

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
    stamp: Stamp

    @property
    def weight(self) -> int:
        return 2 * len(self.html) + OVERHEAD


@dataclass(eq=False, slots=True, weakref_slot=True)
class Making:
    """Fragments of one subject in the making, and what was changed meanwhile."""

    place: Place
    whole: Stamp
    """What stood in the slots of the site, and of all that is no choice, before anything was read."""
    choices: Mapping[str, Stamp]
    """The same of the choices with each widget."""
    is_stale: bool = False
    chosen: set[str] = field(default_factory=set)


class Fragments:
    """Fragments by subject, widget and language, bounded in bytes."""

    def __init__(
        self,
        most_bytes: int,
        generations: Generations,
        site_stamp: Callable[[str], Stamp],
        widgets: Iterable[str],
    ) -> None:
        """`most_bytes`: of all fragments together; 0 keeps nothing. The rest is as for the `PageCache`."""
        self._generations = generations
        self._site_stamp = site_stamp
        self._widgets = tuple(widgets)
        self._most = most_bytes
        self._size = 0
        self._kept: OrderedDict[tuple[Place, Name], _Fragment] = OrderedDict()
        self._names: defaultdict[Place, set[Name]] = defaultdict(set)
        # Weak: most are begun for an answer that another request is making already, and come to nothing.
        self._makings: WeakSet[Making] = WeakSet()

    def get(self, place: Place, name: Name) -> str | None:
        """A fragment, if it is kept."""
        fragment = self._kept.get((place, name))
        if fragment is None:
            return None
        if not self._generations.holds(fragment.stamp):
            self._forget(place, name)
            return None
        self._kept.move_to_end((place, name))
        return fragment.html

    def begun(self, place: Place) -> Making:
        """Fragments to be made, which hear of changes from now on.

        Call it in the same step of the event loop that got the site.
        """
        page, stamp = page_slot(*place), self._generations.stamp
        choices = {widget: stamp([part_slot(page, widget)]) for widget in self._widgets}
        whole = (*self._site_stamp(place[0]), *stamp([part_slot(page, None)]))
        making = Making(place, whole, choices)
        self._makings.add(making)
        return making

    def keep(self, making: Making, name: Name, html: str, tallies: frozenset[str]) -> None:
        """Keep what was made, unless a change has overtaken it."""
        if making.is_stale or making.chosen & tallies or not tallies <= making.choices.keys():
            return
        stamps = (making.choices[widget] for widget in tallies)
        fragment = _Fragment(html, tallies, sum(stamps, making.whole))
        if fragment.weight > self._most:
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
        for making in tuple(self._makings):
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
