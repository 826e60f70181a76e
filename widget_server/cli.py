"""The command `transom`: what an operator does from a shell."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module

import click

from widget_server import __version__

COMMANDS: Mapping[str, str] = {
    "demo": "demo:demo",
    "doctor": "doctor:doctor",
    "import": "imports:import_",
    "migrate": "migrating:migrate",
    "moderator": "moderators:moderator",
    "plugin": "plugin:plugin",
    "plugins": "plugins:plugins",
    "serve": "serve:serve",
    "site": "sites:site",
}
"""Where each command is, below `widget_server.commands`."""


class Commands(click.Group):
    """Commands that are imported when they are asked for: a server that runs for months needs no import of texts."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's shape
        """Their names."""
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - as above
        """One of them."""
        module, _, name = COMMANDS.get(cmd_name, "").partition(":")
        if not name:
            return None
        command: click.Command = getattr(import_module(f"widget_server.commands.{module}"), name)
        return command


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="transom")
def main() -> None:
    """Turn any page into a social one: like, comment, and more, on your own server."""
