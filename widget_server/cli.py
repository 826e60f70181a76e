"""The command `transom`: what an operator does from a shell."""

from __future__ import annotations

import click

from widget_server import __version__
from widget_server.commands.demo import demo
from widget_server.commands.doctor import doctor
from widget_server.commands.imports import import_
from widget_server.commands.migrating import migrate
from widget_server.commands.moderators import moderator
from widget_server.commands.plugins import plugins
from widget_server.commands.serve import serve
from widget_server.commands.sites import site


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="transom")
def main() -> None:
    """Turn any page into a social one: like, comment, and more, on your own server."""


for command in (demo, doctor, import_, migrate, moderator, plugins, serve, site):
    main.add_command(command)
