"""Signing moderators in: a link that works once, then a session that the server keeps and can end."""

from __future__ import annotations

from dataclasses import dataclass

from widget_server.errors import SignInRequired, TokenInvalid
from widget_server.people.tokens import digest_of, new_secret
from widget_server.store import moderators, sessions
from widget_server.store.moderators import Moderator
from widget_server.store.sessions import Link, Session
from widget_server.vocabulary import Transaction

LINK_LIFE = 15 * 60_000
"""Milliseconds in which a link lets somebody in."""

IDLE_LIFE = 7 * 86_400_000
"""Milliseconds after which a session that nobody used is over."""

SESSION_LIFE = 30 * 86_400_000
"""Milliseconds after which every session is over."""

SEEN_EVERY = 60_000
"""Milliseconds after which a session's use is noted again."""

LONGEST_AGENT = 200
LONGEST_SECRET = 100


@dataclass(frozen=True, slots=True)
class Entered:
    """Somebody came in: who, and the secret that the browser keeps."""

    moderator: Moderator
    secret: str


@dataclass(frozen=True, slots=True)
class Admitted:
    """Somebody is in: who, and with which session."""

    moderator: Moderator
    session: Session


def invite(moderator: Moderator, now: int, life: int = LINK_LIFE) -> Transaction[str]:
    """Make a link's secret, which nobody can read out of the database; `life` in milliseconds."""
    secret = new_secret()
    link = Link(moderator.site, digest_of(secret), moderator.id, now, now + life)
    yield from sessions.add_link(link)
    return secret


def invited(site: str, secret: str, now: int) -> Transaction[Moderator]:
    """Whom a link would let in, without using it up; `TokenInvalid` where it lets nobody in."""
    holder = yield from sessions.link_holder(site, digest_of(_bounded(secret)), now)
    return (yield from _known(site, holder))


def enter(site: str, secret: str, agent: str, before: str | None, now: int) -> Transaction[Entered]:
    """Use the link up and begin a session; the one that this browser had `before` (its secret) ends.

    Raises `TokenInvalid` for a link that is used, too old, or none of ours.
    """
    holder = yield from sessions.use_link(site, digest_of(_bounded(secret)), now)
    moderator = yield from _known(site, holder)
    if before is not None:
        yield from sessions.revoke(site, moderator.id, digest_of(before), now)
    fresh = new_secret()
    yield from sessions.add(
        Session(site, digest_of(fresh), moderator.id, agent[:LONGEST_AGENT], now, now, now + SESSION_LIFE)
    )
    return Entered(moderator, fresh)


def admit(site: str, secret: str, now: int) -> Transaction[Admitted]:
    """Who comes with a session's secret; `SignInRequired` where the session is over or was never there."""
    if len(secret) > LONGEST_SECRET:
        raise SignInRequired
    session = yield from sessions.get(site, digest_of(secret))
    if session is None or now >= session.expires or now >= session.seen + IDLE_LIFE:
        raise SignInRequired
    moderator = yield from moderators.get(site, session.moderator)
    if moderator is None:
        raise SignInRequired
    return Admitted(moderator, session)


def _bounded(secret: str) -> str:
    if len(secret) > LONGEST_SECRET:
        raise _used_up()
    return secret


def _known(site: str, holder: str | None) -> Transaction[Moderator]:
    moderator = (yield from moderators.get(site, holder)) if holder else None
    if moderator is None:
        raise _used_up()
    return moderator


def _used_up() -> TokenInvalid:
    return TokenInvalid("This link was used already, or it is older than it may be. Ask for a new one.")
