"""One worker of `transom serve --workers`: serves on its supervisor's sockets until that says stop or is gone.

Usage (the supervisor's alone): python -m widget_server.commands.worker DESCRIPTOR
The descriptor is one end of a pair of sockets. A line of JSON comes from it, and a byte goes back each second from
when the worker serves; its end means that the worker shall drain, whether the supervisor closed it or died.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import socket
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import uvicorn

from widget_server.app import Lazy
from widget_server.commands.listening import Server, config_of, run_server
from widget_server.commands.logs import write_log
from widget_server.errors import TransomError
from widget_server.settings import load

BEAT = 1
"""Seconds between two signs of life."""

MOST_ORDER = 65_536
"""Bytes of an order."""


@dataclass(frozen=True, slots=True)
class Order:
    """What a worker is told: where its settings come from, read anew by each, and the sockets to serve on."""

    overrides: Mapping[str, str | None]
    config: str | None
    listeners: Sequence[int]
    fellows: str = ""
    """Folder where all workers leave their numbers; empty: nobody asks for them."""

    def encoded(self) -> bytes:
        """The order as a line."""
        return json.dumps(asdict(self)).encode() + b"\n"


def main(descriptor: int) -> None:
    """Serve until the other end is closed."""
    signal.signal(
        signal.SIGHUP, signal.SIG_IGN
    )  # it is for the supervisor, which renews its workers one by one
    control = socket.socket(fileno=descriptor)
    with control.makefile("rb") as reading:
        order = Order(**json.loads(reading.readline(MOST_ORDER)))
    try:
        settings = load(os.environ, Path(order.config) if order.config else None, order.overrides)
    except TransomError as error:
        raise SystemExit(error.detail) from None
    write_log(settings.log_format)
    listeners = [socket.socket(fileno=listener) for listener in order.listeners]
    control.setblocking(False)  # noqa: FBT003 - the socket's own shape
    app = Lazy(settings, fellows=Path(order.fellows) if order.fellows else None)
    config = config_of(app, settings.drain_seconds, patience=settings.request_seconds)
    server = Server(config)
    config.callback_notify, config.timeout_notify = _Beat(control, server), BEAT
    run_server(server, listeners)


class _Beat:
    """Tells the supervisor that this worker serves, and listens for its end."""

    def __init__(self, control: socket.socket, server: uvicorn.Server) -> None:
        self._control = control
        self._server = server
        self._listening = False

    async def __call__(self) -> None:
        if not self._listening:
            self._listening = True
            asyncio.get_running_loop().add_reader(self._control, self._heard)
        with contextlib.suppress(OSError):  # its end is heard, and a full buffer says nothing new
            self._control.send(b".")

    def _heard(self) -> None:
        asyncio.get_running_loop().remove_reader(self._control)
        self._server.should_exit = True


if __name__ == "__main__":
    main(int(sys.argv[1]))
