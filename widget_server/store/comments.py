"""Comments: texts in a tree, written and changed; what readers see of them is in `threads`."""

from __future__ import annotations

from dataclasses import dataclass

from widget_server.errors import NotFound
from widget_server.store.choices import Place, count
from widget_server.vocabulary import Comment, Row, Status, Transaction, sql

DEEPEST = 100
"""Levels of replies; an answer to a comment on the last level joins that level."""


@dataclass(frozen=True, slots=True)
class Draft:
    """A text that is about to be stored, rendered and reviewed already."""

    site: str
    id: str
    subject: str
    widget: str
    parent: str | None
    person: str
    name: str
    source: str
    html: str
    html_version: str
    status: Status
    created: int
    staff: bool = False
    edited: int | None = None


def add(draft: Draft, place: int | None = None) -> Transaction[Comment]:
    """Store a text at the end of its siblings; the parent must be one that readers can see.

    `place` is that of a root, where it was given one already (see `subjects.with_roots`).
    """
    parent = (yield from _parent(draft, draft.parent)) if draft.parent else None
    return (yield from place_below(parent, draft, place))


def place_below(parent: Comment | None, draft: Draft, place: int | None = None) -> Transaction[Comment]:
    """Store a text at the end of the parent's replies, whatever the parent's status is, or of the roots."""
    parent = (yield from _within_depth(draft.site, parent)) if parent else None
    if parent is None:
        place = (yield from _next_root(draft.site, draft.subject)) if place is None else place
        path, depth, root = segment(place), 0, draft.id
    else:
        place = yield from _next_child(draft.site, parent.id)
        path, depth, root = parent.path + segment(place), parent.depth + 1, parent.root
    yield sql(
        "insert into comments (site, comment, subject, widget, parent, root, path, depth, person, name, staff, source,"
        " html, html_version, status, created, edited, visible) values (:site, :comment, :subject, :widget, :parent,"
        " :root, :path, :depth, :person, :name, :staff, :source, :html, :html_version, :status, :created, :edited,"
        " :visible)",
        site=draft.site,
        comment=draft.id,
        subject=draft.subject,
        widget=draft.widget,
        parent=parent.id if parent else None,
        root=root,
        path=path,
        depth=depth,
        person=draft.person,
        name=draft.name,
        staff=int(draft.staff),
        source=draft.source,
        html=draft.html,
        html_version=draft.html_version,
        status=str(draft.status),
        created=draft.created,
        edited=draft.edited,
        visible=int(draft.status is Status.PUBLISHED),
    )
    if draft.status is Status.PUBLISHED:
        yield from _shown(draft.site, draft.subject, draft.widget, parent.id if parent else None, 1)
    return _placed(draft, parent, (root, path, depth))


def get(site: str, comment: str) -> Transaction[Comment | None]:
    """One comment as stored, whatever its status."""
    rows = yield sql(
        "select * from comments where site = :site and comment = :comment", site=site, comment=comment
    )
    return from_row(rows[0]) if rows else None


def of_person(place: Place) -> Transaction[Comment | None]:
    """A person's newest root in a place, whatever became of it, unless it was deleted."""
    rows = yield sql(
        "select * from comments where site = :site and person = :person and subject = :subject and widget = :widget"
        " and depth = 0 and status <> 'deleted' order by comment desc limit 1",
        site=place.site,
        person=place.person,
        subject=place.subject,
        widget=place.widget,
    )
    return from_row(rows[0]) if rows else None


def rewrite(comment: Comment, site: str, draft: Draft) -> Transaction[None]:
    """Put a new text and name in place of the old ones; the status is that of the new review."""
    yield sql(
        "update comments set name = :name, source = :source, html = :html, html_version = :html_version, edited = :now,"
        " revision = revision + 1 where site = :site and comment = :comment",
        name=draft.name,
        source=draft.source,
        html=draft.html,
        html_version=draft.html_version,
        now=draft.edited,
        site=site,
        comment=comment.id,
    )
    yield from move(comment, site, draft.status)


def erase(comment: Comment, site: str) -> Transaction[None]:
    """Take the text and the name out for good; where replies stand below it, a tombstone keeps the tree."""
    yield sql(
        "update comments set source = '', html = '', name = '', staff = 0, revision = revision + 1"
        " where site = :site and comment = :comment",
        site=site,
        comment=comment.id,
    )
    yield from move(comment, site, Status.DELETED)


