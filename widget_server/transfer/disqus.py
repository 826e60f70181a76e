"""Read a Disqus export: threads are pages, posts are comments."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from typing import BinaryIO

from widget_server.transfer.records import ImportedComment, ImportedPage, Item, Skipped
from widget_server.transfer.times import milliseconds
from widget_server.transfer.xml import Record, Shape, records
from widget_server.vocabulary import Status

SHAPE = Shape(
    root="disqus",
    title="a Disqus export",
    records={
        "disqus/thread": frozenset({"@dsq:id", "id", "link", "title", "isDeleted"}),
        "disqus/post": frozenset(
            {
                "@dsq:id",
                "id",
                "message",
                "createdAt",
                "isDeleted",
                "isSpam",
                "isApproved",
                "author/name",
                "author/username",
                "author/email",
                "author/isAnonymous",
                "thread@dsq:id",
                "parent@dsq:id",
            }
        ),
    },
)

BARE_ID = re.compile(rb"(<(?:thread|post|parent|category) dsq:id=)([\w-]{1,40})(\s{0,8}/?>)")
LONGEST_BARE = 128
"""Bytes that a match of BARE_ID can span; so many are held back at the end of a chunk."""

IN_BLOCKS = re.compile(r"<(?:p|br|div|ul|ol|pre|blockquote)\b", re.IGNORECASE)
"""What Disqus makes of lines; a text without any of it came from elsewhere, and its line breaks are its own."""

FLAGS = {"true": True, "1": True, "false": False, "0": False, "": False}


class Disqus:
    """The reader of Disqus's XML export."""

    name = "disqus"
    title = "Disqus XML export"

    def read(self, file: BinaryIO) -> Iterator[Item]:
        """Yield threads and posts in the file's order."""
        for record in records(file, SHAPE, quoted):
            yield _page(record) if record.path == "disqus/thread" else _comment(record)


DISQUS = Disqus()


def quoted(dirty: Iterator[bytes]) -> Iterator[bytes]:
    """Put quotes around bare ids (`<thread dsq:id=7/>`), which exports in circulation have."""
    held = b""
    for chunk in dirty:
        mended = BARE_ID.sub(rb'\1"\2"\3', held + chunk)
        cut = mended.rfind(b"<", max(0, len(mended) - LONGEST_BARE))
        cut = len(mended) if cut < 0 else cut
        held = mended[cut:]
        yield mended[:cut]
    yield held


def _page(record: Record) -> ImportedPage:
    return ImportedPage(
        source_id=record.text("@dsq:id"),
        url=record.text("link"),
        title=record.text("title"),
        key=record.text("id") or None,
        deleted=FLAGS.get(record.text("isDeleted").lower()) is not False,
    )


def _comment(record: Record) -> ImportedComment | Skipped:
    source_id = _source_id(record)
    created = milliseconds(record.text("createdAt"))
    if created is None:
        return Skipped(source_id, "time_unreadable")
    status, notes = _status(record)
    anonymous = FLAGS.get(record.text("author/isAnonymous").lower()) is True
    username = record.text("author/username")
    message = record.fields.get("message", "")
    return ImportedComment(
        source_id=source_id,
        page=record.text("thread@dsq:id"),
        parent_source_id=record.text("parent@dsq:id") or None,
        created_ms=created,
        text=message,
        format="html" if IN_BLOCKS.search(message) else "html_lines",
        name=record.text("author/name") or username,
        author_id=username if username and not anonymous else None,
        email=record.text("author/email") or None,
        status=status,
        notes=notes,
    )


def _status(record: Record) -> tuple[Status, tuple[str, ...]]:
    deleted, spam = (FLAGS.get(record.text(name).lower()) for name in ("isDeleted", "isSpam"))
    approved = FLAGS.get(record.text("isApproved").lower() or "true")
    if deleted:
        return Status.DELETED, ()
    if spam:
        return Status.REJECTED, ()
    if None in {deleted, spam, approved}:
        return Status.HELD, ("flag_unclear",)
    return (Status.PUBLISHED if approved else Status.HELD), ()


def _source_id(record: Record) -> str:
    """The post's id; where it has none, the forum's own id for it, or one made of what it says."""
    if number := record.text("@dsq:id"):
        return number
    if own := record.text("id"):
        return f"id:{own}"
    said = [record.text(name) for name in ("thread@dsq:id", "createdAt", "author/name", "message")]
    return "made:" + hashlib.blake2b("\x1f".join(said).encode(), digest_size=12).hexdigest()
