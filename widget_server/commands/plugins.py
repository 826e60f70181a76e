"""`transom plugins`: what is installed, whether it can be used, and where it came from."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping

import click

from widget_server.commands.options import with_settings
from widget_server.installed import every
from widget_server.plugins import Found
from widget_server.settings import Settings

LOADED, BROKEN = "loaded", "broken"


@click.command()
@click.option("--json", "as_json", is_flag=True, help="As JSON, for a script.")
@with_settings
def plugins(settings: Settings, *, as_json: bool) -> None:
    """List the plug-ins: group, name, distribution, version, state, and where it came from or why it is broken.

    The server leaves a broken one out. The exit status is 0 all the same: `transom doctor` is for complaints.
    """
    rows = list(_rows(every(settings)))
    if as_json:
        click.echo(json.dumps(rows, indent=2))
    else:
        for row in rows:
            columns = [row[name] or "-" for name in ("group", "name", "distribution", "version", "state")]
            click.echo("\t".join([*columns, row["reason"] or row["origin"]]).rstrip("\t"))


def _rows(found: Mapping[str, Found]) -> Iterator[dict[str, str]]:
    for group, those in found.items():
        loaded = [
            {
                "group": group,
                "name": plugin.name,
                "distribution": plugin.distribution,
                "version": plugin.version,
                "state": LOADED,
                "origin": plugin.origin,
                "reason": "",
            }
            for plugin in those.plugins
        ]
        broken = [
            {
                "group": group,
                "name": each.name,
                "distribution": each.distribution,
                "version": each.version,
                "state": BROKEN,
                "origin": each.origin,
                "reason": each.reason,
            }
            for each in those.broken
        ]
        yield from sorted([*loaded, *broken], key=lambda row: row["name"])
