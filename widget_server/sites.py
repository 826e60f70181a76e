"""Sites at hand: read once, and again when any process has changed them."""

from __future__ import annotations

from collections.abc import Callable

from widget_server.errors import NotFound
from widget_server.store import sites as stored
from widget_server.store.database import Database
from widget_server.store.generations import NEVER, Generations, Stamp, page_slot
from widget_server.vocabulary import Site

MOST = 10_000
"""Sites kept; beyond that all are read again."""


class Sites:
    """The sites of a database, by id."""

    def __init__(
        self, database: Database, generations: Generations, fitted: Callable[[Site], Site] = lambda site: site
    ) -> None:
        """`fitted` takes out of a site's settings what no plug-in takes any more."""
        self._fitted = fitted
        self._database = database
        self._generations = generations
        self._known: dict[str, tuple[Site, Stamp]] = {}
        self._changes = 0

    async def get(self, site: str) -> Site:
        """The site of that id; `NotFound` where there is none."""
        known = self._known.get(site)
        if known is not None and self._generations.holds(known[1]):
            return known[0]
        before, stamp = self._changes, self._generations.stamp([page_slot(site, "")])
        # What cannot be an id is not asked for: not every database takes every text.
        found = await self._database.read(stored.get(site)) if stored.SITE_ID.fullmatch(site) else None
        if found is None:
            message = f"There is no site {site[:40]!r} here."
            raise NotFound(message, field="site")
        found = self._fitted(found)
        if len(self._known) >= MOST:
            self._known.clear()
        if before == self._changes:  # else it may have changed since it was read
            self._known[site] = found, stamp
        return found

    def stamp(self, site: str) -> Stamp:
        """What stood in the site's slot before it was read; one that never holds, where it is not kept."""
        known = self._known.get(site)
        return known[1] if known else NEVER

    def forget(self, site: str) -> None:
        """Read it anew the next time."""
        self._changes += 1
        self._known.pop(site, None)
