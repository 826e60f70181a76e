"""The like widget: a choice with one value, counted."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from widget_server.vocabulary import Choose, Clear, Intent, Mine, Reading, ReadTally, Site, Tally
from widget_server.widgets.base import Action, Look, Summary

VALUE = "like"


class Like:
    """One like per person; liking twice is the same as liking once."""

    name = "like"
    version = "1"
    title = "Like"
    package = "widget_server.widgets.like"
    actions: Mapping[str, Action] = {"like": Action("Like"), "unlike": Action("Take the like back")}

    def accept(self, action: str, fields: Mapping[str, Any], site: Site) -> Intent:  # noqa: ARG002 - the contract's shape
        """Choose the one value, or clear the choice."""
        return Choose(action, (VALUE,)) if action == "like" else Clear(action)

    def load(self, look: Look) -> Reading[Tally]:  # noqa: ARG002 - the contract's shape
        """The tally is all it takes."""
        tally: Tally = yield ReadTally()
        return tally

    def summary(self, loaded: Tally, mine: Mine, look: Look) -> Summary:  # noqa: ARG002 - the contract's shape
        """`{"count": int, "mine": bool}`."""
        return {"count": loaded.counts.get(VALUE, 0), "mine": VALUE in mine.values}
