"""The ways to a server: straight into its app, or through a real nginx below a path."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Protocol

import httpx
import uvicorn
from starlette.types import ASGIApp

from tests import nginx

PREFIX = "/talk"

Transports = Callable[[str, int], httpx.AsyncBaseTransport]
"""What carries the requests of somebody with that address and port."""


class Way(Protocol):
    """How requests come to the server under test."""

    prefix: str
    settings: Mapping[str, object]

    def to(self, app: ASGIApp) -> AbstractAsyncContextManager[Transports]:
        """Open for as long as the block runs."""


class Straight:
    """Into the app, in this process."""

    prefix = ""
    settings: Mapping[str, object] = {}

    @asynccontextmanager
    async def to(self, app: ASGIApp) -> AsyncIterator[Transports]:
        """See `Way.to`."""
        yield lambda address, port: httpx.ASGITransport(
            app, client=(address, port), raise_app_exceptions=False
        )


class BehindNginx:
    """Over TCP, through nginx, to a server on a socket: what the page for a path below another site sets up."""

    settings: Mapping[str, object] = {"trusted_proxies": "127.0.0.1"}

    def __init__(self, program: str, folder: Path, block: str | None = None, prefix: str = PREFIX) -> None:
        """`block`: another configuration than the page's for a path, and the prefix that it stands for."""
        self.prefix = prefix
        self._program = program
        self._folder = folder
        self._block = block or nginx.blocks()[1]
        self._free: list[nginx.Nginx] = []
        self._all: list[nginx.Nginx] = []

    @asynccontextmanager
    async def to(self, app: ASGIApp) -> AsyncIterator[Transports]:
        """See `Way.to`."""
        proxy = self._free.pop() if self._free else self._one_more()
        server = uvicorn.Server(uvicorn.Config(app, lifespan="off", log_config=None, proxy_headers=False))
        server.config.load()
        server.lifespan = server.config.lifespan_class(server.config)
        taken = proxy.upstream.dup()
        await server.startup(sockets=[taken])
        try:
            yield lambda address, _: Forwarded(proxy.port, address)
        finally:
            await server.shutdown(sockets=[taken])
            self._free.append(proxy)

    def stop(self) -> None:
        """End every nginx."""
        for each in self._all:
            each.stop()

    def _one_more(self) -> nginx.Nginx:
        folder = self._folder / str(len(self._all))
        folder.mkdir()
        self._all.append(nginx.started(self._program, self._block, folder))
        return self._all[-1]


class Forwarded(httpx.AsyncBaseTransport):
    """Brings requests for the public address to nginx, as a delivery network in front of it would."""

    def __init__(self, port: int, address: str) -> None:
        self._port = port
        self._address = address
        self._carrier = httpx.AsyncHTTPTransport()

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """One request."""
        headers = request.headers.copy()
        headers.setdefault("x-forwarded-for", self._address)
        url = request.url.copy_with(scheme="http", host="127.0.0.1", port=self._port)
        return await self._carrier.handle_async_request(
            httpx.Request(
                request.method, url, headers=headers, stream=request.stream, extensions=request.extensions
            )
        )

    async def aclose(self) -> None:
        """Close the connections."""
        await self._carrier.aclose()
