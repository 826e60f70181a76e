"""`transom import`: a file on the disk, a report on the terminal."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import BinaryIO

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeRemainingColumn
from rich.table import Table

from widget_server.errors import FieldInvalid, ImportRefused, TransomError
from widget_server.plugins import IMPORTERS, discover
from widget_server.store.database import Database
from widget_server.transfer.importing import import_file, parse_moves, readers
from widget_server.transfer.records import Progress as Told
from widget_server.transfer.records import Reader
from widget_server.transfer.report import NOTES, REASONS, Report


@dataclass(frozen=True, slots=True)
class Order:
    """What the command line asked for."""

    reader: Reader
    site: str
    moves: Sequence[str] = ()
    dry_run: bool = False
    as_json: bool = False


async def carry_out(
    order: Order, file: BinaryIO, database: Database, *, now: int, out: Console, err: Console
) -> int:
    """Import the file and tell what came of it; returns the exit status, 0 or 1.

    The report goes to `out`, progress and complaints to `err`. It is an error that nothing was imported,
    unless all of it had been before.
    """
    try:
        with _progress(file, err) as tell:
            report = await import_file(
                file,
                order.reader,
                order.site,
                database,
                now=now,
                moves=parse_moves(order.moves),
                dry_run=order.dry_run,
                progress=tell,
            )
    except TransomError as error:
        if order.as_json:
            _print_json(out, _complaint(error))
        _complain(err, error.detail)
        return 1
    if order.as_json:
        _print_json(out, report.as_json())
    else:
        _print_report(out, report, order.reader)
    if report.failed:
        _complain(err, report.explanation())
    return int(report.failed)


def reader_named(name: str) -> Reader:
    """The reader of a format; raises FieldInvalid that names those there are."""
    known = readers()
    for each in discover(IMPORTERS).broken if name not in known else ():
        if each.name == name:
            message = f"The format {name!r} cannot be used: {each.reason}"
            raise FieldInvalid(message, field="format")
    if name not in known:
        message = f"There is no format {name!r}; there are {', '.join(sorted(known))}."
        raise FieldInvalid(message, field="format")
    return known[name]


@contextmanager
def _progress(file: BinaryIO, err: Console) -> Iterator[Told | None]:
    """Bars on a terminal, nothing elsewhere."""
    if not err.is_terminal:
        yield None
        return
    done = TextColumn("{task.completed:,.0f}")
    columns = (TextColumn("{task.description}"), BarColumn(), done, TimeRemainingColumn())
    with Progress(*columns, console=err, transient=True) as bars:
        tasks: dict[str, TaskID] = {
            "read": bars.add_task("Reading bytes", total=_size(file)),
            "store": bars.add_task("Storing comments", total=None, start=False),
        }

        def tell(step: str, done: int, total: int | None = None) -> None:
            if step == "store":
                bars.start_task(tasks[step])
            bars.update(tasks[step], completed=done, total=total)

        yield tell


def _size(file: BinaryIO) -> int | None:
    try:
        return os.fstat(file.fileno()).st_size or None
    except OSError:
        return None


def _print_json(out: Console, value: object) -> None:
    out.print(json.dumps(value, ensure_ascii=False), markup=False, highlight=False, soft_wrap=True)


def _complaint(error: TransomError) -> dict[str, object]:
    told: dict[str, object] = {"code": error.code, "detail": error.detail}
    if isinstance(error, ImportRefused):
        told |= {"reason": error.reason, "line": error.line}
    return told


def _complain(err: Console, sentence: str) -> None:
    err.print(f"Error: {sentence}", markup=False, highlight=False, soft_wrap=True)


def _print_report(out: Console, report: Report, reader: Reader) -> None:
    verb = "would be imported" if report.dry_run else "imported"
    table = Table(box=None, show_header=False, pad_edge=False)
    table.add_column(justify="right")
    table.add_column()
    table.add_row(f"{report.read:,}", f"read ({reader.title})")
    table.add_row(
        f"{report.inserted:,}", f"{verb}, on {report.pages:,} {'page' if report.pages == 1 else 'pages'}"
    )
    for note, count in report.notes.items():
        table.add_row(f"{count:,}", f"  of these: {NOTES.get(note, note)}")
    for reason, count in report.skipped.items():
        table.add_row(f"{count:,}", f"skipped: {REASONS.get(reason, reason)}")
    for origin, count in report.origins.items():
        table.add_row(f"{count:,}", f"  on {origin}")
    out.print(table, highlight=False, markup=False)
