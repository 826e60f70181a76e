"""`transom moderator`: who keeps order on a site, and how they get in."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Sequence
from urllib.parse import urlencode

import click

from widget_server.commands.options import run, with_settings
from widget_server.errors import FieldInvalid, NotFound
from widget_server.ids import uuid7
from widget_server.markup import clean_name
from widget_server.opening import database_of, now
from widget_server.people.sign_in import LINK_LIFE, invite
from widget_server.settings import Settings
from widget_server.store import moderators, sessions, sites
from widget_server.store.moderators import Moderator
from widget_server.vocabulary import Transaction

OWNER = "owner"
ROLES = (OWNER, "moderator")

LONGEST_EMAIL = 254
MOST_MINUTES = 7 * 24 * 60


@click.group()
def moderator() -> None:
    """Moderators: who keeps order, and how they get in."""


@moderator.command()
@click.argument("email")
@click.option("--site", "site_id", required=True, help="The site's id.")
@click.option(
    "--role", type=click.Choice(ROLES), help="[default: owner for the first of a site, else moderator]"
)
@click.option("--name", help="The name beside their answers.  [default: what stands before the @]")
@with_settings
def create(settings: Settings, email: str, site_id: str, role: str | None, name: str | None) -> None:
    """Let somebody in: `transom moderator create bob@example.com --site blog`; prints a one-time sign-in link."""
    address = checked_email(email)
    called = clean_name(name or address.partition("@")[0][:60])
    made, secret = run(_create(settings, site_id, address, role, called))
    click.echo(f"{made.name} <{made.email}> is {made.role} of the site {site_id!r} now.")
    _show_link(settings, site_id, secret, LINK_LIFE // 60_000)


@moderator.command()
@click.argument("email")
@click.option("--site", "site_id", required=True, help="The site's id.")
@click.option(
    "--minutes",
    default=LINK_LIFE // 60_000,
    show_default=True,
    type=click.IntRange(1, MOST_MINUTES),
    help="How long the link works.",
)
@with_settings
def link(settings: Settings, email: str, site_id: str, minutes: int) -> None:
    """Print a new one-time sign-in link for somebody who is a moderator already."""
    secret = run(_link(settings, site_id, checked_email(email), minutes * 60_000))
    _show_link(settings, site_id, secret, minutes)


@moderator.command("list")
@click.option("--site", "site_id", required=True, help="The site's id.")
@click.option("--json", "as_json", is_flag=True, help="As JSON, for a script.")
@with_settings
def list_(settings: Settings, site_id: str, *, as_json: bool) -> None:
    """List a site's moderators."""
    found = run(_every(settings, site_id))
    if as_json:
        click.echo(json.dumps([dataclasses.asdict(each) for each in found], indent=2))
    elif not found:
        click.echo(f"Nobody yet: transom moderator create EMAIL --site {site_id}", err=True)
    else:
        for each in found:
            click.echo(f"{each.email}\t{each.role}\t{each.name}")


@moderator.command()
@click.argument("email")
@click.option("--site", "site_id", required=True, help="The site's id.")
@click.option(
    "--sessions-only", is_flag=True, help="Sign them out everywhere, but let them stay a moderator."
)
@with_settings
def revoke(settings: Settings, email: str, site_id: str, *, sessions_only: bool) -> None:
    """Take somebody's rights away, and end every session and link at once."""
    ended = run(_revoke(settings, site_id, checked_email(email), stays=sessions_only))
    click.echo(f"{ended} session{'' if ended == 1 else 's'} ended.")
    if not sessions_only:
        click.echo(f"{email} is no moderator of {site_id!r} any more.")


def sign_in_address(public_url: str, site_id: str, secret: str) -> str:
    """The address of a one-time link."""
    return f"{public_url}/admin/sign-in?{urlencode({'site': site_id, 'link': secret})}"


def checked_email(email: str) -> str:
    """The address in lower case; `FieldInvalid` where it can be none."""
    address = email.strip().lower()
    local, at, domain = address.partition("@")
    usable = local and at and "." in domain.strip(".") and "@" not in domain and address.isprintable()
    if not usable or len(address) > LONGEST_EMAIL or any(character in ' <>,;:"' for character in address):
        message = f"{email[:80]!r} is not an e-mail address."
        raise FieldInvalid(message, field="email")
    return address


def _show_link(settings: Settings, site_id: str, secret: str, minutes: int) -> None:
    click.echo(f"\nSign in with this link, once, within {minutes} minutes:\n")
    click.echo(f"  {sign_in_address(settings.public_url, site_id, secret)}\n")


async def _create(
    settings: Settings, site_id: str, email: str, role: str | None, name: str
) -> tuple[Moderator, str]:
    async with database_of(settings) as database:
        return await database.write(added(site_id, email, role, name, now()))


async def _link(settings: Settings, site_id: str, email: str, life: int) -> str:
    def transaction() -> Transaction[str]:
        known = yield from _known(site_id, email)
        return (yield from invite(known, now(), life))

    async with database_of(settings) as database:
        return await database.write(transaction())


async def _every(settings: Settings, site_id: str) -> Sequence[Moderator]:
    def transaction() -> Transaction[Sequence[Moderator]]:
        yield from _site(site_id)
        return (yield from moderators.every(site_id))

    async with database_of(settings) as database:
        return await database.read(transaction())


async def _revoke(settings: Settings, site_id: str, email: str, *, stays: bool) -> int:
    def transaction() -> Transaction[int]:
        known = yield from _known(site_id, email)
        yield from sessions.drop_links(site_id, known.id)
        ended = yield from sessions.revoke_all(site_id, known.id, now())
        if not stays:
            yield from moderators.drop(site_id, known.id)
        return ended

    async with database_of(settings) as database:
        return await database.write(transaction())


def added(
    site_id: str, email: str, role: str | None, name: str, at: int
) -> Transaction[tuple[Moderator, str]]:
    """A new moderator and the secret of a sign-in link; the first one of a site owns it, unless a role is named."""
    yield from _site(site_id)
    others = yield from moderators.every(site_id)
    made = Moderator(site_id, uuid7(at), email, name, role or (ROLES[1] if others else OWNER), at)
    yield from moderators.add(made)
    return made, (yield from invite(made, at))


def _known(site_id: str, email: str) -> Transaction[Moderator]:
    yield from _site(site_id)
    known = yield from moderators.by_email(site_id, email)
    if known is None:
        message = f"{email} is no moderator of {site_id!r}: transom moderator create {email} --site {site_id}"
        raise NotFound(message)
    return known


def _site(site_id: str) -> Transaction[None]:
    if (yield from sites.get(site_id)) is None:
        message = f"There is no site {site_id!r}; `transom site list` shows those there are."
        raise NotFound(message)
