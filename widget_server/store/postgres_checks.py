"""What an operator may have forgotten about a PostgreSQL server."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from widget_server.vocabulary import Transaction, sql

OLDEST = 140_000
"""The oldest version that Transom is written for, as the server counts."""

FEWEST = 20
"""Connections that a server should have for several processes."""


@dataclass(frozen=True, slots=True)
class Look:
    """What there is to say about a server."""

    version: str
    now: int
    """Its clock, in milliseconds since the epoch."""
    complaints: Sequence[str]


def look() -> Transaction[Look]:
    """Its version, and what is wrong with its settings."""
    rows = yield sql(
        "select current_setting('server_version') as version, current_setting('server_version_num') as number,"
        " current_setting('synchronous_commit') as commits, current_setting('fsync') as syncs,"
        " current_setting('max_connections') as connections, current_setting('server_encoding') as encoding,"
        " cast(extract(epoch from clock_timestamp()) * 1000 as bigint) as now,"
        " case when pg_is_in_recovery() then 1 else 0 end as is_standby"
    )
    row = rows[0]
    complaints = []
    if int(row["number"]) < OLDEST:
        complaints.append(f"PostgreSQL {row['version']} is older than 14: Transom is not tested on it.")
    if row["commits"] == "off" or row["syncs"] == "off":
        complaints.append(
            "synchronous_commit or fsync is off on the database server: what was acknowledged may be lost."
        )
    if row["encoding"] != "UTF8":
        complaints.append(f"the database's encoding is {row['encoding']}: make it anew with encoding UTF8.")
    if row["is_standby"]:
        complaints.append("the database server is a standby, which takes no writes: name the primary.")
    if int(row["connections"]) < FEWEST:
        complaints.append("max_connections of the database server is below 20: several processes need more.")
    return Look(row["version"], row["now"], complaints)
