"""`transom demo`: a sample site with a page that carries every widget, on the embedded database."""

from __future__ import annotations

import socket
from dataclasses import replace

import click

from widget_server.app import Lazy
from widget_server.commands.logs import write_log
from widget_server.commands.options import run, with_settings
from widget_server.commands.serve import listen
from widget_server.demo.site import Addresses, prepare, routes
from widget_server.errors import Misconfigured
from widget_server.settings import Settings


@click.command()
@click.option(
    "--port", default=8400, show_default=True, type=click.IntRange(1, 65_535), help="Port to listen on."
)
@with_settings
def demo(settings: Settings, port: int) -> None:
    """Show it: a sample page and the admin, on this machine only."""
    write_log(settings.log_format)
    settings = replace(settings, public_url=f"http://127.0.0.1:{port}")
    _check_free(port)
    addresses = run(prepare(settings))
    app = Lazy(settings, beside=routes(settings.public_url), ready=lambda: _tell(addresses))
    listen(app, "127.0.0.1", port)


def _check_free(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            message = f"Port {port} is taken by another program; try --port {port + 1}."
            raise Misconfigured(message) from error


def _tell(addresses: Addresses) -> None:
    click.echo("Transom is open. Press Ctrl-C to stop.\n")
    click.echo(f"  The sample page   {addresses.page}")
    click.echo(f"  The admin         {addresses.admin}")
    click.echo("                    (signs in once, within an hour)\n")
