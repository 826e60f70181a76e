"""The house: what those who act and those who read share, put together once by `app`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from widget_server.markup import Renderer
from widget_server.moderation.pipeline import Check
from widget_server.people.tokens import Tokens
from widget_server.plugins import Guard, Plugin
from widget_server.sites import Sites
from widget_server.store.database import Database
from widget_server.widgets.base import Widget

Clock = Callable[[], int]
"""Milliseconds since the epoch, UTC."""


class Announce(Protocol):
    """Told after a commit what it changed."""

    def __call__(self, site: str, subject: str, choice: str | None = None, /) -> None:
        """A subject changed, or with `""` the whole site.

        `choice` is the widget with which somebody chose, where nothing but that choice and its tally has changed.
        """


@dataclass(frozen=True, slots=True)
class House:
    """The collaborators of every doing and every look."""

    database: Database
    sites: Sites
    widgets: Mapping[str, Plugin[Widget]]
    checks: Sequence[Check]
    guard: Guard
    renderer: Renderer
    tokens: Tokens
    clock: Clock
    announce: Announce
