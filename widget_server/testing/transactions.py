"""The transactions with which the database contract tries a driver."""

from __future__ import annotations

import threading
from collections.abc import AsyncIterator

from widget_server import errors
from widget_server.store.changes import touched
from widget_server.vocabulary import Statement, Transaction, sql

SITE = "blog"
PATIENCE = 20.0
"""Seconds after which a test that waits for something gives up."""


def put(key: str, number: int) -> Transaction[int]:
    """Write a row, and give its number back."""
    rows = yield sql(
        "insert into contract_rows (site, id, n) values (:site, :id, :n) returning n",
        site=SITE,
        id=key,
        n=number,
    )
    return int(rows[0]["n"])


def put_part(row: str) -> Transaction[None]:
    """Write a part of a row, which must be there at commit."""
    yield sql("insert into contract_parts (site, id, row_id) values (:site, 'p', :row)", site=SITE, row=row)


def get(key: str) -> Transaction[int]:
    """The number of a row."""
    rows = yield sql("select n from contract_rows where site = :site and id = :id", site=SITE, id=key)
    return int(rows[0]["n"])


def count() -> Transaction[int]:
    """How many rows there are."""
    rows = yield sql("select count(*) as n from contract_rows where site = :site", site=SITE)
    return int(rows[0]["n"])


def empty() -> Transaction[None]:
    """Take all rows out."""
    yield sql("delete from contract_rows where site = :site", site=SITE)


def nothing() -> Transaction[str]:
    """Ask for nothing."""
    yield from ()
    return "nothing"


def add_one(key: str) -> Transaction[int]:
    """Reads, then writes: right only when nobody comes between."""
    n = yield from get(key)
    yield sql("update contract_rows set n = :n where site = :site and id = :id", n=n + 1, site=SITE, id=key)
    return n + 1


def echo(text: str | None, number: int, real: float) -> Transaction[tuple[object, object, object]]:
    """Write values, and read them back."""
    yield sql(
        """
        insert into contract_rows (site, id, n, real_value, text_value)
        values (:site, 'echo', :n, :real, :text)
        """,
        site=SITE,
        n=number,
        real=real,
        text=text,
    )
    rows = yield sql(
        "delete from contract_rows where site = :site and id = 'echo' returning n, real_value, text_value",
        site=SITE,
    )
    return rows[0]["text_value"], rows[0]["n"], rows[0]["real_value"]


def put_and_raise(key: str, error: Exception) -> Transaction[None]:
    """Fail after a write."""
    yield from put(key, 1)
    raise error


def touch_and_raise(subject: str) -> Transaction[None]:
    """Fail after a change was noted."""
    yield from touched(SITE, subject)
    raise errors.Forbidden


def put_and_say(key: str, text: str) -> Transaction[None]:
    """Say something of its own after a write."""
    yield from put(key, 1)
    yield Statement(text, {})


def put_or_say(key: str) -> Transaction[None]:
    """Turn a failed statement into an error of its own."""
    try:
        yield from put(key, 2)
    except errors.Conflict as conflict:
        raise errors.NameReserved from conflict


def swallow_and_return(key: str) -> Transaction[None]:
    """End after a failed statement as if nothing had been."""
    yield from put("other", 1)
    try:
        yield from put(key, 2)
    except errors.Conflict:
        return


def swallow_and_go_on(key: str) -> Transaction[None]:
    """Go on after a failed statement."""
    try:
        yield from put(key, 2)
    except errors.Conflict:
        yield from put("other", 1)


def get_twice(key: str, begun: threading.Event, go_on: threading.Event) -> Transaction[tuple[int, int]]:
    """Read a row twice, with a pause between that the test decides."""
    first = yield from get(key)
    begun.set()
    go_on.wait(PATIENCE)
    second = yield from get(key)
    return first, second


def for_ever() -> Transaction[None]:
    """Never end."""
    while True:
        yield sql("select 1 as one")


async def drain(changes: AsyncIterator[object]) -> int:
    """How many changes come before the end."""
    return len([change async for change in changes])
