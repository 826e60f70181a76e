"""The bounds of a database: what may wait, how long it may take, how much it may grow."""

from __future__ import annotations

from dataclasses import astuple, dataclass
from math import inf

from widget_server import errors


@dataclass(frozen=True, slots=True)
class Limits:
    """Each a number above zero; anything else raises `SettingInvalid`."""

    queue: int = 1_000
    """Transactions that may wait: so many for writing, and so many for reading."""
    writes: int = 128
    """Write transactions in one commit."""
    reads: int = 16
    """Read transactions on one snapshot."""
    readers: int = 2
    """Connections for reading. The first serves all; a further one only helps out while a read is slow."""
    wait: float = 5.0
    """Seconds that a transaction may wait before it is begun."""
    patience: float = 5.0
    """Seconds that a transaction may run, where its caller names none."""
    statements: int = 10_000
    """Statements in one transaction, where its caller names no patience."""
    poll: float = 0.075
    """Seconds between two looks for what other processes changed."""
    log_bytes: int = 64 * 1024 * 1024
    """Size of the write-ahead log above which the writer insists on emptying it."""

    def __post_init__(self) -> None:
        if not all(0 < limit < inf for limit in astuple(self)):
            raise errors.SettingInvalid("Every limit of the database must be a number above zero.")
