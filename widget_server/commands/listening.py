"""Listening: the HTTP server's settings, and the sockets that it serves on."""

from __future__ import annotations

import contextlib
import errno
import socket
import sys
from collections.abc import Sequence

import uvicorn
from starlette.types import ASGIApp

from widget_server.commands.patience import protocol_of
from widget_server.errors import Misconfigured

GRACE = 10
"""Seconds that requests under way are given when the server is told to stop."""

PATIENCE = 30
"""Seconds that a client has to send a request."""

BACKLOG = 2048
"""Connections that may wait to be accepted."""

SPREADS = sys.platform == "linux"
"""Whether the kernel spreads connections over the sockets that share a port."""


class Server(uvicorn.Server):
    """uvicorn's server, which waits for open answers when it is told to stop: streams are ended before."""

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Drain the app, if it has streams, and stop."""
        drain = getattr(self.config.app, "drain", None)
        if drain is not None:
            drain()
        await super().shutdown(sockets)


def config_of(
    app: ASGIApp, grace: int, *, patience: int = PATIENCE, host: str = "", port: int = 0
) -> uvicorn.Config:
    """How uvicorn serves; forwarded headers are ours to judge, so it leaves them alone."""
    return uvicorn.Config(
        app,
        http=protocol_of(patience),
        host=host,
        port=port,
        access_log=False,
        proxy_headers=False,
        server_header=False,
        date_header=True,
        lifespan="on",
        log_config=None,
        log_level="warning",
        timeout_graceful_shutdown=grace,
        backlog=BACKLOG,
    )


def run_server(server: uvicorn.Server, listeners: list[socket.socket] | None = None) -> None:
    """Serve until a signal says stop; a server that could not start ends the program with status 1."""
    with contextlib.suppress(KeyboardInterrupt):  # Ctrl-C is how one stops it, and no accident
        server.run(listeners)
    if not server.started:
        raise SystemExit(1)


def bound(host: str, port: int, workers: int) -> Sequence[Sequence[socket.socket]]:
    """For each worker its sockets, one for each address of the host; they are bound, and not listening yet.

    Where the kernel spreads connections over sockets of one port, each worker has its own: workers on a shared one
    accept in bursts, so that a few have nearly all connections. Elsewhere all have the same.
    """
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
        addresses = list(dict.fromkeys((family, address) for family, _, _, _, address in found))
        columns = [column for each in addresses if (column := _column(*each, workers)) is not None]
    except OSError as error:
        message = f"Cannot listen on {host} port {port}: {error.strerror}."
        raise Misconfigured(message) from error
    if not columns:
        message = f"Cannot listen on {host} port {port}: this machine has no such address."
        raise Misconfigured(message)
    return list(zip(*columns, strict=True))


def _column(
    family: socket.AddressFamily, address: tuple[object, ...], workers: int
) -> Sequence[socket.socket] | None:
    """A socket for each worker; None where this machine lacks the address, as many lack `::1` for `localhost`."""
    try:
        first = _socket(family, address, is_shared=False)  # refused where any other program has the port
    except OSError as error:
        if error.errno in {errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT}:
            return None
        raise
    if not SPREADS:
        return [first] * workers
    address = first.getsockname()
    first.close()
    return [_socket(family, address, is_shared=True) for _ in range(workers)]


def _socket(family: socket.AddressFamily, address: tuple[object, ...], *, is_shared: bool) -> socket.socket:
    listener = socket.socket(family, socket.SOCK_STREAM)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if is_shared:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        if family == socket.AF_INET6:
            listener.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        listener.bind(address)
    except BaseException:
        listener.close()
        raise
    return listener
