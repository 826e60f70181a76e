"""Sign-in links and sessions of moderators: only digests of their secrets are kept."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from widget_server.vocabulary import Row, Transaction, sql


@dataclass(frozen=True, slots=True)
class Link:
    """A one-time way in; times are milliseconds since the epoch."""

    site: str
    digest: str
    moderator: str
    created: int
    expires: int


@dataclass(frozen=True, slots=True)
class Session:
    """Somebody is signed in, on one site, with one browser; times are milliseconds since the epoch."""

    site: str
    digest: str
    moderator: str
    agent: str
    """What the browser says it is."""
    created: int
    seen: int
    expires: int


def add_link(link: Link) -> Transaction[None]:
    """Keep a link; those that ended are forgotten on the way."""
    yield sql(
        "delete from sign_in_links where site = :site and expires <= :now", site=link.site, now=link.created
    )
    yield sql(
        "insert into sign_in_links (site, digest, moderator, created, expires)"
        " values (:site, :digest, :moderator, :created, :expires)",
        site=link.site,
        digest=link.digest,
        moderator=link.moderator,
        created=link.created,
        expires=link.expires,
    )


def link_holder(site: str, digest: str, now: int) -> Transaction[str | None]:
    """The moderator whom a link would let in, which looking does not use up."""
    rows = yield sql(
        "select moderator from sign_in_links"
        " where site = :site and digest = :digest and used is null and expires > :now",
        site=site,
        digest=digest,
        now=now,
    )
    return rows[0]["moderator"] if rows else None


def use_link(site: str, digest: str, now: int) -> Transaction[str | None]:
    """The moderator whom the link lets in, this once."""
    rows = yield sql(
        "update sign_in_links set used = :now"
        " where site = :site and digest = :digest and used is null and expires > :now returning moderator",
        site=site,
        digest=digest,
        now=now,
    )
    return rows[0]["moderator"] if rows else None


def drop_links(site: str, moderator: str) -> Transaction[None]:
    """Make a moderator's open links worthless."""
    yield sql(
        "delete from sign_in_links where site = :site and moderator = :moderator",
        site=site,
        moderator=moderator,
    )


def add(session: Session) -> Transaction[None]:
    """Keep a session; those of the site that ended are forgotten on the way."""
    yield sql(
        "delete from admin_sessions where site = :site and expires <= :now",
        site=session.site,
        now=session.seen,
    )
    yield sql(
        "insert into admin_sessions (site, digest, moderator, agent, created, seen, expires)"
        " values (:site, :digest, :moderator, :agent, :created, :seen, :expires)",
        site=session.site,
        digest=session.digest,
        moderator=session.moderator,
        agent=session.agent,
        created=session.created,
        seen=session.seen,
        expires=session.expires,
    )


def get(site: str, digest: str) -> Transaction[Session | None]:
    """A session that nobody revoked; whether it is still good is for the caller to say."""
    rows = yield sql(
        "select * from admin_sessions where site = :site and digest = :digest and revoked is null",
        site=site,
        digest=digest,
    )
    return _session(rows[0]) if rows else None


def seen(site: str, digest: str, now: int) -> Transaction[None]:
    """Note that a session was used."""
    yield sql(
        "update admin_sessions set seen = :now where site = :site and digest = :digest",
        now=now,
        site=site,
        digest=digest,
    )


def of_moderator(site: str, moderator: str, now: int, idle_since: int) -> Transaction[Sequence[Session]]:
    """A moderator's sessions that are good, the one used last first."""
    rows = yield sql(
        "select * from admin_sessions where site = :site and moderator = :moderator and revoked is null"
        " and expires > :now and seen > :idle_since order by seen desc, digest limit 100",
        site=site,
        moderator=moderator,
        now=now,
        idle_since=idle_since,
    )
    return [_session(row) for row in rows]


def revoke(site: str, moderator: str, digest: str, now: int) -> Transaction[bool]:
    """End one session of a moderator; whether there was one to end."""
    rows = yield sql(
        "update admin_sessions set revoked = :now where site = :site and moderator = :moderator"
        " and digest = :digest and revoked is null returning digest",
        now=now,
        site=site,
        moderator=moderator,
        digest=digest,
    )
    return bool(rows)


def revoke_all(site: str, moderator: str, now: int, but: str = "") -> Transaction[int]:
    """End all sessions of a moderator but one; how many there were."""
    rows = yield sql(
        "update admin_sessions set revoked = :now where site = :site and moderator = :moderator"
        " and digest <> :but and revoked is null returning digest",
        now=now,
        site=site,
        moderator=moderator,
        but=but,
    )
    return len(rows)


def _session(row: Row) -> Session:
    return Session(
        row["site"],
        row["digest"],
        row["moderator"],
        row["agent"],
        row["created"],
        row["seen"],
        row["expires"],
    )
