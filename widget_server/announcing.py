"""Announcing: who is told when something has changed, in this process or in another."""

from __future__ import annotations

from collections.abc import Sequence

from widget_server.house import Announce
from widget_server.identity import whole_of
from widget_server.live import Hub
from widget_server.notify.delivery import Delivery
from widget_server.sites import Sites
from widget_server.store.database import Database
from widget_server.store.generations import Generations
from widget_server.web.cache import PageCache
from widget_server.web.hearing import Hearing


def announcer(
    sites: Sites, cache: PageCache, hub: Hub, generations: Generations, delivery: Delivery
) -> Announce:
    """Lets go, in all processes, of what a commit changed, and tells who watches, and who is away."""

    def announce(site: str, subject: str, choice: str | None = None, /) -> None:
        for each in _with_whole(subject):
            generations.bump(site, each, choice)
            forget(sites, cache, site, each, choice)
            hub.stir(site, each)
        delivery.stir()

    return announce


def forget(sites: Sites, cache: PageCache, site: str, subject: str, choice: str | None = None, /) -> None:
    """Let go of what was changed; the subject `""` stands for the whole site."""
    if not subject:
        sites.forget(site)
    cache.drop(site, subject, choice)


async def listen(database: Database, hub: Hub, hearing: Hearing) -> None:
    """Forget what other processes changed, and tell who watches."""
    async for changes in database.listen():
        for change in changes:
            for subject in _with_whole(change.subject):
                hearing.heard(change.site, subject)
                hub.stir(change.site, subject)


def _with_whole(subject: str) -> Sequence[str]:
    """What has changed with a subject: with a passage of a page, the page, which shows what was said of it."""
    whole = whole_of(subject)
    return (subject, whole) if whole else (subject,)