def move(comment: Comment, site: str, status: Status) -> Transaction[None]:
    """Give a comment another status, and keep the tally and its ancestors' counts right."""
    yield sql(
        "update comments set status = :status,"
        " visible = case when :status = 'published' or live > 0 then 1 else 0 end"
        " where site = :site and comment = :comment",
        status=str(status),
        site=site,
        comment=comment.id,
    )
    change = int(status is Status.PUBLISHED) - int(comment.status is Status.PUBLISHED)
    if change:
        yield from _shown(site, comment.subject, comment.widget, comment.parent, change)


def rerender(site: str, comment: str, html: str, version: str, revision: int) -> Transaction[None]:
    """Keep a rendering made under newer rules, unless the text has changed meanwhile."""
    yield sql(
        "update comments set html = :html, html_version = :version"
        " where site = :site and comment = :comment and revision = :revision",
        html=html,
        version=version,
        site=site,
        comment=comment,
        revision=revision,
    )


def segment(place: int) -> str:
    """One level of a path: the number of digits, then the digits; plain text order is then the numbers' order."""
    digits = str(place)
    return f"{len(digits)}{digits}"


def from_row(row: Row) -> Comment:
    """A comment from a row with all columns."""
    return Comment(
        id=row["comment"],
        subject=row["subject"],
        widget=row["widget"],
        parent=row["parent"],
        root=row["root"],
        depth=row["depth"],
        person=row["person"],
        name=row["name"],
        source=row["source"],
        html=row["html"],
        html_version=row["html_version"],
        status=Status(row["status"]),
        created=row["created"],
        edited=row["edited"],
        replies=row["live"],
        revision=row["revision"],
        path=row["path"],
        staff=bool(row["staff"]),
    )


def _placed(draft: Draft, parent: Comment | None, place: tuple[str, str, int]) -> Comment:
    """The text as it is stored now, at a root, path and depth."""
    root, path, depth = place
    return Comment(
        id=draft.id,
        subject=draft.subject,
        widget=draft.widget,
        parent=parent.id if parent else None,
        root=root,
        depth=depth,
        person=draft.person,
        name=draft.name,
        source=draft.source,
        html=draft.html,
        html_version=draft.html_version,
        status=draft.status,
        created=draft.created,
        edited=draft.edited,
        replies=0,
        revision=1,
        path=path,
        staff=draft.staff,
    )


def _parent(draft: Draft, comment: str) -> Transaction[Comment]:
    parent = yield from get(draft.site, comment)
    is_there = parent is not None and (parent.subject, parent.widget) == (draft.subject, draft.widget)
    if parent is None or not is_there or parent.status is not Status.PUBLISHED:
        message = "The comment that this answers is not there any more."
        raise NotFound(message, field="parent")
    return parent


def _within_depth(site: str, parent: Comment) -> Transaction[Comment]:
    if parent.depth < DEEPEST or parent.parent is None:
        return parent
    above = yield from get(site, parent.parent)
    return above or parent


def _next_root(site: str, subject: str) -> Transaction[int]:
    rows = yield sql(
        "update subjects set roots = roots + 1 where site = :site and subject = :subject returning roots",
        site=site,
        subject=subject,
    )
    place: int = rows[0]["roots"]
    return place


def _next_child(site: str, parent: str) -> Transaction[int]:
    rows = yield sql(
        "update comments set children = children + 1 where site = :site and comment = :parent returning children",
        site=site,
        parent=parent,
    )
    place: int = rows[0]["children"]
    return place


def _shown(site: str, subject: str, widget: str, parent: str | None, by: int) -> Transaction[None]:
    """A text came into view or left it: count it, on the subject and in every comment above it."""
    yield from count(Place(site, subject, widget, ""), "published", by)
    if parent is None:
        return
    yield sql(
        # A question of its own for each level: a join would read the whole site where statistics are old or missing.
        "with recursive above (comment, parent) as ("
        " select c.comment, c.parent from comments c where c.site = :site and c.comment = :parent"
        " union all select a.parent, (select c.parent from comments c where c.site = :site and c.comment = a.parent)"
        " from above a where a.parent is not null)"
        " update comments set live = live + :by,"
        " visible = case when status = 'published' or live + :by > 0 then 1 else 0 end"
        " where site = :site and comment in (select comment from above)",
        site=site,
        parent=parent,
        by=by,
    )
