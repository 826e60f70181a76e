"""Hearing of what other processes changed, where their generations may not have told of it already."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from widget_server.store.generations import Generations

LATER = 0.5
"""Seconds."""


class Hearing:
    """Lets go of what the database says was changed.

    A process of this machine has told of its change by then, unless it died after the commit: what was made since is
    good, so one look half a second later, however many changes come, is enough of a net. What somebody else changed, on
    another machine or from the command line, is let go of at once.
    """

    def __init__(self, generations: Generations, forget: Callable[[str, str], None]) -> None:
        """`forget` lets go of a subject, or with `""` of a whole site."""
        self._generations = generations
        self._forget = forget
        self._later: dict[tuple[str, str], asyncio.TimerHandle] = {}

    def heard(self, site: str, subject: str) -> None:
        """The database says that a subject was changed, or with `""` the whole site."""
        if not self._generations.is_recent(site, subject):
            self._forget(site, subject)
        elif (site, subject) not in self._later:
            loop = asyncio.get_running_loop()
            self._later[site, subject] = loop.call_later(LATER, self._due, site, subject)

    def close(self) -> None:
        """Look at nothing any more."""
        for handle in self._later.values():
            handle.cancel()
        self._later.clear()

    def _due(self, site: str, subject: str) -> None:
        del self._later[site, subject]
        self._forget(site, subject)
