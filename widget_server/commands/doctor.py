"""`transom doctor`: finds the usual mistakes, and says what to change."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import asdict

import click

from widget_server.commands import checks
from widget_server.commands.checks import Finding
from widget_server.commands.options import run, with_settings
from widget_server.errors import TransomError
from widget_server.installed import Installed, installed
from widget_server.opening import database_file, database_name, is_postgresql, opened_as_it_is, sets_of
from widget_server.settings import Settings
from widget_server.store import sites
from widget_server.store.database import Database
from widget_server.store.migrate import Migratable, pending
from widget_server.store.postgres_checks import look


@click.command()
@click.option("--json", "as_json", is_flag=True, help="What it finds, for a program.")
@with_settings
def doctor(settings: Settings, *, as_json: bool) -> None:
    """Look for the usual mistakes. The exit status is 1 if there are any."""
    found = list(checks.here(settings))
    version = f"SQLite {sqlite3.sqlite_version}"
    there = Installed({}, {}, {}, ())
    try:
        there = installed(settings)
        found += checks.plugins(there.broken)
    except TransomError as error:
        found.append(Finding("plugins", error.detail))
    try:
        if is_postgresql(settings) or database_file(settings).exists():
            told, more = run(_database(settings, there))
            version, found = told or version, [*found, *more]
    except TransomError as error:
        found.append(Finding("database", error.detail))
    named = f"{version}, database {database_name(settings)}"
    complaints = [finding for finding in found if not finding.is_note]
    if as_json:
        click.echo(
            json.dumps({"database": named, "findings": [asdict(finding) for finding in found]}, indent=2)
        )
    else:
        _tell(named, found, is_well=not complaints)
    if complaints:
        raise SystemExit(1)


def _tell(named: str, found: Sequence[Finding], *, is_well: bool) -> None:
    click.echo(named)
    for finding in found:
        click.echo(f"  note: {finding.message}" if finding.is_note else f"  ! {finding.message}")
    if is_well:
        click.echo("Nothing to complain about.")


async def _database(settings: Settings, there: Installed) -> tuple[str, Sequence[Finding]]:
    """What the database is, and what is wrong with it; it is looked at, and never migrated."""
    database = await opened_as_it_is(settings)
    try:
        version, found = "", []
        if is_postgresql(settings):
            server = await database.read(look())
            version = f"PostgreSQL {server.version}"
            found = [Finding("postgresql", message) for message in server.complaints]
            found += checks.clock(server.now / 1000, "of the database server")
        return version, [*found, *(await _sites(database, there))]
    finally:
        await database.close()


async def _sites(database: Migratable, there: Installed) -> Sequence[Finding]:
    waiting = await pending(database, sets_of(there.widgets.values()))
    if waiting:
        names = ", ".join(migration.name for migration in waiting)
        message = (
            f"migrations that have not run yet: {names}; `transom serve` copies a SQLite file and runs them."
        )
        return [Finding("migrations", message)]
    return list(await _origins(database))


async def _origins(database: Database) -> Iterator[Finding]:
    found = await database.read(sites.every())
    if not found:
        return iter([Finding("sites", "there is no site yet: transom site create ID --origin https://…")])
    return (
        Finding("origins", f"the site {each.id!r} has no origin: nobody can write there.")
        for each in found
        if not each.origins
    )
