"""`transom import`: comments from another system's export."""

from __future__ import annotations

from collections.abc import Sequence
from typing import BinaryIO

import click
from rich.console import Console

from widget_server.commands.options import run, with_settings
from widget_server.opening import database_of, now
from widget_server.settings import Settings
from widget_server.transfer.command import Order, carry_out, reader_named


@click.command("import")
@click.argument("format")
@click.argument("file", type=click.File("rb"))
@click.option("--site", required=True, metavar="ID", help="The site that the comments come to.")
@click.option("--dry-run", is_flag=True, help="Count what would happen, and keep nothing.")
@click.option(
    "--origin",
    "moves",
    multiple=True,
    metavar="OLD=NEW",
    help="Where pages have moved: https://old.example=https://new.example; once for each.",
)
@click.option("--json", "as_json", is_flag=True, help="The report as JSON, for a script.")
@with_settings
def import_(
    settings: Settings,
    *,
    format: str,  # noqa: A002 - click's name
    file: BinaryIO,
    site: str,
    dry_run: bool,
    moves: Sequence[str],
    as_json: bool,
) -> None:
    """Import comments: `transom import wordpress blog.xml --site blog` (or `disqus`; the file `-` is stdin).

    All of the file comes in, or nothing. Importing it again brings what is new in it.
    """
    order = Order(reader_named(format), site, moves, dry_run, as_json)
    status = run(_import(settings, order, file))
    click.get_current_context().exit(status)


async def _import(settings: Settings, order: Order, file: BinaryIO) -> int:
    async with database_of(settings) as database:
        return await carry_out(order, file, database, now=now(), out=Console(), err=Console(stderr=True))
