"""`transom serve`: the server, on one address."""

from __future__ import annotations

import contextlib

import click
import uvicorn
from starlette.types import ASGIApp

from widget_server.app import Lazy
from widget_server.commands.logs import write_log
from widget_server.commands.options import with_settings
from widget_server.settings import Settings

GRACE = 10
"""Seconds that requests under way are given when the server is told to stop."""


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option(
    "--port", default=8400, show_default=True, type=click.IntRange(0, 65_535), help="Port to listen on."
)
@with_settings
def serve(settings: Settings, host: str, port: int) -> None:
    """Serve the widgets and the admin."""
    listen(Lazy(settings), host, port)


def listen(app: ASGIApp, host: str, port: int) -> None:
    """Serve an app until a signal says stop; forwarded headers are ours to judge, so uvicorn leaves them alone."""
    write_log()
    config = uvicorn.Config(
        app,
        host=host,
        port=port,
        access_log=False,
        proxy_headers=False,
        server_header=False,
        date_header=True,
        lifespan="on",
        log_config=None,
        log_level="warning",
        timeout_graceful_shutdown=GRACE,
        backlog=2048,
    )
    server = uvicorn.Server(config)
    with contextlib.suppress(KeyboardInterrupt):  # Ctrl-C is how one stops it, and no accident
        server.run()
    if not server.started:
        raise SystemExit(1)
