"""Long threads, written straight into the database: recording a million comments one by one would take an hour.

The first thread is recorded as readers' own; its rows are the pattern of all others, so that a column that is new
needs no change here. What is filled is kept beside the results of runs, until the schema or this file changes.
"""

from __future__ import annotations

import hashlib
import random
import shutil
import sqlite3
from array import array
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zlib import crc32

from benchmarks import corpus, transom
from benchmarks.asking import ORIGIN
from benchmarks.corpus import RECENT, ROOTS, START
from tools.paths import ROOT
from widget_server.store.comments import segment

MIGRATIONS = ROOT / "widget_server" / "store" / "migrations" / "core"
MINUTE = 60_000
"""Between two comments, in milliseconds."""

Cells = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Shape:
    """A thread without its texts: for each comment its parent's place or -1, and its place among its siblings."""

    parents: array[int]
    places: array[int]
    replies: array[int]
    """How many comments stand below each."""


def folder(work: Path, sizes: Sequence[int]) -> Path:
    """A data folder with a thread of each of these lengths, the shortest first; filled where it is not there."""
    data = work / f"long-{sizes[-1]}-{_digest(sizes)}"
    if not (data / "filled").is_file():
        for older in work.glob(f"long-{sizes[-1]}-*"):
            shutil.rmtree(older, ignore_errors=True)  # a server's log among them is no folder
        print(
            f"Filling threads of {', '.join(f'{size:,}' for size in sizes)} comments: kept for later.",
            flush=True,
        )
        transom.fill(data, {str(sizes[0]): corpus.thread(sizes[0])})
        with closing(sqlite3.connect(data / transom.FILE, isolation_level=None)) as database:
            database.row_factory = sqlite3.Row
            for size in sizes[1:]:
                write(database, str(size), str(sizes[0]), shape(size))
        (data / "filled").touch()
    return data


def shape(size: int) -> Shape:
    """As in `corpus.thread`: two in five are roots, the others answer one of the newest roots."""
    chance = random.Random(size)  # noqa: S311 - the same thread every time is the point
    parents, places, replies = array("q"), array("q"), array("q", bytes(8 * size))
    newest: list[int] = []
    roots = 0
    for place in range(size):
        if not newest or chance.random() < ROOTS:
            roots += 1
            newest = [*newest[1 - RECENT :], place]
            parents.append(-1)
            places.append(roots)
        else:
            parent = chance.choice(newest)
            replies[parent] += 1
            parents.append(parent)
            places.append(replies[parent])
    return Shape(parents, places, replies)


def write(database: sqlite3.Connection, name: str, pattern: str, thread: Shape) -> None:
    """One thread as a page of its own, in one transaction, after the pattern of a page that was recorded."""
    known = transom.subject(pattern)
    comments = _rows(database, "comments", known)
    interactions = {row["target"]: row for row in _rows(database, "interactions", known)}
    about = {"subject": transom.subject(name)}
    roots = thread.parents.count(-1)
    database.execute("begin immediate")
    _copy(database, "subjects", known, about | {"url": f"{ORIGIN}/{name}", "roots": roots})
    _copy(database, "tallies", known, about | {"count": len(thread.parents)})
    _copy(database, "changes", known, about)
    both = _made(thread, comments, interactions, about)
    _insert(database, "comments", (row for row, _ in both))
    both = _made(thread, comments, interactions, about)
    _insert(database, "interactions", (row for _, row in both))
    database.execute("commit")


def _made(
    thread: Shape, comments: Sequence[Cells], interactions: Mapping[str, Cells], about: Cells
) -> Iterator[tuple[Cells, Cells]]:
    """Each comment with its interaction; the texts, names and people are the pattern's in turn."""
    own_bits = crc32(about["subject"].encode()) & 0xFFF
    times = [f"{START + place * MINUTE:012x}" for place in range(len(thread.parents))]
    ids = [f"{time[:8]}-{time[8:]}-7{own_bits:03x}-8000-{place:012x}" for place, time in enumerate(times)]
    for place, (own, parent) in enumerate(zip(ids, thread.parents, strict=True)):
        sample = comments[place % len(comments)]
        at, below = START + place * MINUTE, thread.replies[place]
        path = segment(thread.places[place])
        above = None if parent < 0 else ids[parent]
        tree = {
            "comment": own,
            "parent": above,
            "root": above or own,
            "path": path if above is None else segment(thread.places[parent]) + path,
            "depth": int(above is not None),
            "children": below,
            "live": below,
            "created": at,
        }
        doing = interactions[sample["comment"]] | about | {"interaction": own, "target": own, "at": at}
        yield sample | about | tree, doing


def _rows(database: sqlite3.Connection, table: str, subject: str) -> Sequence[Cells]:
    found = database.execute(f"select * from {table} where subject = ?", (subject,))  # noqa: S608 - our own names
    return [dict(row) for row in found]


def _copy(database: sqlite3.Connection, table: str, subject: str, changes: Cells) -> None:
    _insert(database, table, (row | changes for row in _rows(database, table, subject)))


def _insert(database: sqlite3.Connection, table: str, rows: Iterator[Cells]) -> None:
    first = next(rows, None)
    if first is not None:
        columns, marks = ", ".join(first), ", ".join(f":{name}" for name in first)
        asked = f"insert into {table} ({columns}) values ({marks})"  # noqa: S608 - our own names
        database.execute(asked, first)
        database.executemany(asked, rows)


def _digest(sizes: Sequence[int]) -> str:
    digest = hashlib.sha256(repr(sizes).encode())
    for file in (Path(__file__), *sorted(MIGRATIONS.iterdir())):
        digest.update(file.read_bytes())
    return digest.hexdigest()[:16]
