"""Kept fragments: each widget's finished HTML on a page, so that a like does not render the thread again."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from weakref import WeakSet

from widget_server.store.generations import Generations, Stamp, page_slot, part_slot
from widget_server.web.kept import About, Kept

Name = tuple[str, str]
"""Widget and language."""

OVERHEAD = 500
"""Bytes that a fragment takes beside its text."""


@dataclass(frozen=True, slots=True)
class Piece:
    """What a widget sends of a page: its HTML, and as JSON what it tells machines (empty: nothing)."""

    html: str
    told: str = ""


@dataclass(frozen=True, slots=True)
class _Fragment:
    piece: Piece
    tallies: frozenset[str]
    """The widgets whose tallies it shows: somebody's choice there is all that a choice can change of it."""


@dataclass(eq=False, slots=True, weakref_slot=True)
class Making:
    """Fragments of one subject in the making, and what was changed meanwhile."""

    place: About
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
        self._kept: Kept[tuple[About, Name], _Fragment] = Kept(generations, most_bytes)
        # Weak: most are begun for an answer that another request is making already, and come to nothing.
        self._makings: WeakSet[Making] = WeakSet()

    def get(self, place: About, name: Name) -> Piece | None:
        """A fragment, if it is kept."""
        fragment = self._kept.get((place, name))
        return fragment.piece if fragment else None

    def begun(self, place: About) -> Making:
        """Fragments to be made, which hear of changes from now on.

        Call it in the same step of the event loop that got the site.
        """
        page, stamp = page_slot(*place), self._generations.stamp
        choices = {widget: stamp([part_slot(page, widget)]) for widget in self._widgets}
        whole = (*self._site_stamp(place[0]), *stamp([part_slot(page, None)]))
        making = Making(place, whole, choices)
        self._makings.add(making)
        return making

    def keep(self, making: Making, name: Name, piece: Piece, tallies: frozenset[str]) -> None:
        """Keep what was made, unless a change has overtaken it."""
        if making.is_stale or making.chosen & tallies or not tallies <= making.choices.keys():
            return
        stamp = sum((making.choices[widget] for widget in tallies), making.whole)
        fragment, weight = _Fragment(piece, tallies), 2 * (len(piece.html) + len(piece.told)) + OVERHEAD
        self._kept.put((making.place, name), fragment, (making.place,), stamp, weight)

    def drop(self, site: str, subject: str, choice: str | None = None) -> None:
        """Forget what a change made stale: a choice made with one widget, or (None) anything else.

        The subject `""` stands for the whole site.
        """
        for key, fragment in self._kept.concerned(site, subject):
            if choice is None or choice in fragment.tallies:
                self._kept.forget(key)
        for making in tuple(self._makings):
            if making.place[0] == site and subject in {"", making.place[1]}:
                if choice is None:
                    making.is_stale = True
                else:
                    making.chosen.add(choice)
