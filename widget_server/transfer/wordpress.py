"""Read a WordPress export (WXR): items are pages, and their comments stand inside them."""

from __future__ import annotations

import hashlib
import html
from collections.abc import Iterator
from typing import BinaryIO

from widget_server.transfer.records import ImportedComment, ImportedPage, Item, Skipped
from widget_server.transfer.times import milliseconds
from widget_server.transfer.xml import Record, Shape, records
from widget_server.vocabulary import Status

ITEM = "rss/channel/item"
COMMENT = f"{ITEM}/wp:comment"
SHAPE = Shape(
    root="rss",
    title="a WordPress export",
    records={
        ITEM: frozenset({"title", "link", "wp:post_id", "wp:status", "wp:post_password"}),
        COMMENT: frozenset(
            {
                "wp:comment_id",
                "wp:comment_author",
                "wp:comment_author_email",
                "wp:comment_author_url",
                "wp:comment_date",
                "wp:comment_date_gmt",
                "wp:comment_content",
                "wp:comment_approved",
                "wp:comment_type",
                "wp:comment_parent",
                "wp:comment_user_id",
            }
        ),
    },
)

STATUSES = {
    "1": Status.PUBLISHED,
    "approve": Status.PUBLISHED,
    "approved": Status.PUBLISHED,
    "0": Status.HELD,
    "hold": Status.HELD,
    "unapproved": Status.HELD,
    "spam": Status.REJECTED,
    "trash": Status.DELETED,
    "post-trashed": Status.DELETED,
}
PUBLIC = {"", "publish", "inherit"}
SAID = {"", "comment", "review"}
"""Types of comment that a person wrote for readers; others are pings, or notes of a shop's staff."""

ECHOES = {"pingback", "trackback"}


class WordPress:
    """The reader of WordPress's own export."""

    name = "wordpress"
    title = "WordPress export (WXR)"

    def read(self, file: BinaryIO) -> Iterator[Item]:
        """Yield each item that has comments, and then these, in the file's order."""
        page = ""
        for record in records(file, SHAPE):
            if record.path == COMMENT:
                yield _comment(record, page)
            elif record.holds:
                item = _page(record)
                page = item.source_id
                yield item


WORDPRESS = WordPress()


def _page(record: Record) -> ImportedPage:
    status = record.text("wp:status").lower()
    return ImportedPage(
        source_id=record.text("wp:post_id") or record.text("link"),
        url=record.text("link"),
        title=html.unescape(record.text("title")),
        public=status in PUBLIC and not record.text("wp:post_password"),
        deleted=status == "trash",
    )


def _comment(record: Record, page: str) -> ImportedComment | Skipped:
    source_id = _source_id(record, page)
    kind = record.text("wp:comment_type").lower()
    if kind not in SAID:
        return Skipped(source_id, kind if kind in ECHOES else "not_a_comment")
    created, notes = _time(record)
    if created is None:
        return Skipped(source_id, "time_unreadable")
    status = STATUSES.get(record.text("wp:comment_approved").lower())
    parent = record.text("wp:comment_parent")
    user = record.text("wp:comment_user_id")
    return ImportedComment(
        source_id=source_id,
        page=page,
        parent_source_id=parent if parent not in {"", "0"} else None,
        created_ms=created,
        text=record.fields.get("wp:comment_content", ""),
        format="html_lines",
        name=html.unescape(record.text("wp:comment_author")),
        author_id=user if user not in {"", "0"} else None,
        email=record.text("wp:comment_author_email") or None,
        url=record.text("wp:comment_author_url") or None,
        status=status or Status.HELD,
        notes=notes if status else (*notes, "flag_unclear"),
    )


def _time(record: Record) -> tuple[int | None, tuple[str, ...]]:
    """The time in UTC; else the blog's local time, whose zone the file does not tell, taken for UTC."""
    exact = milliseconds(record.text("wp:comment_date_gmt"))
    if exact is not None:
        return exact, ()
    return milliseconds(record.text("wp:comment_date")), ("time_without_zone",)


def _source_id(record: Record, page: str) -> str:
    if number := record.text("wp:comment_id"):
        return number
    said = [page, *(record.text(f"wp:comment_{name}") for name in ("date_gmt", "author", "content"))]
    return "made:" + hashlib.blake2b("\x1f".join(said).encode(), digest_size=12).hexdigest()
