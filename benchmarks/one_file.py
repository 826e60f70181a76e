"""Several processes on one SQLite file, each with many writers and readers: nothing fails, and nobody starves.

Usage: python -m benchmarks.one_file [--seconds 60] [--processes 4] [--writers 50] [--readers 10] [--json]
Its status is 1 where a write or a read failed, or one that was answered is missing or there twice.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections import Counter
from contextlib import closing
from dataclasses import asdict, dataclass
from pathlib import Path

from widget_server.errors import TransomError
from widget_server.ids import uuid7
from widget_server.opening import now
from widget_server.store import people, sites
from widget_server.store.changes import clocks, touched
from widget_server.store.migrate import migrate
from widget_server.store.sqlite import SQLite, open_sqlite
from widget_server.vocabulary import Person, PersonKind, Site, SiteSettings, Transaction

SITE = "blog"
PAUSE = 0.005
"""Seconds between two reads of one reader: readers that never rest take the processor, and not the file."""
ROOT = Path(__file__).resolve().parent.parent


@dataclass(slots=True)
class Share:
    """What one process got done, how long the slowest of it took (ms), and what failed."""

    writes: int
    reads: int
    slowest_write: float
    slowest_read: float
    failures: dict[str, int]


def main() -> int:
    """Run the processes, and tell what each got done."""
    options = _options()
    if options.file is not None:
        share = asyncio.run(_crowd(options.file, options.writers, options.readers, options.seconds))
        print(json.dumps(asdict(share)))
        return 0
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "one.sqlite3"
        asyncio.run(_made(file))
        shares = _run(file, options)
        stored = _stored(file)
    is_whole = stored == sum(share.writes for share in shares)
    if options.json:
        print(json.dumps({"shares": [asdict(share) for share in shares], "is_whole": is_whole}))
    else:
        _tell(shares, options.seconds, is_whole=is_whole)
    return 0 if is_whole and not any(share.failures for share in shares) else 1


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.one_file", description=__doc__.splitlines()[0]
    )
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--processes", type=int, default=4)
    parser.add_argument("--writers", type=int, default=50, help="in each process")
    parser.add_argument("--readers", type=int, default=10, help="in each process")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--file", type=Path, help=argparse.SUPPRESS)
    return parser.parse_args()


def _run(file: Path, options: argparse.Namespace) -> list[Share]:
    words = [
        "--file",
        file,
        "--seconds",
        options.seconds,
        "--writers",
        options.writers,
        "--readers",
        options.readers,
    ]
    command = [sys.executable, "-m", "benchmarks.one_file", *map(str, words)]
    started = [subprocess.Popen(command, stdout=subprocess.PIPE, cwd=ROOT) for _ in range(options.processes)]
    return [Share(**json.loads(process.communicate()[0])) for process in started]


def _tell(shares: list[Share], seconds: float, *, is_whole: bool) -> None:
    print("process  writes/s  reads/s  slowest write  slowest read  failures")
    for number, share in enumerate(shares):
        rates = f"{share.writes / seconds:8.0f}  {share.reads / seconds:7.0f}"
        slowest = f"{share.slowest_write:10.0f} ms  {share.slowest_read:9.0f} ms"
        print(f"{number:7}  {rates}  {slowest}  {share.failures or 'none'}")
    print("Each answered write is there once." if is_whole else "Writes are missing, or there twice!")


async def _made(file: Path) -> None:
    database = await open_sqlite(file)
    await migrate(database, now=0)
    await database.write(sites.add(Site(SITE, SITE, (), SiteSettings(), 0)))
    await database.close()


def _stored(file: Path) -> int:
    with closing(sqlite3.connect(file)) as database:
        count: int = database.execute("select count(*) from people").fetchone()[0]
        return count


async def _crowd(file: Path, writers: int, readers: int, seconds: float) -> Share:
    database = await open_sqlite(file)
    end = time.monotonic() + seconds
    failures: Counter[str] = Counter()
    writing = [_write(database, f"page {number}", end, failures) for number in range(writers)]
    reading = [_read(database, end, failures) for _ in range(readers)]
    done = await asyncio.gather(*writing, *reading)
    await database.close()
    wrote, read = done[:writers], done[writers:]
    return Share(
        writes=sum(count for count, _ in wrote),
        reads=sum(count for count, _ in read),
        slowest_write=max(slowest for _, slowest in wrote),
        slowest_read=max(slowest for _, slowest in read),
        failures=dict(failures),
    )


async def _write(database: SQLite, subject: str, end: float, failures: Counter[str]) -> tuple[int, float]:
    count, slowest = 0, 0.0
    while (begun := time.monotonic()) < end:
        try:
            await database.write(_meet(subject))
        except TransomError as error:
            failures[f"{type(error).__name__}: {error.__cause__}"] += 1
        else:
            count += 1
        slowest = max(slowest, (time.monotonic() - begun) * 1000)
    return count, slowest


def _meet(subject: str) -> Transaction[None]:
    """Somebody new comes to a page."""
    yield from people.ensure(Person(SITE, uuid7(now()), PersonKind.GUEST, ""), None, now())
    yield from touched(SITE, subject)


async def _read(database: SQLite, end: float, failures: Counter[str]) -> tuple[int, float]:
    count, slowest, before = 0, 0.0, 0
    while (begun := time.monotonic()) < end:
        try:
            found = (await database.read(clocks())).get(SITE, 0)
        except TransomError as error:
            failures[f"{type(error).__name__}: {error.__cause__}"] += 1
        else:
            failures.update(["an older answer after a newer one"] if found < before else [])
            count, before = count + 1, found
        slowest = max(slowest, (time.monotonic() - begun) * 1000)
        await asyncio.sleep(PAUSE)
    return count, slowest


if __name__ == "__main__":
    sys.exit(main())
