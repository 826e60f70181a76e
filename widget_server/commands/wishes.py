"""`transom site show` and `transom site set`: what the owner of a site may choose, from a shell."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import click

from widget_server.commands.options import run, with_settings
from widget_server.errors import FieldInvalid, NotFound
from widget_server.fields import SAID, chosen_of, fitting
from widget_server.ids import uuid7
from widget_server.installed import Installed, installed
from widget_server.opening import database_of, now
from widget_server.plugins import Guard, Plugin
from widget_server.settings import Settings
from widget_server.store import moderation, sites
from widget_server.store.database import Database
from widget_server.store.moderation import OPERATOR, Act
from widget_server.store.sites import BOUNDS, settings_from
from widget_server.vocabulary import Lines, Site, SiteSettings
from widget_server.web.admin.settling import differences
from widget_server.widgets.base import schema_of

LISTS = {"keep_query", "widgets", "checks", "notifiers"}
ALL, NONE = "all", "none"

Given = Mapping[str, Sequence[str]]
"""What was said, by name: a list may be said item by item."""


@click.command()
@click.argument("id")
@click.option("--json", "as_json", is_flag=True, help="As JSON, for a script.")
@with_settings
def show(settings: Settings, id: str, *, as_json: bool) -> None:  # noqa: A002 - click's name
    """Show what a site has chosen, and what its plug-ins are told, in the words that `transom site set` takes."""
    there = installed(settings)
    found = run(_stored(settings, id))
    values = dict(_values(found, there))
    if as_json:
        click.echo(json.dumps(values, indent=2, ensure_ascii=False))
    else:
        for name, value in values.items():
            for line in _lines(name, value):
                click.echo(f"{name}={line}")


@click.command("set")
@click.argument("id")
@click.argument("wishes", nargs=-1, required=True, metavar="NAME=VALUE…")
@with_settings
def set_(settings: Settings, id: str, wishes: Sequence[str]) -> None:  # noqa: A002 - click's name
    """Change what a site has chosen: `transom site set blog mode=first_held reactions.several=yes`.

    A plug-in's setting has the plug-in's name before it. The items of a list are said one by one (`NAME=a NAME=b`);
    of widgets, checks and query keys with commas, too, or `all`, or `none`. `NAME=` puts a setting back to its
    default. A running server goes by it at once.
    """
    there = installed(settings)
    changes = run(_change(settings, there, id, _given(wishes)))
    if not changes:
        click.echo("All of that was so already.")
    for name, (before, after) in changes.items():
        click.echo(f"{name}: {_shown(before)} → {_shown(after)}")


def _given(wishes: Sequence[str]) -> Given:
    given: dict[str, list[str]] = {}
    for wish in wishes:
        name, equals, value = wish.partition("=")
        if not equals:
            message = f"{wish!r} is not of the form NAME=VALUE."
            raise FieldInvalid(message, field=name)
        given.setdefault(name, []).append(value)
    return given


async def _change(
    settings: Settings, there: Installed, site: str, given: Given
) -> Mapping[str, Sequence[Any]]:
    guard = Guard(limit=settings.plugin_seconds)
    async with database_of(settings) as database:
        before = await _site(database, site)
        try:
            after = replace(before, settings=await _wished(guard, there, before.settings, given))
        finally:
            guard.close()
        changes = differences(before, after)
        if changes:
            act = Act(uuid7(now()), OPERATOR, now())
            await database.write(moderation.settle(before, after, {"changes": changes}, act))
    return changes


async def _wished(guard: Guard, there: Installed, before: SiteSettings, given: Given) -> SiteSettings:
    """The settings as they are wished for; a plug-in looks at its own together."""
    chosen = before
    theirs: dict[str, dict[str, Sequence[str]]] = {}
    for name, said in given.items():
        plugin, dot, setting = name.partition(".")
        if dot:
            theirs.setdefault(plugin, {})[setting] = said
        else:
            value = _plain(name, said)
            _there_are(there, name, value, before)
            chosen = settings_from({name: value}, chosen)
    plugins = dict(before.plugins)
    for name, wishes in theirs.items():
        plugin_of = _settable(there, name)
        work = partial(_told, plugin_of, plugins.get(name, {}), wishes)
        plugins[name] = await guard.call(name, work)
    return replace(chosen, plugins={name: values for name, values in plugins.items() if values})


def _there_are(there: Installed, name: str, value: object, before: SiteSettings) -> None:
    """Refuse to switch on what is not installed; what was on and is gone may stay."""
    known = {"widgets": there.widgets, "checks": there.checks, "notifiers": there.notifiers}.get(name)
    if known is None or not isinstance(value, list):
        return
    for each in value:
        if each not in known and each not in (getattr(before, name) or ()):
            message = f"There is no {name[:-1]} {each!r}; there are {', '.join(sorted(known)) or 'none'}."
            raise FieldInvalid(message, field=name)


def _told(plugin: Plugin[Any], before: Mapping[str, Any], wishes: Given) -> dict[str, Any]:
    schema = schema_of(plugin.thing)
    kept = {name: value for name, value in before.items() if wishes.get(name) != [""]}
    given: dict[str, Any] = {}
    for name, said in wishes.items():
        if said == [""]:
            continue
        takes_many = name in schema and isinstance(schema[name].field, Lines)
        given[name] = "\n".join(said) if takes_many else _one(f"{plugin.name}.{name}", said)
    return chosen_of(plugin.thing, kept, given)


def _settable(there: Installed, name: str) -> Plugin[Any]:
    settable = sorted(each.name for each in there.every.values() if schema_of(each.thing))
    if name not in settable:
        message = f"There is no plug-in {name!r} that can be set; there are {', '.join(settable) or 'none'}."
        raise FieldInvalid(message, field=name)
    return there.every[name]


def _plain(name: str, said: Sequence[str]) -> Any:  # noqa: ANN401 - of the setting's own type
    """A site's own setting in JSON's types; what is not one is refused by `settings_from`."""
    if said == [""]:
        return getattr(SiteSettings(), name, "")
    if name in LISTS:
        words = [word for each in said for word in each.replace(",", " ").split()]
        return None if words == [ALL] else [] if words == [NONE] else words
    value = _one(name, said)
    if name in BOUNDS:
        return int(value) if value.isascii() and value.isdigit() and len(value) <= 18 else value  # noqa: PLR2004 - digits
    return SAID.get(value, value) if isinstance(getattr(SiteSettings(), name, ""), bool) else value


def _one(name: str, said: Sequence[str]) -> str:
    if len(said) > 1:
        message = f"{name!r} is no list, and was given {len(said)} times."
        raise FieldInvalid(message, field=name)
    return said[0]


def _values(site: Site, there: Installed) -> Iterator[tuple[str, Any]]:
    for name, value in dataclasses.asdict(site.settings).items():
        if name != "plugins":
            yield name, value
    for plugin in there.every.values():
        schema = schema_of(plugin.thing)
        chosen = fitting(site.settings.plugins.get(plugin.name, {}), schema)
        for name, setting in schema.items():
            yield f"{plugin.name}.{name}", chosen.get(name, setting.default)


def _lines(name: str, value: object) -> Sequence[str]:
    """The value as `set` takes it; several lines for the list of a plug-in."""
    if isinstance(value, list | tuple) and name not in LISTS:
        return [str(each) for each in value] or [""]
    if name in LISTS and not value:
        return [ALL if value is None else NONE]
    return [_shown(value)]


def _shown(value: object) -> str:
    match value:
        case bool():
            return "yes" if value else "no"
        case None:
            return "default"
        case list() | tuple():
            return ",".join(map(str, value))
        case _:
            return str(value)


async def _stored(settings: Settings, site: str) -> Site:
    async with database_of(settings) as database:
        return await _site(database, site)


async def _site(database: Database, site: str) -> Site:
    found = await database.read(sites.get(site)) if sites.SITE_ID.fullmatch(site) else None
    if found is None:
        message = f"There is no site {site!r} here; transom site list names those there are."
        raise NotFound(message, field="site")
    return found
