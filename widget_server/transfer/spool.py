"""A file's comments on their way in: kept on disk, so that parents come first whatever their order was.

The spool is a private SQLite file that vanishes with its connection; it holds no e-mail address.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from typing import Any

from widget_server.vocabulary import Status

TABLES = """
create table pages (
    source text primary key, subject text, reason text, origin text not null,
    url text, title text, alias text, held integer not null, notes text not null
);
create table comments (
    n integer primary key, source text not null, page text not null, above text, created integer not null,
    name text not null, author text not null, status text not null, text text not null, html text not null,
    notes text not null, reason text, subject text, parent integer, loose integer not null default 0,
    tomb integer not null default 0, level integer
);
"""

SETTLE = """
create index comments_page on comments (page);
create index pages_subject on pages (subject);
update comments set reason = 'no_page' where page not in (select source from pages);
update comments set
    subject = p.subject,
    reason = coalesce(p.reason, comments.reason),
    status = case when p.held = 1 and status = 'published' then 'held' else status end,
    notes = comments.notes || ' ' || p.notes
    from pages p where p.source = comments.page;
create index comments_source on comments (subject, source, n);
update comments set reason = 'duplicate' where subject is not null and exists (
    select 1 from comments twin
    where twin.subject = comments.subject and twin.source = comments.source and twin.n < comments.n);
update comments set parent = (
    select min(p.n) from comments p
    where p.subject = comments.subject and p.source = comments.above and p.n <> comments.n)
    where above is not null and subject is not null;
update comments set loose = 1 where above is not null and parent is null;
create index comments_parent on comments (parent);
create table authors (author text primary key, n integer);
insert into authors select author, min(n) from comments group by author;
"""

REACHED = """
with recursive tree (n, level) as (
    select n, 0 from comments where parent is null
    union all select c.n, t.level + 1 from tree t join comments c on c.parent = t.n
)
update comments set level = tree.level from tree where tree.n = comments.n;
"""

UNLOOPED = "update comments set parent = null, loose = 2 where level is null and parent > n"

TOMBS = """
with recursive needed (n) as (
    select parent from comments where reason is null and parent is not null
    union select c.parent from needed join comments c on c.n = needed.n where c.parent is not null
)
update comments set tomb = 1 where n in (select n from needed)
    and reason in ('deleted', 'spam', 'empty_text', 'text_too_long')
"""

IN_ORDER = """
select c.*, f.source as first_source, f.created as first_created,
    p.source as parent_source, p.created as parent_created,
    case when p.reason is not null and p.tomb = 0 then 1 else 0 end as orphaned
from comments c join authors a on a.author = c.author join comments f on f.n = a.n
    left join comments p on p.n = c.parent
