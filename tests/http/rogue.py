"""A widget that behaves as badly as a test wants."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from widget_server.moderation.pipeline import Check
from widget_server.plugins import Plugin
from widget_server.vocabulary import Intent, Mine, Reading, ReadTally, Record, Site
from widget_server.widgets.base import Action, Look, Summary, Widget


class Rogue:
    """Like the like, until told otherwise."""

    name = "rogue"
    version = "1"
    title = "Rogue"
    package = "widget_server.widgets.like"
    actions: Mapping[str, Action] = {"poke": Action("Poke")}

    def __init__(
        self,
        *,
        accepts: Callable[[], Any] = lambda: Record("poke", {}),
        asks: Callable[[], Any] = ReadTally,
        shows: Callable[[], Any] = lambda: {"count": 1, "mine": False},
    ) -> None:
        self.calls = 0
        self._accepts = accepts
        self._asks = asks
        self._shows = shows

    def accept(self, action: str, fields: Mapping[str, Any], site: Site) -> Intent:  # noqa: ARG002 - the contract's shape
        """Whatever the test wants."""
        self.calls += 1
        intent: Intent = self._accepts()
        return intent

    def load(self, look: Look) -> Reading[Any]:  # noqa: ARG002 - the contract's shape
        """Ask whatever the test wants."""
        self.calls += 1
        yield self._asks()
        return None

    def summary(self, loaded: object, mine: Mine, look: Look) -> Summary:  # noqa: ARG002 - the contract's shape
        """Whatever the test wants."""
        summary: Summary = self._shows()
        return summary


def as_extra(*widgets: Widget) -> dict[str, Plugin[Widget]]:
    """Widgets as a server takes them beside the installed ones."""
    return {widget.name: Plugin(widget.name, "tests", "1", widget) for widget in widgets}


def as_checks(*checks: Check) -> dict[str, Plugin[Check]]:
    """The same for checks."""
    return {check.name: Plugin(check.name, "tests", "1", check) for check in checks}
