"""`transom doctor`: finds the usual mistakes, and says what to change."""

from __future__ import annotations

import os
import sqlite3
import stat
from collections.abc import Iterator
from urllib.parse import urlsplit

import click

from widget_server.commands.options import run, with_settings
from widget_server.opening import SECRET, database_file, database_name, is_postgresql, opened_as_it_is
from widget_server.settings import Settings
from widget_server.store import sites
from widget_server.store.migrate import pending
from widget_server.store.postgres_checks import look

SAFE_SQLITE = (3, 51, 3)
"""Older ones can corrupt a WAL database when two connections reset it at once (fixed in 3.51.3; also in 3.50.7 and
3.44.6); Transom checkpoints from one connection only, which avoids it."""

LOCAL = frozenset({"127.0.0.1", "localhost", "::1"})


@click.command()
@with_settings
def doctor(settings: Settings) -> None:
    """Look for the usual mistakes."""
    complaints = [*_folder(settings), *_address(settings)]
    if is_postgresql(settings):
        version, found = run(_postgresql(settings))
        complaints += found
        click.echo(f"PostgreSQL {version}, database {database_name(settings)}")
    else:
        if database_file(settings).exists():
            complaints += run(_sites(settings))
        click.echo(f"SQLite {sqlite3.sqlite_version}, database {database_file(settings)}")
        if sqlite3.sqlite_version_info < SAFE_SQLITE:
            click.echo("  note: older than 3.51.3; let no other program write to the file while the server runs.")
    for complaint in complaints:
        click.echo(f"  ! {complaint}")
    if complaints:
        raise SystemExit(1)
    click.echo("Nothing to complain about.")


def _folder(settings: Settings) -> Iterator[str]:
    if not settings.data.exists():
        yield f"{settings.data} is not there yet: `transom serve` or `transom site create` makes it."
        return
    if not os.access(settings.data, os.W_OK):
        yield f"{settings.data} cannot be written: give it to the user who runs the server (chown)."
    secret = settings.data / SECRET
    if secret.exists() and stat.S_IMODE(secret.stat().st_mode) & 0o077:
        yield f"{secret} can be read by others: chmod 600 {secret}"
    free = os.statvfs(settings.data)
    if free.f_bavail * free.f_frsize < 100_000_000:  # noqa: PLR2004 - 100 MB
        yield f"less than 100 MB are free where {settings.data} is."


def _address(settings: Settings) -> Iterator[str]:
    parts = urlsplit(settings.public_url)
    if parts.scheme == "http" and parts.hostname not in LOCAL:
        yield f"public_url is {settings.public_url}, which https pages may not load: set it to an https address."
    if parts.scheme == "https" and not settings.trusted_proxies:
        yield "public_url is https and trusted_proxies is empty: behind a proxy, everybody counts as one client."


async def _postgresql(settings: Settings) -> tuple[str, list[str]]:
    """The server's version, and what is wrong there and with the sites."""
    database = await opened_as_it_is(settings)
    try:
        found = await database.read(look())
    finally:
        await database.close()
    return found.version, [*found.complaints, *(await _sites(settings))]


async def _sites(settings: Settings) -> list[str]:
    """What the database says; it is looked at, and never migrated."""
    database = await opened_as_it_is(settings)
    try:
        waiting = await pending(database)
        if waiting:
            names = ", ".join(migration.name for migration in waiting)
            return [
                f"migrations that have not run yet: {names}; `transom serve` runs them (a SQLite file is copied first)."
            ]
        found = await database.read(sites.every())
    finally:
        await database.close()
    if not found:
        return ["there is no site yet: transom site create ID --origin https://…"]
    return [
        f"the site {each.id!r} has no origin: nobody can write there." for each in found if not each.origins
    ]
