"""Bring a file's comments into a site: read into a spool, then one transaction; all of it or nothing."""

from __future__ import annotations

import asyncio
import sqlite3
import threading
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import BinaryIO

from widget_server.errors import FieldInvalid, NotFound, PluginFailed, Refused, StorageFailed, TransomError
from widget_server.identity import site_origin
from widget_server.plugins import IMPORTERS, gather
from widget_server.store import sites
from widget_server.store.database import Database
from widget_server.transfer.arriving import Arrivals, arrive
from widget_server.transfer.receiving import Receiver
from widget_server.transfer.records import Item, Progress, Reader
from widget_server.transfer.report import ALREADY, Report
from widget_server.transfer.spool import Spool
from widget_server.vocabulary import Site, Transaction

PATIENCE = 3_600.0
"""Seconds that the one transaction of an import may take."""


def readers() -> Mapping[str, Reader]:
    """The readers that are installed, by the name of their format."""
    return {plugin.name: plugin.thing for plugin in gather(IMPORTERS)}


async def import_file(
    file: BinaryIO,
    reader: Reader,
    site_id: str,
    database: Database,
    *,
    now: int,
    moves: Mapping[str, str] | None = None,
    dry_run: bool = False,
    progress: Progress | None = None,
) -> Report:
    """Import one file. A second import of the same file changes nothing.

    `moves` maps the origins of old pages to the new ones. A dry run counts the same and keeps nothing.
    Raises `NotFound` for the site, `FieldInvalid` for a move to an origin that the site does not allow, and
    `ImportRefused` where the file as a whole cannot be trusted; then nothing was changed.
    """
    site = await _site(database, site_id, moves or {})
    stop = threading.Event()
    tell = _stoppable(progress, stop)
    spool = await asyncio.to_thread(Spool)
    receiver = Receiver(site, spool, moves or {})
    try:
        await asyncio.to_thread(_read, file, reader, receiver, tell)
        arrival = arrive(site, reader.name, spool, now, tell)
        arrivals = await _store(database, arrival, dry_run=dry_run)
        return await asyncio.to_thread(_report, reader, receiver, spool, arrivals, dry_run=dry_run)
    finally:
        stop.set()
        await asyncio.to_thread(spool.close)


def parse_moves(pairs: Sequence[str]) -> dict[str, str]:
    """`OLD=NEW` pairs of origins; raises FieldInvalid for one that is malformed."""
    moves = {}
    for pair in pairs:
        old, _, new = pair.partition("=")
        origins = site_origin(old.strip()), site_origin(new.strip())
        if None in origins:
            detail = f"{pair!r} is not of the form https://old.example=https://new.example."
            raise FieldInvalid(detail, field="origin")
        moves[str(origins[0])] = str(origins[1])
    return moves


async def _site(database: Database, site_id: str, moves: Mapping[str, str]) -> Site:
    site = await database.read(sites.get(site_id))
    if site is None:
        raise NotFound(f"There is no site {site_id!r}.", field="site")
    allowed = {site_origin(origin) for origin in site.origins}
    for target in moves.values():
        if target not in allowed:
            raise FieldInvalid(f"{target} is not an origin of the site {site_id!r}.", field="origin")
    return site


class _Stopped(Exception):
    """Whoever asked for the import has gone."""


class _Rehearsed(Refused):
    """A dry run ends here, so that its transaction is rolled back."""

    def __init__(self, arrivals: Arrivals) -> None:
        super().__init__()
        self.arrivals = arrivals


def _stoppable(progress: Progress | None, stop: threading.Event) -> Progress:
    def tell(step: str, done: int, total: int | None = None) -> None:
        if stop.is_set():
            raise _Stopped
        if progress is not None:
            progress(step, done, total)

    return tell


def _read(file: BinaryIO, reader: Reader, receiver: Receiver, tell: Progress) -> None:
    try:
        for item in _items(file, reader):
            receiver.take(item)
            tell("read", _position(file))
        receiver.spool.settle()
    except sqlite3.Error as error:
        detail = f"The import needs room in the folder for temporary files, and got none ({error})."
        raise StorageFailed(detail) from error


def _items(file: BinaryIO, reader: Reader) -> Iterator[Item]:
    """What the reader yields; one that raises what it should not has failed, and is named."""
    try:
        yield from reader.read(file)
    except (TransomError, OSError):
        raise
    except Exception as error:
        raise PluginFailed(f"The reader {reader.name!r} failed: {error!r}") from error


def _position(file: BinaryIO) -> int:
    try:
        return file.tell()
    except OSError:  # a pipe has none
        return 0


async def _store(database: Database, transaction: Transaction[Arrivals], *, dry_run: bool) -> Arrivals:
    try:
        return await database.write(_rehearsal(transaction) if dry_run else transaction, patience=PATIENCE)
    except _Rehearsed as rehearsed:
        return rehearsed.arrivals


def _rehearsal(transaction: Transaction[Arrivals]) -> Transaction[Arrivals]:
    raise _Rehearsed((yield from transaction))


def _report(reader: Reader, receiver: Receiver, spool: Spool, arrivals: Arrivals, *, dry_run: bool) -> Report:
    skipped = receiver.skipped + Counter(spool.skipped()) + Counter({ALREADY: arrivals.known})
    return Report(
        format=reader.name,
        site=receiver.site.id,
        dry_run=dry_run,
        read=receiver.read,
        inserted=arrivals.stored,
        skipped=dict(sorted(skipped.items())),
        pages=arrivals.pages,
        notes=dict(sorted(arrivals.notes.items())),
        origins=spool.foreign_origins(),
    )
