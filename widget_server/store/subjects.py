"""Subjects: what interactions are about, and the other keys by which they are known."""

from __future__ import annotations

from widget_server.errors import Conflict
from widget_server.store.changes import touched
from widget_server.vocabulary import Row, Subject, Transaction, sql


def ensure(subject: Subject, now: int) -> Transaction[str]:
    """The stored key of a subject, which is made with its first interaction; an alias leads to its subject.

    The address and title that came first are kept: a stranger's request must not rename a page.
    """
    key, _ = yield from with_roots(subject, now, 0)
    return key


def with_roots(subject: Subject, now: int, more: int) -> Transaction[tuple[str, int]]:
    """The stored key, as `ensure` has it, and the last of so many places more that are given to root comments."""
    rows = yield sql(
        "insert into subjects (site, subject, url, title, created, roots)"
        " select :site, coalesce(max(a.subject), :key), :url, :title, :now, :more from aliases a"
        " where a.site = :site and a.alias = :key"
        " on conflict (site, subject) do update set url = coalesce(subjects.url, excluded.url),"
        " title = coalesce(subjects.title, excluded.title), roots = subjects.roots + excluded.roots"
        " returning subject, roots",
        site=subject.site,
        key=subject.key,
        url=subject.url,
        title=subject.title,
        now=now,
        more=more,
    )
    return rows[0]["subject"], rows[0]["roots"]


def resolve(site: str, key: str) -> Transaction[str]:
    """The subject that a key leads to: itself, unless it is an alias."""
    rows = yield sql("select subject from aliases where site = :site and alias = :key", site=site, key=key)
    found: str = rows[0]["subject"] if rows else key
    return found


def get(site: str, key: str) -> Transaction[Subject | None]:
    """One subject, by its own key."""
    rows = yield sql(
        "select site, subject, url, title from subjects where site = :site and subject = :key",
        site=site,
        key=key,
    )
    return _subject(rows[0]) if rows else None


def alias(site: str, key: str, other: str) -> Transaction[None]:
    """Let `other` lead to the subject `key`; a subject that has interactions of its own cannot become an alias."""
    own = yield from get(site, other)
    if own is not None:
        message = f"{other!r} is a subject of its own."
        raise Conflict(message)
    target = yield from resolve(site, key)
    yield sql(
        "insert into aliases (site, alias, subject) values (:site, :alias, :subject)"
        " on conflict (site, alias) do update set subject = excluded.subject",
        site=site,
        alias=other,
        subject=target,
    )
    yield from touched(site, other)  # what is kept under the other key shows another subject now


def _subject(row: Row) -> Subject:
    return Subject(row["site"], row["subject"], row["url"], row["title"])
