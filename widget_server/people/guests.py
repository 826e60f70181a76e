"""Guests: identities that the server issues, kept only after the first interaction."""

from __future__ import annotations

import secrets

from widget_server.errors import FieldInvalid
from widget_server.ids import uuid7_of
from widget_server.people.tokens import GUEST_LIFE, Tokens
from widget_server.vocabulary import Person, PersonKind

SHORTEST_KEY = 16
LONGEST_KEY = 128


def known(tokens: Tokens, token: str, site: str, now: int) -> tuple[Person, str | None]:
    """The guest that a token names, and a fresh token when the old one has lived half of its life."""
    read = tokens.read_guest(token, site, now)
    fresh = tokens.guest(site, read.person, now) if read.age * 2 > GUEST_LIFE else None
    return Person(site, read.person, PersonKind.GUEST), fresh


def new(tokens: Tokens, site: str, key: str | None, now: int) -> tuple[Person, str]:
    """A new guest and the token.

    The same idempotency key gives the same guest, so that a first post that is sent twice is still one person's one
    post. The key is therefore as good as the token for as long as it is known to anybody: browsers make it at random
    and forget it after success.
    """
    seed = tokens.person_for(site, key) if key else secrets.token_bytes(10)
    # The time is left out of the identifier: it must not depend on which of two requests came first.
    person = uuid7_of(0, seed.hex())
    return Person(site, person, PersonKind.GUEST), tokens.guest(site, person, now)


def checked_key(key: str | None) -> str | None:
    """The idempotency key, which must be long enough that nobody guesses it."""
    if key is None:
        return None
    if not SHORTEST_KEY <= len(key) <= LONGEST_KEY or not key.isascii() or not key.isprintable():
        message = f"An idempotency key has {SHORTEST_KEY} to {LONGEST_KEY} printable ASCII characters."
        raise FieldInvalid(message, field="idempotency_key")
    return key
