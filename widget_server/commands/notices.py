"""`transom notices`: what notifiers are still to be told of a site, and what they could not be told."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Sequence
from datetime import UTC, datetime

import click

from widget_server.commands.options import run, with_settings
from widget_server.errors import NotFound
from widget_server.opening import database_of, now
from widget_server.settings import Settings
from widget_server.store import outbox, sites
from widget_server.store.outbox import Notice


@click.command()
@click.option("--site", required=True, help="The site's id.")
@click.option("--again", is_flag=True, help="Try once more to tell what was given up.")
@click.option("--drop", is_flag=True, help="Forget what was given up.")
@click.option("--json", "as_json", is_flag=True, help="As JSON, for a script.")
@with_settings
def notices(settings: Settings, site: str, *, again: bool, drop: bool, as_json: bool) -> None:
    """List what notifiers are still to be told of a site."""
    if again and drop:
        message = "Either try again what was given up, or forget it."
        raise click.UsageError(message)
    found, count = run(_looked(settings, site, again=again, drop=drop))
    if as_json:
        click.echo(json.dumps([{**dataclasses.asdict(each), "state": _state(each)} for each in found]))
        return
    if again or drop:
        click.echo(f"{count} {'are tried again' if again else 'are forgotten'}.")
    for each in found:
        click.echo("\t".join((each.notifier, each.interaction, _state(each), each.fault)))
    if not found:
        click.echo(f"Nothing waits to be told of {site}.", err=True)


def _state(notice: Notice) -> str:
    if notice.due == outbox.NEVER:
        return f"given up after {notice.attempts} attempts"
    when = datetime.fromtimestamp(notice.due / 1000, UTC)
    return f"due {when:%Y-%m-%d %H:%M:%S} UTC, {notice.attempts} attempts"


async def _looked(settings: Settings, site: str, *, again: bool, drop: bool) -> tuple[Sequence[Notice], int]:
    async with database_of(settings) as database:
        if await database.read(sites.get(site)) is None:
            message = f"There is no site {site[:40]!r} here."
            raise NotFound(message)
        count = 0
        if again:
            count = await database.write(outbox.again(site, now()))
        elif drop:
            count = await database.write(outbox.drop(site))
        return await database.read(outbox.of_site(site)), count
