"""Signed tokens: one salt per purpose, each with an end."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from itsdangerous import BadData, TimestampSigner

from widget_server.errors import TokenInvalid
from widget_server.ids import is_uuid

GUEST = "transom.guest"

SEPARATOR = ":"
"""Between the site and the person; neither holds one."""

GUEST_LIFE = 400 * 86_400
"""Seconds that a guest's token lives; each answer to its owner brings a fresh one when half of it is over."""


@dataclass(frozen=True, slots=True)
class GuestToken:
    """What a guest's token says."""

    site: str
    person: str
    age: int
    """Seconds since it was signed."""


class Tokens:
    """Signs and reads tokens with the server's secret."""

    def __init__(self, secret: str) -> None:
        """`secret`: at least 32 characters that only this server knows."""
        self._secret = secret

    def guest(self, site: str, person: str, now: int) -> str:
        """A token with which a guest is known again; `now` in milliseconds."""
        signed: bytes = _signer(self._secret, GUEST, now // 1000).sign(f"{site}{SEPARATOR}{person}")
        return signed.decode("ascii")

    def read_guest(self, token: str, site: str, now: int) -> GuestToken:
        """Whom a token names; `TokenInvalid` where it is forged, too old, or for another site.

        One from a time to come is as good as a new one: a clock was set back, or another machine's is ahead.
        """
        if len(token) > 512:  # noqa: PLR2004 - ours have about 120 characters
            raise TokenInvalid
        try:
            value, signed = _signer(self._secret, GUEST, now // 1000).unsign(token, return_timestamp=True)
        except (BadData, ValueError) as error:
            raise TokenInvalid from error
        named, _, person = value.decode("ascii").partition(SEPARATOR)
        age = max(0, now // 1000 - int(signed.timestamp()))
        if age > GUEST_LIFE or named != site or not is_uuid(person):
            raise TokenInvalid
        return GuestToken(site, person, age)

    def person_for(self, site: str, key: str) -> bytes:
        """The bytes from which a new guest's id is made: the same for the same idempotency key, and unguessable."""
        return self.digest("transom.new-guest", site, key)[:10]

    def mark(self, site: str, network: str, day: int) -> str:
        """What is kept of a client's network: a keyed hash that is another one each day."""
        return _mark(self._secret, site, network, day)

    def digest(self, purpose: str, *parts: str) -> bytes:
        """A keyed hash (HMAC-SHA-256) of some parts for one purpose."""
        return _digest(self._secret, purpose, *parts)


def new_secret() -> str:
    """A secret of 256 bits, as text."""
    return secrets.token_urlsafe(32)


def digest_of(secret: str) -> str:
    """What is stored of a secret that somebody else keeps: SHA-256 (the secret itself is random and long)."""
    return hashlib.sha256(secret.encode()).hexdigest()


def _digest(secret: str, *parts: str) -> bytes:
    # `hmac.digest` would give Python's lock away, and wait for it longer than the hash takes.
    keyed = _keyed(secret).copy()
    keyed.update("\x1f".join(parts).encode())
    return keyed.digest()


@lru_cache(maxsize=8)
def _keyed(secret: str) -> hmac.HMAC:
    """To begin with the key takes as long as all the rest."""
    return hmac.new(secret.encode(), digestmod=hashlib.sha256)


@lru_cache(maxsize=4_096)
def _mark(secret: str, site: str, network: str, day: int) -> str:
    return _digest(secret, "client", site, str(day), network)[:8].hex()


@lru_cache(maxsize=8)
def _signer(secret: str, salt: str, seconds: int) -> TimestampSigner:
    """Kept for the second that it is good for: to make one takes longer than to use it."""
    return _Signer(secret, salt=salt, digest_method=hashlib.sha256, seconds=seconds)


class _Signer(TimestampSigner):
    """Signs with a time that is given."""

    def __init__(self, *arguments: Any, seconds: int, **options: Any) -> None:  # noqa: ANN401 - itsdangerous's
        super().__init__(*arguments, **options)
        self._seconds = seconds

    def get_timestamp(self) -> int:
        return self._seconds
