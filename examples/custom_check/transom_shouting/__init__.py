"""Hold what is shouted: texts that are written in capitals, for the most part."""

from __future__ import annotations

import re
from collections.abc import Mapping

from widget_server.moderation.pipeline import Opinion, Submission
from widget_server.vocabulary import Setting, Verdict, Whole

ASIDE = re.compile(r"https?://\S+|`[^`]*`", re.IGNORECASE)
"""Addresses and code, which have their capitals from elsewhere."""


class Shouting:
    """The share of capitals among the letters that have any; scripts without them are never shouted."""

    name = "shouting"
    version = "1"
    title = "Shouting"
    settings: Mapping[str, Setting] = {
        "share": Setting("Capitals, of 100 letters", Whole(50, 100), 80, "From how many on a text is held."),
        "letters": Setting("Letters", Whole(1, 1000), 12, "Shorter texts may shout: YES, NATO, OK."),
    }

    def opinion(self, submission: Submission) -> Opinion:
        """Hold a text whose share of capitals is as large as the site says, or larger."""
        letters = [each for each in ASIDE.sub("", submission.text) if each.lower() != each.upper()]
        capitals = sum(each.isupper() for each in letters)
        is_long = len(letters) >= submission.settings["letters"]
        if is_long and capitals * 100 >= submission.settings["share"] * len(letters):
            return Opinion(Verdict.HOLD, ("capitals",))
        return Opinion()
