"""The claps widget: an amount that grows up to the site's cap for each person."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from widget_server.vocabulary import Add, Clear, Intent, Mine, Reading, ReadTally, Site, Tally
from widget_server.widgets.base import Action, Look, Setting, Summary, Whole, settings_of

VALUE = "clap"

MOST = 1_000
"""The highest cap that a site may choose, and the claps that one request may bring."""

USUAL = 50
"""The cap of a site that chose none."""


class Claps:
    """Any number of claps up to the cap; all of one's own can be taken back at once."""

    name = "claps"
    version = "1"
    title = "Claps"
    package = "widget_server.widgets.claps"
    actions: Mapping[str, Action] = {
        "clap": Action("Clap, `n` times or once", {"n": Whole(1, MOST, required=False)}),
        "unclap": Action("Take all of one's own claps back"),
    }
    settings: Mapping[str, Setting] = {
        "cap": Setting("Most claps of one person", Whole(1, MOST), USUAL, "For each page or other subject."),
    }

    def accept(self, action: str, fields: Mapping[str, Any], site: Site) -> Intent:
        """Add so many, of which the record counts what the cap leaves; or take all back."""
        if action == "unclap":
            return Clear(action)
        return Add(action, n=fields.get("n", 1), cap=settings_of(self, site)["cap"], value=VALUE)

    def load(self, look: Look) -> Reading[Tally]:  # noqa: ARG002 - the contract's shape
        """The tally is all it takes."""
        tally: Tally = yield ReadTally()
        return tally

    def summary(self, loaded: Tally, mine: Mine, look: Look) -> Summary:
        """`{"count": int, "mine": int, "cap": int}`: everybody's claps, one's own, and the most one may have."""
        cap = settings_of(self, look.site)["cap"]
        return {"count": loaded.counts.get(VALUE, 0), "mine": mine.values.get(VALUE, 0), "cap": cap}
