"""The composition root: opens the store, gathers plug-ins, builds the Starlette app, and closes it all."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.routing import BaseRoute
from starlette.types import ASGIApp, Receive, Scope, Send

from widget_server.announcing import announcer, forget, listen
from widget_server.errors import TransomError
from widget_server.fields import fitted
from widget_server.house import Clock, House
from widget_server.installed import Installed, installed, is_ours, out_of_reach
from widget_server.live import Bounds, Hub
from widget_server.markup import Renderer
from widget_server.moderation.checks.mode import ModeCheck
from widget_server.moderation.pipeline import Check
from widget_server.notify.base import Notifier
from widget_server.notify.delivery import Delivery
from widget_server.opening import kept_secret, now, open_database, sets_of
from widget_server.people.names import skeleton
from widget_server.people.tokens import Tokens
from widget_server.plugins import Guard, Plugin
from widget_server.settings import Settings
from widget_server.sites import Sites
from widget_server.store.generations import GENERATIONS, Generations
from widget_server.store.shared import open_shared
from widget_server.web.admin import routes as admin_routes
from widget_server.web.assets import Assets
from widget_server.web.cache import PageCache
from widget_server.web.embed import Embed
from widget_server.web.fastpath import FastPath
from widget_server.web.hearing import Hearing
from widget_server.web.limits import BUCKETS, Buckets, limits_of
from widget_server.web.live import Live, LivePath
from widget_server.web.metrics import Metrics, Numbers
from widget_server.web.operating import operating_routes
from widget_server.web.prefix import below
from widget_server.web.problems import on_any_error, on_method_not_allowed, on_not_found, on_transom_error
from widget_server.web.rendering import Rendering
from widget_server.web.routes import embed_routes
from widget_server.web.straight import Straight
from widget_server.web.watching import Watch
from widget_server.widgets.base import Widget, schema_of

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Server:
    """A server that is open: its app, and what it was put together from."""

    app: ASGIApp
    house: House
    settings: Settings
    cache: PageCache
    hub: Hub


@asynccontextmanager
async def opened(
    settings: Settings,
    *,
    clock: Clock = now,
    monotonic: Callable[[], float] = time.monotonic,
    extra: Mapping[str, Plugin[Widget]] | None = None,
    checks: Mapping[str, Plugin[Check]] | None = None,
    notifiers: Mapping[str, Plugin[Notifier]] | None = None,
    beside: Sequence[BaseRoute] = (),
    fellows: Path | None = None,
) -> AsyncIterator[Server]:
    """A server, open for as long as the block runs; the plug-ins (`extra` are widgets) and routes join those there are.

    `fellows` is the folder where workers of one supervisor leave their numbers for each other.
    """
    there = await asyncio.to_thread(installed, settings, extra, checks, notifiers)
    for each in there.broken:
        logger.error("the plug-in %r of %s is left out: %s", each.name, each.group, each.reason)
    parts = await _gathered(settings, clock, monotonic, there)
    house, cache, hub = parts.house, parts.cache, parts.hub
    hearing = Hearing(parts.generations, partial(forget, house.sites, cache))
    metrics = Metrics(fellows if settings.metrics_token else None, partial(_look, parts))
    work = (listen(house.database, hub, hearing), metrics.leave(), parts.delivery.run())
    tasks = {asyncio.create_task(each) for each in work}
    try:
        app = await asyncio.to_thread(build, settings, parts, metrics, beside=beside)
        yield Server(app, house, settings, cache, hub)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)
        hearing.close()
        await hub.closed()
        house.renderer.close()
        house.guard.close()
        parts.delivery.guard.close()
        await house.database.close()
        parts.generations.close()
        parts.buckets.close()


@dataclass(frozen=True, slots=True)
class _Parts:
    """What a server is put together from."""

    house: House
    cache: PageCache
    hub: Hub
    generations: Generations
    buckets: Buckets
    delivery: Delivery


async def _gathered(
    settings: Settings, clock: Clock, monotonic: Callable[[], float], there: Installed
) -> _Parts:
    widgets, every = there.widgets, list(there.every.values())
    secret = settings.secret or await asyncio.to_thread(kept_secret, settings.data)
    await asyncio.to_thread(skeleton, "")  # reads Unicode's list, which nobody's comment should wait for
    sets = await asyncio.to_thread(sets_of, widgets.values())
    database = await open_database(settings, clock, sets)
    lost = out_of_reach(there.broken, await database.read(database.applied()), sets)
    generations = Generations(await asyncio.to_thread(open_shared, settings.data, *GENERATIONS))
    buckets = Buckets(await asyncio.to_thread(open_shared, settings.data, *BUCKETS), secret, monotonic)
    sites = Sites(
        database, generations, partial(fitted, schemas={each.name: schema_of(each.thing) for each in every})
    )
    cache = PageCache(settings.cache_bytes, generations, sites.stamp, widgets, clock)
    hub = Hub(database, clock, _bounds(settings))
    delivery = Delivery(
        database=database,
        sites=sites,
        guard=Guard(limit=settings.notifier_seconds, monotonic=monotonic),
        notifiers=there.notifiers,
        clock=clock,
    )
    house = House(
        database=database,
        sites=sites,
        widgets=widgets,
        checks=[ModeCheck()],
        guard=Guard(limit=settings.plugin_seconds, monotonic=monotonic, ours=_ours(every)),
        renderer=Renderer(),
        tokens=Tokens(secret),
        clock=clock,
        announce=announcer(sites, cache, hub, generations, delivery),
        sets=sets,
        plugin_checks=there.checks,
        notifiers=there.notifiers,
        broken=there.broken,
        out_of_reach=lost,
    )
    return _Parts(house, cache, hub, generations, buckets, delivery)


def build(
    settings: Settings, parts: _Parts, metrics: Metrics, *, beside: Sequence[BaseRoute] = ()
) -> ASGIApp:
    """The ASGI app of an open house."""
    house, cache, hub = parts.house, parts.cache, parts.hub
    rendering = Rendering([plugin.thing for plugin in house.widgets.values()], settings.public_url)
    limits = limits_of(settings, parts.buckets)
    assets = Assets(rendering)
    embed = Embed(
        house,
        settings,
        rendering,
        cache,
        limits,
        live=settings.public_url + assets.address("live.js"),
        scripts={name: settings.public_url + assets.address(f"w/{name}.js") for name in rendering.scripts},
    )
    live = Live(embed, hub)
    embedded = embed_routes(embed, assets, live)
    app = Starlette(
        routes=[
            *embedded,
            *assets.routes(),
            *operating_routes(house, settings, metrics),
            *admin_routes(house, settings),
            *beside,
        ],
        exception_handlers={
            TransomError: on_transom_error,
            404: on_not_found,
            405: on_method_not_allowed,
            Exception: on_any_error,
        },
    )
    app.router.redirect_slashes = False  # its redirects would name whatever host the request names
    watched = Watch(Straight(app, embedded), metrics, settings)
    return below(FastPath(LivePath(watched, live), cache, metrics), settings.public_url)


class Lazy:
    """An ASGI app that opens its server with the lifespan that `uvicorn` runs."""

    def __init__(
        self,
        settings: Settings,
        *,
        beside: Sequence[BaseRoute] = (),
        ready: Callable[[], None] = lambda: None,
        fellows: Path | None = None,
        extra: Mapping[str, Plugin[Widget]] | None = None,
    ) -> None:
        """`settings` of the server to open; `ready` is called when it is open; the rest is as for `opened`."""
        self._opened = partial(opened, settings, beside=beside, fellows=fellows, extra=extra)
        self._ready = ready
        self._app: ASGIApp | None = None
        self._hub: Hub | None = None

    def drain(self) -> None:
        """End the streams, which would hold up the end of the server; takes no new ones."""
        if self._hub is not None:
            self._hub.close()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request, or the lifespan."""
        if scope["type"] == "lifespan":
            await self._live(receive, send)
        elif self._app is not None:
            await self._app(scope, receive, send)

    async def _live(self, receive: Receive, send: Send) -> None:
        await receive()
        phase = "startup"
        try:
            async with self._opened() as server:
                self._app, self._hub = server.app, server.hub
                self._ready()
                await send({"type": "lifespan.startup.complete"})
                phase = "shutdown"
                await receive()
        except TransomError as error:
            await send({"type": f"lifespan.{phase}.failed", "message": error.detail})
            return
        await send({"type": "lifespan.shutdown.complete"})


def _ours(plugins: Sequence[Plugin[Any]]) -> list[str]:
    return [plugin.name for plugin in plugins if is_ours(plugin)]


def _bounds(settings: Settings) -> Bounds:
    return Bounds(
        process=settings.live_process,
        site=settings.live_site,
        client=settings.live_client,
        heartbeat=settings.live_heartbeat,
        idle=settings.live_idle,
        lifetime=settings.live_lifetime,
    )


def _look(parts: _Parts, numbers: Numbers) -> None:
    """Count what the parts of the house know of themselves."""
    house, cache = parts.house, parts.cache
    load = house.database.load()
    numbers.counters |= {"transom_cache_hits": cache.hits, "transom_cache_misses": cache.misses}
    numbers.gauges |= {
        "transom_cache_entries": len(cache),
        "transom_write_queue_depth": load.waiting,
        "transom_write_queue_size": load.most,
        "transom_live_streams": parts.hub.count,
    }
    numbers.failures |= {**house.guard.failures, **parts.delivery.guard.failures}
    numbers.writes, numbers.commits = load.writes, list(load.commits)
