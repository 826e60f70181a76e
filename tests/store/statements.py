"""Transactions that the tests of the store share, and waiting for what they change."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Sequence

from widget_server import errors
from widget_server.store import Change, touched
from widget_server.vocabulary import Transaction, sql

PATIENCE = 20.0


def put(key: str, text: str = "") -> Transaction[None]:
    """One row."""
    yield sql(
        "insert into contract_rows (site, id, n, text_value) values ('blog', :key, 1, :text)",
        key=key,
        text=text,
    )


def put_and_count(key: str) -> Transaction[int]:
    """One row, and a tally of all rows beside it, which must agree at any time."""
    yield from put(key)
    rows = yield sql(
        """
        insert into contract_rows (site, id, n) values ('tally', 'all', 1)
        on conflict (site, id) do update set n = n + 1 returning n
        """
    )
    return int(rows[0]["n"])


def put_slowly(key: str, begun: threading.Event, go_on: threading.Event) -> Transaction[None]:
    """One row; the writer waits in the middle until it is told to go on."""
    yield from put(key)
    begun.set()
    go_on.wait(20)


def count() -> Transaction[int]:
    """How many rows there are."""
    rows = yield sql("select count(*) as n from contract_rows where site = 'blog'")
    return int(rows[0]["n"])


def refuse_what_is_there() -> Transaction[None]:
    """Raise where there is any row, whoever may have put it there."""
    if (yield from count()):
        raise errors.Forbidden


def spin(rows: int = 10**12) -> Transaction[int]:
    """One statement that takes as good as for ever."""
    found = yield sql(
        """
        with recursive numbers (n) as (select 1 union all select n + 1 from numbers where n < :rows)
        select count(*) as n from numbers
        """,
        rows=rows,
    )
    return int(found[0]["n"])


def put_at(site: str, subject: str) -> Transaction[None]:
    """One row of a site."""
    yield sql("insert into contract_rows (site, id, n) values (:site, :id, 0)", site=site, id=subject)


def count_at(site: str, subject: str) -> Transaction[None]:
    """One more in that row, and a note that it changed."""
    yield sql("update contract_rows set n = n + 1 where site = :site and id = :id", site=site, id=subject)
    yield from touched(site, subject)


def put_and_tell(site: str, subject: str) -> Transaction[None]:
    """One row of a site, and a note that it changed."""
    yield from put_at(site, subject)
    yield from touched(site, subject)


def counted_at(site: str, subject: str) -> Transaction[int]:
    """What that row has come to."""
    rows = yield sql("select n from contract_rows where site = :site and id = :id", site=site, id=subject)
    return int(rows[0]["n"])


async def heard_until(heard: AsyncIterator[Sequence[Change]], awaited: set[Change]) -> set[Change]:
    """What is heard until all of this was."""
    told: set[Change] = set()
    async with asyncio.timeout(PATIENCE):
        while not awaited <= told:
            told |= set(await anext(heard))
    return told
