"""What is installed: the plug-ins that can be used, and those that cannot and why."""

from __future__ import annotations

import importlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

from widget_server.errors import Misconfigured
from widget_server.fields import schema_fault
from widget_server.moderation.pipeline import Check
from widget_server.notify.base import Notifier
from widget_server.plugins import (
    CHECKS,
    GROUPS,
    NOTIFIERS,
    WIDGETS,
    Broken,
    Found,
    Plugin,
    discover,
    from_files,
    said,
)
from widget_server.settings import Settings
from widget_server.store.migrate import CORE, Applied, MigrationSet
from widget_server.web.rendering import Rendering
from widget_server.widgets.base import Action, Keeper, Widget, schema_of

DISTRIBUTION = "transom-server"


@dataclass(frozen=True, slots=True)
class Installed:
    """The plug-ins of a server, by name."""

    widgets: Mapping[str, Plugin[Widget]]
    checks: Mapping[str, Plugin[Check]]
    notifiers: Mapping[str, Plugin[Notifier]]
    broken: Sequence[Broken]

    @property
    def every(self) -> Mapping[str, Plugin[Any]]:
        """All that can be used, of whatever kind; no two share a name."""
        return {**self.widgets, **self.checks, **self.notifiers}


def installed(
    settings: Settings,
    widgets: Mapping[str, Plugin[Widget]] | None = None,
    checks: Mapping[str, Plugin[Check]] | None = None,
    notifiers: Mapping[str, Plugin[Notifier]] | None = None,
) -> Installed:
    """All that a server uses, with these besides, which stand in for others of their names.

    Raises `Misconfigured` where two have one name: what a site chose of one would be the other's.
    """
    beside = from_files(settings.plugins)
    found = {
        group: _sound(group, discover(group, beside.get(group, ())), extra or {})
        for group, extra in ((WIDGETS, widgets), (CHECKS, checks), (NOTIFIERS, notifiers))
    }
    for group, those in found.items():
        for name in those.twice:
            message = f"Two plug-ins of {group} are named {name!r}; uninstall one of them (transom plugins)."
            raise Misconfigured(message)
    usable = {group: {each.name: each for each in those.plugins} for group, those in found.items()}
    for name, count in Counter(name for those in usable.values() for name in those).items():
        if count > 1:
            message = f"Two plug-ins of different groups are named {name!r}; uninstall one of them."
            raise Misconfigured(message)
    broken = [each for those in found.values() for each in those.broken]
    return Installed(usable[WIDGETS], usable[CHECKS], usable[NOTIFIERS], broken)


def every(settings: Settings) -> Mapping[str, Found]:
    """What there is in each group, whether the server uses it yet or not."""
    beside = from_files(settings.plugins)
    return {group: _sound(group, discover(group, beside.get(group, ())), {}) for group in GROUPS}


def out_of_reach(broken: Sequence[Broken], applied: Applied, sets: Sequence[MigrationSet]) -> Sequence[str]:
    """The plug-ins that have tables in the database and are broken, so that nobody can be taken out of them.

    What a broken file is called nobody knows: it may be any whose tables are there and which is not.
    """
    known = {each.name for each in sets}
    names = {each.name for each in broken if each.distribution}
    has_file = any(not each.distribution for each in broken)
    return sorted({owner for owner, _ in applied if owner not in known and (has_file or owner in names)})


def is_ours(plugin: Plugin[Any]) -> bool:
    """Whether it comes with the server."""
    return plugin.distribution == DISTRIBUTION


def _sound(group: str, found: Found, extra: Mapping[str, Plugin[Any]]) -> Found:
    by_name = {plugin.name: plugin for plugin in found.plugins} | dict(extra)
    faults = {name: _fault(group, plugin) for name, plugin in by_name.items()}
    broken = [
        Broken(group, name, plugin.distribution, plugin.version, plugin.origin, faults[name])
        for name, plugin in by_name.items()
        if faults[name]
    ]
    return Found(
        [plugin for name, plugin in by_name.items() if not faults[name]],
        [*(each for each in found.broken if each.name not in extra), *broken],
        [name for name in found.twice if name not in extra],
    )


def _fault(group: str, plugin: Plugin[Any]) -> str:
    """What would keep it from being used; our own are held by tests, and looked at by nobody at each start."""
    if group not in {WIDGETS, CHECKS, NOTIFIERS} or is_ours(plugin):
        return ""
    try:
        return schema_fault(schema_of(plugin.thing)) or (
            _widget_fault(plugin.thing) if group == WIDGETS else ""
        )
    except Exception as error:  # noqa: BLE001 - whatever it brings
        return said(error)


def _widget_fault(widget: Widget) -> str:
    importlib.import_module(widget.package)
    Rendering([widget], "")  # reads and compiles its templates
    if not all(isinstance(action, Action) for action in widget.actions.values()):
        return "one of its actions is no Action."
    if not isinstance(widget, Keeper):
        return ""
    if widget.name == CORE.name or not files(widget.package).joinpath("migrations").is_dir():
        return "it has tables of its own and no folder `migrations`, or the name of the core."
    return ""
