"""Threads: what readers see of a subject's comments, a bounded page at a time, by keyset.

Roots stand newest first; below each, the replies in the order of the conversation. One page holds at most `size` roots
and `REPLIES` replies under each; a cursor is the path of the last comment that was seen.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence

from widget_server.errors import FieldInvalid
from widget_server.store.choices import tally
from widget_server.store.comments import from_row
from widget_server.vocabulary import Comment, Row, Status, Tally, ThreadPage, Transaction, sql

REPLIES = 20
"""Replies shown under one root before one asks for more."""

MORE_REPLIES = 100
"""Replies in one answer to such a question."""

CURSOR = re.compile(r"[0-9]{2,2000}")

BEFORE_ALL = "a"
"""Sorts after every path (they are digits)."""


def page(
    site: str, subject: str, widget: str, size: int, after: str | None = None
) -> Transaction[ThreadPage]:
    """The first roots with their first replies, or those after a cursor."""
    counted = yield from tally(site, subject, widget)
    rows = yield sql(
        "select * from comments where site = :site and subject = :subject and widget = :widget and depth = 0"
        " and visible = 1 and path < :after order by path desc limit :limit",
        site=site,
        subject=subject,
        widget=widget,
        after=_cursor(after) or BEFORE_ALL,
        limit=size + 1,
    )
    roots = [from_row(row) for row in rows[:size]]
    following = roots[-1].path if len(rows) > size else None
    replies = (yield from _replies(site, subject, widget, roots)) if roots else []
    below = {key: list(group) for key, group in itertools.groupby(replies, key=lambda reply: reply.root)}
    comments = [each for root in roots for each in (root, *below.get(root.id, []))]
    left = {root.id: _left(root, below.get(root.id, [])) for root in roots}
    more = {root: where for root, where in left.items() if where}
    return ThreadPage(tuple(comments), _total(counted), following, more, counted)


def replies(
    site: str, subject: str, widget: str, root: str, after: str | None = None
) -> Transaction[ThreadPage]:
    """More of the replies under one root, in the order of the conversation."""
    counted = yield from tally(site, subject, widget)
    rows = yield sql(
        "select * from comments where site = :site and subject = :subject and widget = :widget and root = :root"
        " and visible = 1 and path > :after order by path limit :limit",
        site=site,
        subject=subject,
        widget=widget,
        root=root,
        after=_cursor(after) or "",
        limit=MORE_REPLIES + 1,
    )
    comments = [from_row(row) for row in rows[:MORE_REPLIES]]
    more: dict[str, tuple[str, int]] = {}
    if len(rows) > MORE_REPLIES:
        more[root] = (comments[-1].path, (yield from _count_after(site, root, comments[-1].path)))
    return ThreadPage(tuple(comments), _total(counted), None, more, counted)


def chosen(
    site: str, subject: str, widget: str, comments: Sequence[Comment]
) -> Transaction[dict[str, tuple[str, ...]]]:
    """What the writers of the roots among some comments have chosen there with the same widget, as far as it counts."""
    paths = [comment.path for comment in comments if comment.depth == 0]
    if not paths:
        return {}
    rows = yield sql(
        # In this order: SQLite would else look through all the choices first.
        "select c.comment, v.value from comments c cross join choices v where c.site = :site and c.subject = :subject"
        " and c.widget = :widget and c.depth = 0 and c.visible = 1 and c.path <= :first and c.path >= :last"
        " and v.site = c.site and v.subject = c.subject and v.widget = c.widget and v.person = c.person"
        " and v.amount > 0 and v.excluded = 0 order by c.path desc, v.value",
        site=site,
        subject=subject,
        widget=widget,
        first=max(paths),
        last=min(paths),
    )
    found: dict[str, tuple[str, ...]] = {}
    for row in rows:
        found[row["comment"]] = (*found.get(row["comment"], ()), row["value"])
    return found


def _replies(site: str, subject: str, widget: str, roots: Sequence[Comment]) -> Transaction[list[Comment]]:
    # Bounds rather than a list of paths: PostgreSQL before 17 takes such a list anew for each text of the subject.
    rows = yield sql(
        "select c.* from (select o.comment, o.path, coalesce((select x.path from comments x where x.site = :site"
        " and x.root = o.comment and x.visible = 1 and x.path > o.path order by x.path limit 1 offset :others),"
        " :end) as last from comments o where o.site = :site and o.subject = :subject and o.widget = :widget"
        " and o.depth = 0 and o.visible = 1 and o.path <= :first order by o.path desc limit :size) r"
        " cross join comments c"
        " where c.site = :site and c.root = r.comment and c.visible = 1 and c.path > r.path and c.path <= r.last"
        " order by r.path desc, c.path",
        site=site,
        subject=subject,
        widget=widget,
        first=roots[0].path,
        size=len(roots),
        others=REPLIES - 1,
        end=BEFORE_ALL,
    )
    return [from_row(row) for row in rows]


def _total(counted: Tally) -> int:
    """How many texts readers see."""
    return counted.counts.get("published", 0)


def _left(root: Comment, below: Sequence[Comment]) -> tuple[str, int] | None:
    """Where to go on under a root whose replies do not all fit, and how many published ones there are still."""
    if len(below) < REPLIES:
        return None
    left = root.replies - sum(reply.status is Status.PUBLISHED for reply in below)
    return (below[-1].path, left) if left > 0 else None


def _count_after(site: str, root: str, path: str) -> Transaction[int]:
    rows: Sequence[Row] = yield sql(
        "select count(*) as number from comments where site = :site and root = :root and visible = 1 and path > :path"
        " and status = 'published'",
        site=site,
        root=root,
        path=path,
    )
    number: int = rows[0]["number"]
    return number


def _cursor(text: str | None) -> str | None:
    if text is not None and not CURSOR.fullmatch(text):
        message = "The cursor is not one that this server gave."
        raise FieldInvalid(message, field="after")
    return text
