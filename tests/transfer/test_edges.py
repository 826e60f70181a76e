"""Imports that do not go as planned: newer exports, deep replies, odd times, files and readers that break."""

from __future__ import annotations

import asyncio
import io
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, cast

import pytest

from tests.transfer.conftest import NOW, READERS, Import, Query
from tests.transfer.importer_process import Generated
from widget_server.errors import ImportRefused, PluginFailed
from widget_server.store.database import Database
from widget_server.transfer import ImportedComment, ImportedPage, Item, import_file
from widget_server.vocabulary import Transaction, sql


async def test_a_newer_export_brings_what_is_new_even_below_what_was_removed_here(
    bring: Import, query: Query, database: Database, tmp_path: Path
) -> None:
    def export(*comments: tuple[int, int]) -> Path:
        told = "".join(
            f"<wp:comment><wp:comment_id>{number}</wp:comment_id>"
            f"<wp:comment_date_gmt>2020-01-0{number} 00:00:00</wp:comment_date_gmt>"
            f"<wp:comment_content>Text {number}</wp:comment_content><wp:comment_approved>1</wp:comment_approved>"
            f"<wp:comment_parent>{parent}</wp:comment_parent></wp:comment>"
            for number, parent in comments
        )
        file = tmp_path / "export.xml"
        file.write_text(
            f"<rss xmlns:wp='w'><channel><item><link>https://alice.example/p</link>{told}</item></channel></rss>",
            encoding="utf-8",
        )
        return file

    await bring("wordpress", export((1, 0)))
    await database.write(removed())
    report = await bring("wordpress", export((1, 0), (2, 1), (3, 2)))

    assert report.inserted == 2
    assert report.skipped == {"already_imported": 1}
    assert query("select path, status, visible, live from comments order by path") == [
        ("11", "removed", 1, 2),
        ("1111", "published", 1, 1),
        ("111111", "published", 1, 0),
    ]


async def test_replies_deeper_than_a_thread_goes_join_its_last_level(
    bring: Import, query: Query, tmp_path: Path
) -> None:
    posts = "".join(
        f"<post dsq:id='{n}'><message>{n}</message><createdAt>2020-01-01T00:00:00Z</createdAt>"
        f"<thread dsq:id='t'/><parent dsq:id='{n - 1}'/></post>"
        for n in range(300, 0, -1)
    )
    file = tmp_path / "deep.xml"
    file.write_text(
        "<disqus xmlns:dsq='d'>"
        + posts
        + "<thread dsq:id='t'><link>https://alice.example/deep</link></thread></disqus>",
        encoding="utf-8",
    )
    report = await bring("disqus", file)

    assert report.inserted == 300
    assert report.notes == {"parent_missing": 1}
    assert query("select max(depth), count(*), sum(visible) from comments") == [(100, 300, 300)]
    assert query("select live from comments where depth = 0") == [(299,)]


async def test_a_comment_from_the_future_is_dated_now_and_still_known_later(
    bring: Import, query: Query, tmp_path: Path
) -> None:
    file = tmp_path / "future.xml"
    file.write_text(
        "<rss xmlns:wp='w'><channel><item><link>https://alice.example/p</link><wp:comment>"
        "<wp:comment_id>1</wp:comment_id><wp:comment_date_gmt>2199-01-01 00:00:00</wp:comment_date_gmt>"
        "<wp:comment_content>Hello</wp:comment_content><wp:comment_approved>1</wp:comment_approved>"
        "</wp:comment></item></channel></rss>",
        encoding="utf-8",
    )
    first = await bring("wordpress", file)
    second = await bring("wordpress", file)

    assert first.notes == {"time_in_future": 1}
    assert query("select created from comments") == [(NOW,)]
    assert second.skipped == {"already_imported": 1}


async def test_a_file_that_ends_too_early_leaves_nothing(
    bring: Import, query: Query, data: Path, tmp_path: Path
) -> None:
    whole = (data / "small.wordpress.xml").read_bytes()
    cut = tmp_path / "cut.xml"
    cut.write_bytes(whole[: whole.index("ö".encode()) + 1])

    with pytest.raises(ImportRefused) as refused:
        await bring("wordpress", cut)

    assert refused.value.reason == "truncated"
    assert query("select count(*) from comments") == [(0,)]
    assert query("select count(*) from subjects") == [(0,)]


class Faulty:
    """Somebody's reader, which yields one comment and falls over."""

    name = "faulty"
    title = "A faulty reader"

    def read(self, file: BinaryIO) -> Iterator[Item]:
        """Not for long."""
        yield ImportedPage("p", "https://alice.example/p")
        yield ImportedComment("1", "p", 1_000_000_000_000, file.read().decode(), "text")
        raise RuntimeError("oh no")


async def test_a_reader_that_fails_leaves_nothing(
    bring: Import, database: Database, query: Query, data: Path
) -> None:
    await bring("disqus", data / "small.disqus.xml", dry_run=True)
    with pytest.raises(PluginFailed, match=r"faulty.*oh no"):
        await import_file(io.BytesIO(b"Hello"), Faulty(), "alice", database, now=NOW)

    assert query("select (select count(*) from comments) + (select count(*) from subjects)") == [(0,)]


@pytest.mark.parametrize("moment", ["read", "store"])
async def test_an_import_whose_caller_leaves_stops_and_leaves_nothing(
    bring: Import, database: Database, query: Query, data: Path, moment: str
) -> None:
    await bring("disqus", data / "small.disqus.xml", dry_run=True)
    under_way = asyncio.Event()
    loop = asyncio.get_running_loop()

    def tell(step: str, done: int, total: int | None = None) -> None:
        if step == moment and (total is None or done < total):
            loop.call_soon_threadsafe(under_way.set)

    file = cast("BinaryIO", Generated(20_000 if moment == "read" else 2_000))
    work = asyncio.create_task(
        import_file(file, READERS["wordpress"], "alice", database, now=NOW, progress=tell)
    )
    await under_way.wait()
    work.cancel()

    with pytest.raises(asyncio.CancelledError):
        await work
    await database.close()
    assert query("select (select count(*) from comments) + (select count(*) from subjects)") == [(0,)]


def removed() -> Transaction[None]:
    """Take every comment down, as a moderator does."""
    yield sql("update comments set status = 'removed', visible = 0")
