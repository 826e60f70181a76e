"""`transom migrate`: bring the database up to date, apart from a start."""

from __future__ import annotations

from collections.abc import Sequence

import click

from widget_server.commands.options import run, with_settings
from widget_server.installed import installed
from widget_server.opening import database_name, now, opened_as_it_is, sets_of
from widget_server.settings import Settings
from widget_server.store.migrate import Migrated, MigrationSet
from widget_server.store.migrate import migrate as bring_up


@click.command()
@with_settings
def migrate(settings: Settings) -> None:
    """Make the tables, or bring them up to date; `serve` does it too, with its start.

    A SQLite file that was in use is copied beside itself first. On PostgreSQL, back up before.
    """
    done = run(_migrate(settings, sets_of(installed(settings).widgets.values())))
    for migration in done.applied:
        click.echo(f"{migration.owner} {migration.name}")
    if done.backup:
        click.echo(f"The database as it was before: {done.backup}")
    if not done.applied:
        click.echo(f"{database_name(settings)} is up to date.")


async def _migrate(settings: Settings, sets: Sequence[MigrationSet]) -> Migrated:
    database = await opened_as_it_is(settings)
    try:
        return await bring_up(database, sets, now=now())
    finally:
        await database.close()
