"""The composition root: opens the store, gathers plug-ins, builds the Starlette app, and closes it all."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute, Route
from starlette.types import ASGIApp, Receive, Scope, Send

from widget_server import plugins
from widget_server.errors import TransomError, Unavailable
from widget_server.house import Announce, Clock, House
from widget_server.live import Bounds, Hub
from widget_server.markup import Renderer
from widget_server.moderation.checks.mode import ModeCheck
from widget_server.opening import kept_secret, now, open_database
from widget_server.people.names import skeleton
from widget_server.people.tokens import Tokens
from widget_server.plugins import Guard, Plugin
from widget_server.settings import Settings
from widget_server.sites import Sites
from widget_server.store.generations import GENERATIONS, Generations
from widget_server.store.migrate import pending
from widget_server.store.shared import open_shared
from widget_server.web.admin import routes as admin_routes
from widget_server.web.assets import Assets
from widget_server.web.cache import PageCache
from widget_server.web.embed import Embed
from widget_server.web.fastpath import FastPath
from widget_server.web.hearing import Hearing
from widget_server.web.limits import BUCKETS, Buckets, Limit, Limits
from widget_server.web.live import Live, LivePath
from widget_server.web.prefix import below
from widget_server.web.problems import on_any_error, on_method_not_allowed, on_not_found, on_transom_error
from widget_server.web.rendering import Rendering
from widget_server.web.routes import embed_routes
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
) -> AsyncIterator[Server]:
    """A server, open for as long as the block runs; `extra` widgets and routes `beside` join the installed ones."""
    installed = await asyncio.to_thread(plugins.gather, "transom.widgets")
    widgets = {plugin.name: plugin for plugin in installed} | dict(extra or {})
    secret = settings.secret or await asyncio.to_thread(kept_secret, settings.data)
    await asyncio.to_thread(skeleton, "")  # reads Unicode's list, which nobody's comment should wait for
    database = await open_database(settings, clock)
    generations = Generations(await asyncio.to_thread(open_shared, settings.data, *GENERATIONS))
    buckets = Buckets(await asyncio.to_thread(open_shared, settings.data, *BUCKETS), secret, monotonic)
    sites = Sites(database, generations)
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
    )
    hearing = Hearing(generations, partial(_forget, sites, cache))
    listening = asyncio.create_task(_listen(house, hub, hearing))
    try:
        app = await asyncio.to_thread(build, house, settings, cache, hub, buckets, beside=beside)
        yield Server(app, house, settings, cache, hub)
    finally:
        listening.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await listening
        hearing.close()
        await hub.closed()
        house.renderer.close()
        house.guard.close()
        await database.close()
        generations.close()
        buckets.close()


def build(
    house: House,
    settings: Settings,
    cache: PageCache,
    hub: Hub,
    buckets: Buckets,
    *,
    beside: Sequence[BaseRoute] = (),
) -> ASGIApp:
    """The ASGI app of an open house."""
    rendering = Rendering([plugin.thing for plugin in house.widgets.values()], settings.public_url)
    limits = _limits(settings, buckets)
    assets = Assets(rendering)
    embed = Embed(
        house, settings, rendering, cache, limits, live=settings.public_url + assets.address("live.js")
    )
    live = Live(embed, hub)
    app = Starlette(
        routes=[
            *embed_routes(embed, assets, live),
            *assets.routes(),
            Route("/healthz", _healthz),
            Route("/readyz", _ready(house)),
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
    return below(FastPath(LivePath(app, live), cache), settings.public_url)


class Lazy:
    """An ASGI app that opens its server with the lifespan that `uvicorn` runs."""

    def __init__(
        self,
        settings: Settings,
        *,
        beside: Sequence[BaseRoute] = (),
        ready: Callable[[], None] = lambda: None,
    ) -> None:
        """`settings` of the server to open; `beside`: further routes; `ready` is called when it is open."""
        self._settings = settings
        self._beside = beside
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
            async with opened(self._settings, beside=self._beside) as server:
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
        generations.bump(site, subject, choice)
        _forget(sites, cache, site, subject, choice)
        hub.stir(site, subject)

    return announce


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
            hearing.heard(change.site, change.subject)
            hub.stir(change.site, change.subject)


async def _healthz(request: Request) -> Response:  # noqa: ARG001 - Starlette's shape
    return PlainTextResponse("ok", headers={"cache-control": "no-store"})


def _ready(house: House) -> Callable[[Request], Awaitable[Response]]:
    """Whether requests can be answered: the database is reached, and its schema is this program's."""

    async def readyz(request: Request) -> Response:  # noqa: ARG001 - Starlette's shape
        waiting = await pending(house.database)
        if waiting:
            message = f"{len(waiting)} migrations have not run yet."
            raise Unavailable(message)
        return PlainTextResponse("ready", headers={"cache-control": "no-store"})

    return readyz
