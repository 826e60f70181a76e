"""The composition root: opens the store, gathers plug-ins, builds the Starlette app, and closes it all."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from starlette.applications import Starlette
from starlette.routing import BaseRoute
from starlette.types import ASGIApp, Receive, Scope, Send

from widget_server import plugins
from widget_server.errors import TransomError
from widget_server.fields import fitted
from widget_server.house import Announce, Clock, House
from widget_server.identity import whole_of
from widget_server.live import Bounds, Hub
from widget_server.markup import Renderer
from widget_server.moderation.checks.mode import ModeCheck
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
from widget_server.web.limits import BUCKETS, Buckets, Limit, Limits
from widget_server.web.live import Live, LivePath
from widget_server.web.metrics import Metrics, Numbers
from widget_server.web.operating import operating_routes
from widget_server.web.prefix import below
from widget_server.web.problems import on_any_error, on_method_not_allowed, on_not_found, on_transom_error
from widget_server.web.rendering import Rendering
from widget_server.web.routes import embed_routes
from widget_server.web.straight import Straight
from widget_server.web.watching import Watch
from widget_server.widgets.base import Widget

DISTRIBUTION = "transom-server"


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
    beside: Sequence[BaseRoute] = (),
    fellows: Path | None = None,
) -> AsyncIterator[Server]:
    """A server, open for as long as the block runs; `extra` widgets and routes `beside` join the installed ones.

    `fellows` is the folder where workers of one supervisor leave their numbers for each other.
    """
    parts = await _gathered(settings, clock, monotonic, extra or {})
    house, cache, hub = parts.house, parts.cache, parts.hub
    hearing = Hearing(parts.generations, partial(_forget, house.sites, cache))
    metrics = Metrics(fellows if settings.metrics_token else None, partial(_look, house, cache, hub))
    tasks = {asyncio.create_task(_listen(house, hub, hearing)), asyncio.create_task(metrics.leave())}
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


async def _gathered(
    settings: Settings, clock: Clock, monotonic: Callable[[], float], extra: Mapping[str, Plugin[Widget]]
) -> _Parts:
    installed = await asyncio.to_thread(plugins.gather, "transom.widgets")
    widgets = {plugin.name: plugin for plugin in installed} | dict(extra)
    secret = settings.secret or await asyncio.to_thread(kept_secret, settings.data)
    await asyncio.to_thread(skeleton, "")  # reads Unicode's list, which nobody's comment should wait for
    sets = await asyncio.to_thread(sets_of, widgets.values())
    database = await open_database(settings, clock, sets)
    generations = Generations(await asyncio.to_thread(open_shared, settings.data, *GENERATIONS))
    buckets = Buckets(await asyncio.to_thread(open_shared, settings.data, *BUCKETS), secret, monotonic)
    schemas = {name: getattr(plugin.thing, "settings", {}) for name, plugin in widgets.items()}
    sites = Sites(database, generations, partial(fitted, schemas=schemas))
    cache = PageCache(settings.cache_bytes, generations, sites.stamp, widgets)
    hub = Hub(database, clock, _bounds(settings))
    house = House(
        database=database,
        sites=sites,
        widgets=widgets,
        checks=[ModeCheck()],
        guard=Guard(limit=settings.plugin_seconds, monotonic=monotonic, ours=_ours(installed)),
        renderer=Renderer(),
        tokens=Tokens(secret),
        clock=clock,
        announce=_announcer(sites, cache, hub, generations),
        sets=sets,
    )
    return _Parts(house, cache, hub, generations, buckets)


def build(
    settings: Settings, parts: _Parts, metrics: Metrics, *, beside: Sequence[BaseRoute] = ()
) -> ASGIApp:
    """The ASGI app of an open house."""
    house, cache, hub = parts.house, parts.cache, parts.hub
    rendering = Rendering([plugin.thing for plugin in house.widgets.values()], settings.public_url)
    limits = _limits(settings, parts.buckets)
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
    ) -> None:
        """`settings` of the server to open; `ready` is called when it is open; the rest is as for `opened`."""
        self._settings = settings
        self._beside = beside
        self._fellows = fellows
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
            async with opened(self._settings, beside=self._beside, fellows=self._fellows) as server:
                self._app, self._hub = server.app, server.hub
                self._ready()
                await send({"type": "lifespan.startup.complete"})
                phase = "shutdown"
                await receive()
        except TransomError as error:
            await send({"type": f"lifespan.{phase}.failed", "message": error.detail})
            return
        await send({"type": "lifespan.shutdown.complete"})


def _ours(installed: Sequence[Plugin[Widget]]) -> list[str]:
    return [plugin.name for plugin in installed if plugin.distribution == DISTRIBUTION]


def _announcer(sites: Sites, cache: PageCache, hub: Hub, generations: Generations) -> Announce:
    """Lets go, in all processes, of what a commit changed, and tells who watches."""

    def announce(site: str, subject: str, choice: str | None = None, /) -> None:
        for each in _with_whole(subject):
            generations.bump(site, each, choice)
            _forget(sites, cache, site, each, choice)
            hub.stir(site, each)

    return announce


def _with_whole(subject: str) -> Sequence[str]:
    """What has changed with a subject: with a passage of a page, the page, which shows what was said of it."""
    whole = whole_of(subject)
    return (subject, whole) if whole else (subject,)


def _forget(sites: Sites, cache: PageCache, site: str, subject: str, choice: str | None = None, /) -> None:
    """Let go of what was changed; the subject `""` stands for the whole site."""
    if not subject:
        sites.forget(site)
    cache.drop(site, subject, choice)


def _limits(settings: Settings, buckets: Buckets) -> Limits:
    return Limits(
        client=Limit("interactions from one network", settings.rate_client, buckets),
        person=Limit("interactions by one person", settings.rate_person, buckets),
        site=Limit("interactions on this site", settings.rate_site, buckets),
        new=Limit("interactions by new guests", settings.rate_new, buckets),
        read=Limit("looks from one network", settings.rate_read, buckets),
    )


def _bounds(settings: Settings) -> Bounds:
    return Bounds(
        process=settings.live_process,
        site=settings.live_site,
        client=settings.live_client,
        heartbeat=settings.live_heartbeat,
        idle=settings.live_idle,
        lifetime=settings.live_lifetime,
    )


async def _listen(house: House, hub: Hub, hearing: Hearing) -> None:
    """Forget what other processes changed, and tell who watches."""
    async for changes in house.database.listen():
        for change in changes:
            for subject in _with_whole(change.subject):
                hearing.heard(change.site, subject)
                hub.stir(change.site, subject)


def _look(house: House, cache: PageCache, hub: Hub, numbers: Numbers) -> None:
    """Count what the parts of the house know of themselves."""
    load = house.database.load()
    numbers.counters |= {"transom_cache_hits": cache.hits, "transom_cache_misses": cache.misses}
    numbers.gauges |= {
        "transom_cache_entries": len(cache),
        "transom_write_queue_depth": load.waiting,
        "transom_write_queue_size": load.most,
        "transom_live_streams": hub.count,
    }
    numbers.failures |= house.guard.failures
    numbers.writes, numbers.commits = load.writes, list(load.commits)
