"""Delivery: takes notices out of the outbox and hands each to its notifier, until that has taken it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field

from widget_server.errors import NotFound, TransomError, Unavailable
from widget_server.notify.base import Notice, Notifier
from widget_server.plugins import Guard, Plugin
from widget_server.sites import Sites
from widget_server.store import outbox
from widget_server.store.database import Database
from widget_server.widgets.base import settings_of

logger = logging.getLogger(__name__)

SECOND, MINUTE, HOUR = 1_000, 60_000, 3_600_000

LATER = (10 * SECOND, MINUTE, 5 * MINUTE, 30 * MINUTE, 2 * HOUR, 6 * HOUR, 12 * HOUR, 24 * HOUR)
"""Milliseconds until a notice that failed is told again; after the last it is given up, and kept for the operator."""

LEASE = 2 * MINUTE
"""Milliseconds for which a process has a notice to itself; if it ends meanwhile, another one tells it."""

EACH = 5.0
"""Seconds between two looks at the outbox where nothing was heard: another process may have left something there."""

LONGEST_REST = 60.0
"""Seconds without a call, at most, after a notifier has failed several times in a row."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """Tells the notifiers of a server what is in the outbox for them."""

    database: Database
    sites: Sites
    guard: Guard
    notifiers: Mapping[str, Plugin[Notifier]]
    clock: Callable[[], int]
    _news: dict[str, asyncio.Event] = field(init=False, default_factory=dict)
    """One for each notifier that is being served."""

    def stir(self) -> None:
        """Something may have been put in."""
        for each in self._news.values():
            each.set()

    async def run(self) -> None:
        """Tell what there is and what comes, until cancelled; each notifier in a line of its own."""
        await asyncio.gather(*(self._serve(name) for name in self.notifiers))

    async def turn(self, name: str) -> bool | None:
        """Tell a notifier of the next thing: whether that went well; None where there is nothing for it."""
        notice = await self.database.read(outbox.next_due(name, self.clock()))
        if notice is None:
            return None
        if not await self.database.write(outbox.claimed(notice, self.clock() + LEASE)):
            return True
        fault = await self._told(notice)
        if fault is None:
            await self.database.write(outbox.delivered(notice))
            return True
        is_last = notice.attempts >= len(LATER)
        due = outbox.NEVER if is_last else self.clock() + LATER[notice.attempts]
        await self.database.write(outbox.failed(notice, due, fault))
        logger.log(
            logging.ERROR if is_last else logging.WARNING,
            "the notifier %r could not tell of %s: %s",
            name,
            notice.interaction,
            fault,
        )
        return False

    async def _serve(self, name: str) -> None:
        failures = 0
        news = self._news.setdefault(name, asyncio.Event())
        this = asyncio.current_task()
        # `wait_for`, by which plug-ins are called, loses a cancellation that comes together with the answer.
        while this is not None and not this.cancelling():
            news.clear()
            try:
                went_well = await self.turn(name)
            except Unavailable as error:
                logger.warning("the outbox of %r cannot be read: %s", name, error.detail)
                went_well = False
            except Exception:  # what is in it must not wait for the server's next start
                logger.exception("the outbox of %r", name)
                went_well = False
            if went_well is None:
                await _heard(news)
            elif went_well:
                failures = 0
            else:
                failures += 1
                await asyncio.sleep(min(LONGEST_REST, 2.0**failures))

    async def _told(self, notice: outbox.Notice) -> str | None:
        """Tell a notifier of a notice: None, or what went wrong."""
        try:
            site = await self.sites.get(notice.site)
        except NotFound:
            return None
        found = await self.database.read(outbox.told(notice.site, notice.interaction))
        if found is None:
            return None
        notifier = self.notifiers[notice.notifier].thing
        about = Notice(
            site=site,
            subject=found.subject,
            interaction=found.interaction,
            name=found.name,
            text=found.text,
            status=found.status,
            attempt=notice.attempts + 1,
            settings=settings_of(notifier, site),
        )
        try:
            await self.guard.call(notice.notifier, lambda: notifier.notify(about))
        except TransomError as error:
            cause = error.__cause__
            return f"{error.detail} {type(cause).__name__}: {cause}" if cause else error.detail
        return None


async def _heard(news: asyncio.Event) -> None:
    """Wait until something comes in, or for a while."""
    with suppress(TimeoutError):
        async with asyncio.timeout(EACH):
            await news.wait()
