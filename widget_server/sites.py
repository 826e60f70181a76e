"""Sites at hand: read once, forgotten when they change."""

from __future__ import annotations

from widget_server.errors import NotFound
from widget_server.store import sites as stored
from widget_server.store.database import Database
from widget_server.vocabulary import Site

MOST = 10_000
"""Sites kept; beyond that all are read again."""


class Sites:
    """The sites of a database, by id."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._known: dict[str, Site] = {}
        self._changes = 0

    async def get(self, site: str) -> Site:
        """The site of that id; `NotFound` where there is none."""
        known = self._known.get(site)
        if known is None:
            before = self._changes
            known = await self._database.read(stored.get(site))
            if known is None:
                message = f"There is no site {site[:40]!r} here."
                raise NotFound(message, field="site")
            if len(self._known) >= MOST:
                self._known.clear()
            if before == self._changes:  # else it may have changed since it was read
                self._known[site] = known
        return known

    def forget(self, site: str) -> None:
        """Read it anew the next time."""
        self._changes += 1
        self._known.pop(site, None)
