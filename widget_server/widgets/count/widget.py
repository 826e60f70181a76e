"""The count widget: how many published comments there are; nothing can be done with it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from widget_server.errors import NotFound
from widget_server.vocabulary import Intent, Mine, Reading, ReadTally, Site, Tally
from widget_server.widgets.base import Action, Look, Summary


class Count:
    """The number of published comments."""

    name = "count"
    version = "1"
    title = "Number of comments"
    package = "widget_server.widgets.count"
    actions: Mapping[str, Action] = {}

    def accept(self, action: str, fields: Mapping[str, Any], site: Site) -> Intent:  # noqa: ARG002 - the contract's shape
        """There is no action."""
        raise NotFound

    def load(self, look: Look) -> Reading[Tally]:  # noqa: ARG002 - the contract's shape
        """The tally of the comments widget."""
        tally: Tally = yield ReadTally("comments")
        return tally

    def summary(self, loaded: Tally, mine: Mine, look: Look) -> Summary:  # noqa: ARG002 - the contract's shape
        """`{"count": int}`."""
        return {"count": loaded.counts.get("published", 0)}
