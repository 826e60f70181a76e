"""A turn to write: the sites whose clocks are held from the beginning to the commit, and what is said at the end."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from widget_server import errors
from widget_server.store.postgres_session import Broken, Session
from widget_server.store.postgres_text import translated

CHANNEL = "transom"
"""Where processes tell each other that something changed."""

MOST_TOLD = 7_999
"""Bytes that a notification may have."""

TURN = """
select site, seq, pg_current_xact_id()::text as number from change_clock where site = $1::text for update
"""
TURNS = """
select site, seq, pg_current_xact_id()::text as number from change_clock where site = any($1::text[])
order by site for update
"""
"""Waits for this process's turn to write for these sites, as the lock file of SQLite does, and numbers the transaction.

Rows are locked in the order of the sites, by whoever it is, so that nobody waits in a circle. A row lock and no
advisory lock: distributed engines have the one and not the other.
"""

FIRST = "insert into change_clock (site, seq) values ($1::text, 0) on conflict (site) do nothing"

TELL = "select set_config('synchronous_commit', 'off', true), pg_notify($1::text, $2::text)"
"""After the commit and not in it: commits that notify wait for each other, whatever they are about.

It names no table, so that a server in front of others sends it itself.
"""

OUTCOME = "select pg_xact_status($1::text::xid8) as outcome"
"""Whether a transaction was committed, by its number; PostgreSQL remembers a billion of them or so."""


class Uncertain(Exception):
    """The connection broke during the commit of the transaction with this number."""

    def __init__(self, number: str) -> None:
        super().__init__(number)
        self.number = number


@dataclass(frozen=True, slots=True)
class Turn:
    """A write transaction that holds clocks: the number of the last change of each site before it, and its own."""

    seqs: Mapping[str, int]
    number: str


async def begin(session: Session, sites: Sequence[str]) -> Turn:
    """Begin to write for these sites, which are in order, when the turn has come.

    Raises `Overloaded` when it does not come, and `Broken`.
    """
    turn = await _begun(session, sites)
    if len(turn.seqs) < len(sites):  # the first write for one of them
        await session.undo()
        await session.ask_many(
            FIRST, [(site,) for site in sites if site not in turn.seqs], session.limits.wait
        )
        turn = await _begun(session, sites)
    return turn


async def commit(session: Session, turn: Turn) -> dict[str, int]:
    """Make it durable; gives the new number of each site that changed.

    Raises `Uncertain` where the connection breaks meanwhile.
    """
    numbers = await _note(session)
    try:
        # It must not be stopped halfway: a commit that was sent is waited for, or asked after.
        said = await session.say("commit", patience=session.limits.wait + session.limits.patience)
    except Broken:
        raise Uncertain(turn.number) from None
    if said != "COMMIT":
        raise errors.StorageFailed("The database took the transaction back; nothing was stored.")
    return numbers


async def tell(session: Session, sender: str, sites: Sequence[str]) -> None:
    """Wake the other processes, and say which sites changed; where these are too many, any may have."""
    told = json.dumps([sender, *sites], ensure_ascii=False)
    if len(told.encode()) > MOST_TOLD:
        told = json.dumps([sender])
    await session.ask(TELL, CHANNEL, told, patience=session.limits.patience)


async def _begun(session: Session, sites: Sequence[str]) -> Turn:
    await session.begin()
    question, value = (TURN, sites[0]) if len(sites) == 1 else (TURNS, sites)
    rows = await session.ask(question, value, patience=session.limits.wait)
    return Turn({row["site"]: row["seq"] for row in rows}, rows[0]["number"] if rows else "")


async def _note(session: Session) -> dict[str, int]:
    """Do what the transactions asked for once for all of them."""
    asked: dict[str, list[Sequence[object]]] = {}
    # In the order of the sites, as turns are taken; the clock's statement stands first, as each transaction has it.
    for statement in sorted(session.notes.values(), key=lambda note: str(note.parameters["site"])):
        text, values = translated(statement)
        asked.setdefault(text, []).append(values)
    numbers = {}
    for text, each in asked.items():
        for row in await session.ask_many(text, each, session.limits.patience):
            numbers[row["site"]] = row["seq"]
    return numbers
