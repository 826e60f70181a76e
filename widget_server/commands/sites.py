"""`transom site`: who embeds."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Sequence

import click

from widget_server import identity
from widget_server.commands.options import run, with_settings
from widget_server.commands.wishes import set_, show
from widget_server.errors import FieldInvalid
from widget_server.opening import database_of, now
from widget_server.settings import Settings
from widget_server.store import sites
from widget_server.store.changes import touched
from widget_server.vocabulary import Site, SiteSettings, Transaction


@click.group()
def site() -> None:
    """Sites: who embeds."""


site.add_command(show)
site.add_command(set_)


@site.command()
@click.argument("id")
@click.option(
    "--origin", "origins", multiple=True, required=True, help="An origin of its pages; once for each."
)
@click.option("--name", help="What people call it.  [default: the id]")
@with_settings
def create(settings: Settings, id: str, origins: Sequence[str], name: str | None) -> None:  # noqa: A002 - click's name
    """Make a site: `transom site create blog --origin https://blog.example.com`."""
    if not sites.SITE_ID.fullmatch(id):
        message = f"{id!r} is not an id for a site: 1 to 40 of a-z, 0-9 and hyphens, no hyphen at either end."
        raise FieldInvalid(message, field="site")
    made = Site(id, name or id, checked_origins(origins), SiteSettings(), now())
    run(_create(settings, made))
    click.echo(f"The site {id!r} is there. Put this into its pages:\n")
    click.echo(snippet(settings.public_url, id))


@site.command("list")
@click.option("--json", "as_json", is_flag=True, help="As JSON, for a script.")
@with_settings
def list_(settings: Settings, *, as_json: bool) -> None:
    """List the sites."""
    found = run(_every(settings))
    if as_json:
        click.echo(json.dumps([dataclasses.asdict(each) for each in found], indent=2))
    elif not found:
        click.echo("There is no site yet: transom site create ID --origin https://…", err=True)
    else:
        for each in found:
            click.echo(f"{each.id}\t{each.name}\t{' '.join(each.origins)}")


def checked_origins(origins: Sequence[str]) -> tuple[str, ...]:
    """Origins in the form in which browsers send them; what is none is refused."""
    found = [identity.site_origin(origin) for origin in origins]
    for given, origin in zip(origins, found, strict=True):
        if origin is None:
            message = f"{given!r} is not an origin; one looks like https://blog.example.com."
            raise FieldInvalid(message, field="origin")
    return tuple(dict.fromkeys(origin for origin in found if origin is not None))


def snippet(server: str, site_id: str) -> str:
    """What goes into a page."""
    return (
        f'<link rel="stylesheet" href="{server}/transom.css">\n'
        f'<script type="module" async src="{server}/transom.js" data-site="{site_id}"></script>\n'
        "<transom-like></transom-like>\n"
        '<transom-comments class="transom-reserve"></transom-comments>'
    )


async def _create(settings: Settings, made: Site) -> None:
    def transaction() -> Transaction[None]:
        yield from sites.add(made)
        yield from touched(made.id, "")

    async with database_of(settings) as database:
        await database.write(transaction())


async def _every(settings: Settings) -> Sequence[Site]:
    async with database_of(settings) as database:
        return await database.read(sites.every())
