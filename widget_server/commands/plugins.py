"""`transom plugins`: what is installed, and where it came from."""

from __future__ import annotations

import json

import click

from widget_server.commands.options import explained
from widget_server.plugins import gather

GROUPS = ("transom.widgets", "transom.importers")


@click.command()
@click.option("--json", "as_json", is_flag=True, help="As JSON, for a script.")
def plugins(*, as_json: bool) -> None:
    """List the plug-ins."""
    with explained():
        found = [(group, plugin) for group in GROUPS for plugin in gather(group)]
    rows = [
        {"group": group, "name": plugin.name, "distribution": plugin.distribution, "version": plugin.version}
        for group, plugin in found
    ]
    if as_json:
        click.echo(json.dumps(rows, indent=2))
    else:
        for row in rows:
            click.echo("\t".join(row.values()))
