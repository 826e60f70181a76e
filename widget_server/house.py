"""The house: what those who act and those who read share, put together once by `app`."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol, TypeVar

from widget_server.markup import Renderer
from widget_server.moderation.pipeline import Check, OwnCheck
from widget_server.notify.base import Notifier
from widget_server.people.tokens import Tokens
from widget_server.plugins import Broken, Guard, Plugin
from widget_server.sites import Sites
from widget_server.store.database import Apart
from widget_server.store.migrate import CORE, Migratable, MigrationSet
from widget_server.vocabulary import Role, Site, Transaction
from widget_server.widgets.base import Widget

T = TypeVar("T")

Changed = tuple[str, str] | tuple[str, str, str | None]
"""What `announce` is told: site and subject, and perhaps the widget of a choice."""

Clock = Callable[[], int]
"""Milliseconds since the epoch, UTC."""


class Announce(Protocol):
    """Told after a commit what it changed."""

    def __call__(self, site: str, subject: str, choice: str | None = None, /) -> None:
        """A subject changed, or with `""` the whole site.

        `choice` is the widget with which somebody chose, where nothing but that choice and its tally has changed.
        """


def switched_on(installed: Iterable[str], chosen: Collection[str] | None) -> Sequence[str]:
    """Of the plug-ins that are installed, those that a site has chosen; None: all of them."""
    return [name for name in installed if chosen is None or name in chosen]


@dataclass(frozen=True, slots=True)
class House:
    """The collaborators of every doing and every look."""

    database: Migratable
    sites: Sites
    widgets: Mapping[str, Plugin[Widget]]
    checks: Sequence[OwnCheck]
    guard: Guard
    renderer: Renderer
    tokens: Tokens
    clock: Clock
    announce: Announce
    sets: Sequence[MigrationSet] = (CORE,)
    """The migrations of the core and of the plug-ins."""
    plugin_checks: Mapping[str, Plugin[Check]] = field(default_factory=dict)
    notifiers: Mapping[str, Plugin[Notifier]] = field(default_factory=dict)
    broken: Sequence[Broken] = ()
    """The plug-ins that are installed and cannot be used."""
    out_of_reach: Sequence[str] = ()
    """Those of them that have tables in the database."""

    def told_of(self, site: Site, kind: str) -> Sequence[str]:
        """The notifiers that hear of interactions of a kind on a site."""
        those = {
            name: self.notifiers[name].thing for name in switched_on(self.notifiers, site.settings.notifiers)
        }
        return [name for name, notifier in those.items() if not notifier.kinds or kind in notifier.kinds]

    def role_of(self, widget: str, action: str) -> Role:
        """Who may do an action; where there is none such, whoever may do most things."""
        plugin = self.widgets.get(widget)
        found = plugin.thing.actions.get(action) if plugin else None
        return found.role if found else Role.PERSON

    async def commit(
        self,
        transaction: Transaction[T] | Apart[T],
        changed: Callable[[T], Iterable[Changed]],
        *,
        patience: float | None = None,
    ) -> T:
        """Write, and announce what the result says has changed.

        Where the caller is cancelled meanwhile, both are done or neither: what is stored and not announced would stay
        out of the page cache's sight for good.
        """

        def tell(result: T) -> None:
            for each in changed(result):
                self.announce(*each)

        return await self.database.write(transaction, patience=patience, tell=tell)
