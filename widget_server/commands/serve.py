"""`transom serve`: the server, on one address, in one process or several."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import tempfile
from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path

import click
from starlette.types import ASGIApp

from widget_server.app import Lazy
from widget_server.commands.listening import GRACE, PATIENCE, Server, bound, config_of, run_server
from widget_server.commands.logs import write_log
from widget_server.commands.options import with_settings
from widget_server.commands.supervisor import Supervisor
from widget_server.commands.worker import Order
from widget_server.errors import Misconfigured
from widget_server.opening import database_of, kept_secret
from widget_server.settings import LOG_FORMATS, Settings


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option(
    "--port", default=8400, show_default=True, type=click.IntRange(0, 65_535), help="Port to listen on."
)
@click.option(
    "--workers",
    default=1,
    show_default=True,
    type=click.IntRange(1, 64),
    help="Processes that serve; one for each core is enough.",
)
@click.option("--log-format", type=click.Choice(LOG_FORMATS), help="Lines for people, or for programs.")
@with_settings
def serve(settings: Settings, host: str, port: int, workers: int, log_format: str | None) -> None:
    """Serve the widgets and the admin."""
    settings = replace(settings, log_format=log_format or settings.log_format)
    write_log(settings.log_format)
    if workers == 1:
        listen(Lazy(settings), host, port, settings.drain_seconds, settings.request_seconds)
    else:
        _supervise(settings, host, port, workers)


def listen(app: ASGIApp, host: str, port: int, grace: int = GRACE, patience: int = PATIENCE) -> None:
    """Serve an app in this process until a signal says stop."""
    if hasattr(signal, "SIGHUP"):  # the terminal was closed: an end like any other
        signal.signal(signal.SIGHUP, lambda *_: signal.raise_signal(signal.SIGTERM))
    run_server(Server(config_of(app, grace, patience=patience, host=host, port=port)))


def _supervise(settings: Settings, host: str, port: int, workers: int) -> None:
    if os.name != "posix":
        raise Misconfigured("Several workers need a Unix; start one here.")
    given = click.get_current_context().params
    overrides = {name: given[name] for name in ("data", "database", "log_format")}
    config = str(given["config"]) if isinstance(given["config"], Path) else None
    places = bound(host, port, workers)
    asyncio.run(_prepare(settings))
    shares = bool(settings.metrics_token)
    with tempfile.TemporaryDirectory(prefix="transom-") if shares else nullcontext("") as fellows:
        order = Order(overrides, config, (), fellows)
        if not asyncio.run(_run(order, places, settings.drain_seconds)):
            raise SystemExit(1)


async def _run(order: Order, places: Sequence[Sequence[socket.socket]], grace: float) -> bool:
    return await Supervisor(order, places, grace).run()


async def _prepare(settings: Settings) -> None:
    """Migrate, and make the secret, before several do so at once."""
    if not settings.secret:
        await asyncio.to_thread(kept_secret, settings.data)
    async with database_of(settings):
        pass
