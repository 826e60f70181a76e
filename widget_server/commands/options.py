"""What every command takes, and how each ends: a result, or an explanation on stderr and an exit status."""

from __future__ import annotations

import asyncio
import functools
import os
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any, Concatenate, ParamSpec, TypeVar

import click

from widget_server.errors import TransomError
from widget_server.settings import Settings, load

P = ParamSpec("P")
T = TypeVar("T")


def with_settings(command: Callable[Concatenate[Settings, P], T]) -> Callable[P, T]:
    """Give a command `--data`, `--database` and `--config`, and hand it the settings as its first argument."""

    @click.option(
        "--data", metavar="DIR", help="Folder of the database and the secret.  [default: ./transom-data]"
    )
    @click.option(
        "--database", metavar="URL", help="Another database than the SQLite file in the data folder."
    )
    @click.option(
        "--config", metavar="FILE", type=click.Path(path_type=Path), help="A TOML file with settings."
    )
    @functools.wraps(command)
    def wrapped(*args: P.args, **kwargs: P.kwargs) -> T:
        overrides = {name: kwargs.pop(name) for name in ("data", "database")}
        config = kwargs.pop("config")
        with explained():
            settings = load(os.environ, config if isinstance(config, Path) else None, overrides)
            return command(settings, *args, **kwargs)

    return wrapped


class explained:  # noqa: N801 - reads as a word in `with explained():`
    """Turn our errors into an explanation for an operator: no traceback, exit status 1."""

    def __enter__(self) -> None:
        """Nothing to do."""

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        """Explain."""
        if isinstance(error, TransomError):
            raise click.ClickException(error.detail) from error


def run(work: Coroutine[Any, Any, T]) -> T:
    """Run a command's asynchronous part."""
    return asyncio.run(work)
