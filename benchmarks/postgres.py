"""Transom on PostgreSQL under measurement: the server from the wheel that the tests use, durable as it comes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from benchmarks import transom
from benchmarks.corpus import Text
from tests.postgres import Server

DATABASE = "postgres"
"""The database that every new server has."""


@contextmanager
def served(port: int, folder: Path, threads: Mapping[str, Sequence[Text]]) -> Iterator[None]:
    """Transom on a database of its own with these threads, until the block ends."""
    with server() as postgres:
        url = postgres.url(DATABASE)
        transom.fill(folder, threads, url)
        with transom.transom(port, folder, TRANSOM_DATABASE=url):
            yield


@contextmanager
def server() -> Iterator[Server]:
    """A PostgreSQL server with an empty database, until the block ends; it waits for the disk at each commit."""
    postgres = Server(options=())
    try:
        postgres.start()
        yield postgres
    finally:
        postgres.remove()
