"""Announcing: who is told when something has changed, in this process or in another."""

from __future__ import annotations

from widget_server.house import Announce
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
        generations.bump(site, subject, choice)
        forget(sites, cache, site, subject, choice)
        hub.stir(site, subject)
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
            hearing.heard(change.site, change.subject)
            hub.stir(change.site, change.subject)
