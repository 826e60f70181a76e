"""Identifiers that sort by time: UUID version 7 (RFC 9562, section 5.7), as 36-character text."""

from __future__ import annotations

import hashlib
import itertools
import random
import secrets
import uuid

_sequence = itertools.count(secrets.randbits(24))
"""Keeps the order of identifiers that this process makes within one millisecond (RFC 9562, section 6.2)."""

_random = random.Random(secrets.randbits(256))  # noqa: S311 - an identifier is no secret, and must only be new
"""Asking the operating system each time would cost more than all the rest of an identifier."""

MAX_MILLISECONDS = (1 << 48) - 1


def uuid7(now: int) -> str:
    """A new identifier for the time `now` (milliseconds since the epoch, UTC), later than any for an earlier one."""
    in_order = next(_sequence) & (1 << 26) - 1
    # 12 bits stand before the variant and 14 behind it; what is left is random.
    bits = (in_order >> 14) << 64 | (in_order & (1 << 14) - 1) << 48 | _random.getrandbits(48)
    return _assemble(now, bits)


def later_than(other: str, identifier: str) -> str:
    """The identifier; where it is not later than the other one, since a clock was set back, a new one that is."""
    if identifier > other:
        return identifier
    return uuid7((uuid.UUID(other).int >> 80) + 1)


def uuid7_of(now: int, *parts: str) -> str:
    """The same identifier for the same time and parts, for what must not be stored twice."""
    digest = hashlib.blake2b("\x1f".join(parts).encode(), digest_size=10).digest()
    return _assemble(now, int.from_bytes(digest))


def first_of(now: int) -> str:
    """What sorts before every identifier of that time, and after those of any time before."""
    return _assemble(now, 0)


def is_uuid(text: str) -> bool:
    """Whether the text is a UUID as this module writes them: lower case, with hyphens."""
    if len(text) != 36:  # noqa: PLR2004 - the length of the canonical text form
        return False
    try:
        return str(uuid.UUID(text)) == text
    except ValueError:
        return False


def _assemble(now: int, random_bits: int) -> str:
    clamped = min(max(now, 0), MAX_MILLISECONDS)
    value = clamped << 80 | random_bits
    value = value & ~(0xF << 76) | 0x7 << 76
    value = value & ~(0x3 << 62) | 0x2 << 62
    return str(uuid.UUID(int=value))
