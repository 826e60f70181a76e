"""`transom plugin new`: a widget of one's own to begin with, complete and tested."""

from __future__ import annotations

from pathlib import Path

import click

from widget_server.commands.drafting import Draft, checked_name, distribution, written
from widget_server.commands.options import explained
from widget_server.errors import Conflict, StorageReadOnly
from widget_server.plugins import gather


@click.group()
def plugin() -> None:
    """Plug-ins: widgets of your own."""


@plugin.command()
@click.argument("name")
@click.option(
    "--dir",
    "parent",
    metavar="DIR",
    type=click.Path(path_type=Path),
    default=Path(),
    help="Where to put its folder.  [default: here]",
)
@click.option("--script", is_flag=True, help="With a browser module of its own.")
@click.option("--table", is_flag=True, help="With a table of its own.")
def new(name: str, parent: Path, *, script: bool, table: bool) -> None:
    """Write a package with a widget that works: `transom plugin new wave`."""
    with explained():
        installed = {found.name for found in gather("transom.widgets")}
        draft = Draft(checked_name(name, installed), f"transom_{name.replace('-', '_')}", script, table)
        folder = parent / f"transom-{name}"
        texts = distribution(draft)
        _write(folder, texts)
    click.echo(f"{folder} is there, with {len(texts)} files. Go on with:\n")
    click.echo(f"  cd {folder}\n  pip install -e '.[test]'\n  pytest\n")
    click.echo(
        f'Then start the server again, and put <transom-widget kind="{name}"></transom-widget> into a page.'
    )


def _write(folder: Path, texts: dict[str, str]) -> None:
    if folder.exists() and any(folder.iterdir() if folder.is_dir() else [folder]):
        message = f"{folder} is there already, and not empty; nothing was written."
        raise Conflict(message)
    try:
        written(folder, texts)
    except OSError as error:
        message = f"{folder} cannot be written: {error.strerror}."
        raise StorageReadOnly(message) from error
