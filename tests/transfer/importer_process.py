"""A program that imports: generates a large export where none is given, and tells what it cost."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, cast

from tests.transfer.memory import peak
from widget_server.opening import open_database
from widget_server.settings import load
from widget_server.store import sites
from widget_server.transfer import import_file, readers
from widget_server.vocabulary import Site, SiteSettings

READERS = readers()


class Generated:
    """A WordPress export of so many comments that never stands anywhere as a whole."""

    def __init__(self, comments: int) -> None:
        self._pieces = pieces(comments)
        self._rest = b""

    def read(self, size: int) -> bytes:
        """The next bytes."""
        while len(self._rest) < size and (piece := next(self._pieces, None)) is not None:
            self._rest += piece
        given, self._rest = self._rest[:size], self._rest[size:]
        return given

    def tell(self) -> int:
        """Nobody knows."""
        return 0


def pieces(comments: int) -> Iterator[bytes]:
    """The export bit by bit: a page for each thousand comments, every other comment a reply, some before it."""
    yield b"<rss xmlns:wp='w'><channel>"
    for page in range(comments // 1000):
        yield b"<item><link>https://alice.example/%d</link><wp:post_id>%d</wp:post_id>" % (page, page)
        for number in range(page * 1000 + 1, page * 1000 + 1001):
            parent = number - 1 if number % 4 == 3 else number + 1 if number % 4 == 0 and number % 1000 else 0
            yield (
                b"<wp:comment><wp:comment_id>%d</wp:comment_id><wp:comment_author>Reader %d</wp:comment_author>"
                b"<wp:comment_date_gmt>2015-01-02 03:04:05</wp:comment_date_gmt><wp:comment_approved>1"
                b"</wp:comment_approved><wp:comment_content>Comment number %d, in some words.</wp:comment_content>"
                b"<wp:comment_parent>%d</wp:comment_parent></wp:comment>"
                % (number, number % 997, number, parent)
            )
        yield b"</item>"
    yield b"</channel></rss>"


def tell(step: str, done: int, total: int | None = None) -> None:
    """Say on stdout how far the import is."""
    if step == "store" and done % 100 == 0:
        say(f"store {done} of {total}")


def say(line: str) -> None:
    """Put a line on stdout at once."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


async def main(folder: Path, comments: int) -> None:
    """Import, and print the report and the memory that it took."""
    database = await open_database(load(os.environ, None, {"data": folder}))
    if await database.read(sites.get("alice")) is None:
        await database.write(sites.add(Site("alice", "Alice", ("https://alice.example",), SiteSettings(), 0)))
    file = cast("BinaryIO", Generated(comments))
    report = await import_file(
        file, READERS["wordpress"], "alice", database, now=1_790_000_000_000, progress=tell
    )
    await database.close()
    say(json.dumps([report.as_json(), peak()]))


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), int(sys.argv[2])))
