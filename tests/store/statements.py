"""Transactions that the tests of the store share."""

from __future__ import annotations

import threading

from widget_server import errors
from widget_server.vocabulary import Transaction, sql


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