where c.reason is null or c.tomb = 1
order by c.subject, c.level, c.created, c.n
"""


@dataclass(frozen=True, slots=True)
class SpooledPage:
    """A page of the file, with the subject that it will be, or the reason why it will not."""

    source_id: str
    subject: str | None
    reason: str | None = None
    origin: str = ""
    url: str | None = None
    title: str | None = None
    alias: str | None = None
    held: bool = False
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Entry:
    """A comment that is ours already but for its place; `reason` says why it does not come in by itself."""

    source_id: str
    page: str
    above: str | None
    created: int
    name: str
    author: str
    status: Status
    text: str
    html: str
    notes: tuple[str, ...]
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Origin:
    """Where in the file something came from: enough to make the same identifier of it again."""

    source_id: str
    created: int


@dataclass(frozen=True, slots=True)
class Settled:
    """A comment to be stored, after its parent."""

    origin: Origin
    parent: Origin | None
    author: Origin
    subject: str
    created: int
    name: str
    status: Status
    text: str
    html: str
    notes: tuple[str, ...]


class Spool:
    """Add pages and entries in any order, `settle`, read them parents first, and `close` it at the end.

    It may be closed while another thread is at work in it, which then fails with a `sqlite3.Error`.
    """

    def __init__(self) -> None:
        self._turn = threading.Lock()  # to close a connection that another thread is using is a crash
        self._db = sqlite3.connect("", isolation_level=None, check_same_thread=False)
        self._db.row_factory = sqlite3.Row
        self._db.executescript(TABLES)
        self._db.execute("begin")

    def close(self) -> None:
        """Forget everything."""
        self._db.interrupt()
        with self._turn:
            self._db.close()

    def add_page(self, page: SpooledPage) -> None:
        """Keep a page; the first of one name counts."""
        self._ask(
            "insert into pages values"
            " (:source, :subject, :reason, :origin, :url, :title, :alias, :held, :notes)"
            " on conflict do nothing",
            {**_columns(page), "source": page.source_id, "notes": " ".join(page.notes)},
        )

    def add_entry(self, entry: Entry) -> None:
        """Keep a comment."""
        self._ask(
            "insert into comments"
            " (source, page, above, created, name, author, status, text, html, notes, reason) values"
            " (:source, :page, :above, :created, :name, :author, :status, :text, :html, :notes, :reason)",
            {
                **_columns(entry),
                "source": entry.source_id,
                "status": str(entry.status),
                "notes": " ".join(entry.notes),
            },
        )

    def settle(self) -> None:
        """Find each comment's page and parent, and what cannot come in; take circles of replies apart."""
        for script in (SETTLE, REACHED, UNLOOPED, REACHED, TOMBS):
            with self._turn:
                self._db.executescript(script)

    def skipped(self) -> dict[str, int]:
        """How many do not come in, by reason."""
        found = self._ask(
            "select reason, count(*) as n from comments where reason is not null and tomb = 0 group by reason"
        )
        return {row["reason"]: row["n"] for row in found}

    def foreign_origins(self) -> dict[str, int]:
        """How many comments are on pages of origins that are not the site's."""
        found = self._ask(
            "select p.origin, count(*) as n from comments c join pages p on p.source = c.page"
            " where c.reason = 'origin_not_allowed' group by p.origin order by n desc limit 20"
        )
        return {row["origin"]: row["n"] for row in found}

    def count(self) -> int:
        """How many come in."""
        found = self._ask("select count(*) as n from comments where reason is null or tomb = 1")
        number: int = found[0]["n"]
        return number

    def pages_of(self, subject: str) -> list[SpooledPage]:
        """The file's pages that became this subject."""
        found = self._ask("select * from pages where subject = :subject", {"subject": subject})
        return [
            SpooledPage(row["source"], subject, url=row["url"], title=row["title"], alias=row["alias"])
            for row in found
        ]

    def in_order(self) -> Iterator[Settled]:
        """What comes in: subject by subject, parents before their replies, older before younger siblings."""
        with self._turn:
            rows = self._db.execute(IN_ORDER)
        while True:
            with self._turn:
                some = rows.fetchmany(100)
            if not some:
                return
            yield from map(_settled, some)

    def _ask(self, statement: str, values: Mapping[str, object] | None = None) -> list[sqlite3.Row]:
        with self._turn:
            return self._db.execute(statement, values or {}).fetchall()


def _columns(thing: SpooledPage | Entry) -> dict[str, Any]:
    return {field.name: getattr(thing, field.name) for field in fields(thing)}


def _settled(row: sqlite3.Row) -> Settled:
    tomb = bool(row["tomb"])
    notes = row["notes"].split()
    match row["loose"] + row["orphaned"]:
        case 0:
            pass
        case 2 if not row["orphaned"]:
            notes.append("parent_loop")
        case _:
            notes.append("parent_missing")
    has_parent = row["parent_source"] is not None and not row["orphaned"]
    return Settled(
        origin=Origin(row["source"], row["created"]),
        parent=Origin(row["parent_source"], row["parent_created"]) if has_parent else None,
        author=Origin(row["first_source"], row["first_created"]),
        subject=row["subject"],
        created=row["created"],
        name="" if tomb else row["name"],
        status=Status.DELETED if tomb else Status(row["status"]),
        text="" if tomb else row["text"],
        html="" if tomb else row["html"],
        notes=("tombstone",) if tomb else tuple(notes),
    )
