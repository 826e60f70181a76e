"""`transom poll`: questions to a site's readers, asked and closed from a shell."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import Any

import click

from widget_server.app import opened
from widget_server.commands.moderators import checked_email
from widget_server.commands.options import run, with_settings
from widget_server.doing import Doing
from widget_server.errors import NotFound
from widget_server.identity import identify
from widget_server.interact import perform
from widget_server.settings import Settings
from widget_server.store import moderators
from widget_server.vocabulary import Person, PersonKind, Role

SITE = click.option("--site", "site_id", required=True, help="The site's id.")
BY = click.option("--by", "email", required=True, help="The moderator who does it: the address of one.")


@click.group()
def poll() -> None:
    """Polls: what a site asks its readers."""


@poll.command()
@click.argument("subject")
@click.argument("question")
@click.option("--option", "options", multiple=True, required=True, help="What one can choose; once for each.")
@click.option("--several", is_flag=True, help="People may choose more than one.")
@click.option("--closes", metavar="TIME", help="When it closes, such as 2030-01-31T12:00Z.  [default: never]")
@click.option(
    "--results",
    type=click.Choice(("before", "after")),
    default="before",
    show_default=True,
    help="Whether the result is seen before one has voted.",
)
@SITE
@BY
@with_settings
def ask(
    settings: Settings,
    /,
    subject: str,
    question: str,
    *,
    options: Sequence[str],
    several: bool,
    closes: str | None,
    results: str,
    site_id: str,
    email: str,
) -> None:
    """Ask a question: `transom poll ask poll:lunch "Where to?" --option Pizza --option Curry`."""
    fields = {
        "question": question,
        "options": options,
        "several": several,
        "closes": closes or "",
        "results": results,
    }
    run(_done(settings, site_id, email, subject, action="ask", fields=fields))
    click.echo(f"The poll {subject!r} is asked. Put this into a page:\n")
    click.echo(f'<transom-poll subject="{escape(subject)}"></transom-poll>')


@poll.command()
@click.argument("subject")
@SITE
@BY
@with_settings
def close(settings: Settings, subject: str, site_id: str, email: str) -> None:
    """Take no further votes, and show the result to everybody."""
    run(_done(settings, site_id, email, subject, action="close", fields={}))
    click.echo(f"The poll {subject!r} is closed.")


@poll.command()
@click.argument("subject")
@click.option("--closes", metavar="TIME", help="When it closes again.  [default: never]")
@SITE
@BY
@with_settings
def reopen(settings: Settings, subject: str, closes: str | None, site_id: str, email: str) -> None:
    """Take votes again, on a poll that is closed or withdrawn."""
    run(_done(settings, site_id, email, subject, action="reopen", fields={"closes": closes or ""}))
    click.echo(f"The poll {subject!r} is open.")


@poll.command()
@click.argument("subject")
@SITE
@BY
@with_settings
def withdraw(settings: Settings, subject: str, site_id: str, email: str) -> None:
    """Take a poll off its pages; its votes are kept."""
    run(_done(settings, site_id, email, subject, action="withdraw", fields={}))
    click.echo(f"The poll {subject!r} is off its pages.")


async def _done(
    settings: Settings, site_id: str, email: str, named: str, *, action: str, fields: dict[str, Any]
) -> None:
    """Do it by the one way anything happens, as the moderator."""
    async with opened(settings) as server:
        house = server.house
        site = await house.sites.get(site_id)
        moderator = await house.database.read(moderators.by_email(site_id, checked_email(email)))
        if moderator is None:
            message = (
                f"The site {site_id!r} has no moderator {email!r}: transom moderator list --site {site_id}"
            )
            raise NotFound(message)
        person = Person(site_id, moderator.id, PersonKind.MODERATOR, moderator.name)
        doing = Doing(
            site, identify(site, named), "poll", action, fields, person, house.clock(), Role.MODERATOR
        )
        await perform(house, doing)
