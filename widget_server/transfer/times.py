"""Times as exports write them, in milliseconds since the epoch, UTC."""

from __future__ import annotations

from datetime import UTC, datetime

EARLIEST = datetime(1990, 1, 1, tzinfo=UTC)
"""Nobody commented on a web page before there was one; WordPress writes 0000-00-00 for `unknown`."""


def milliseconds(text: str) -> int | None:
    """An ISO 8601 time; without a zone it is UTC. None where it is no time, or none that can be."""
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError:
        return None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return int(moment.timestamp() * 1000) if moment >= EARLIEST else None
