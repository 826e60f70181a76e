"""The reactions widget: a choice among the emoji of the site, each counted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from widget_server.errors import FieldInvalid
from widget_server.vocabulary import Add, Choose, Clear, Intent, Mine, Reading, ReadTally, Site, Tally
from widget_server.widgets.base import (
    Action,
    Emoji,
    Flag,
    Lines,
    Look,
    Setting,
    Summary,
    settings_of,
)

USUAL = ("👍", "❤️", "😂", "😮", "😢")
"""What a site has that chose nothing."""

MOST = 24
"""Emoji that a site may offer, and those that it dropped that are still shown besides."""

LONGEST = 32
"""Characters of one emoji, and more than the longest of Unicode's list has."""

EMOJI = {"emoji": Emoji()}


class Reactions:
    """One emoji or several per person; the same one twice is the same as once."""

    name = "reactions"
    version = "1"
    title = "Reactions"
    package = "widget_server.widgets.reactions"
    actions: Mapping[str, Action] = {
        "react": Action("React with an emoji", EMOJI),
        "unreact": Action("Take a reaction back", EMOJI),
    }
    settings: Mapping[str, Setting] = {
        "emoji": Setting(
            "Emoji",
            Lines(most=MOST, each=LONGEST, least=1, of=Emoji()),
            USUAL,
            "One on each line, in the order in which they are shown.",
        ),
        "several": Setting(
            "Several from one person",
            Flag(),
            default=False,
            hint="If not, a new reaction takes the place of the one before.",
        ),
    }

    def accept(self, action: str, fields: Mapping[str, Any], site: Site) -> Intent:
        """Choose the emoji in place of the others or beside them, or take it back, offered still or not."""
        chosen, emoji = settings_of(self, site), fields["emoji"]
        if action == "unreact":
            return Clear(action, (emoji,))
        if emoji not in chosen["emoji"]:
            message = f"This site offers {' '.join(chosen['emoji'])}."
            raise FieldInvalid(message, field="emoji")
        return Add(action, n=1, cap=1, value=emoji) if chosen["several"] else Choose(action, (emoji,))

    def load(self, look: Look) -> Reading[Tally]:  # noqa: ARG002 - the contract's shape
        """The tally is all it takes."""
        tally: Tally = yield ReadTally()
        return tally

    def summary(self, loaded: Tally, mine: Mine, look: Look) -> Summary:
        """`{"reactions": [{"emoji": str, "count": int, "mine": bool, "offered": bool}], "several": bool}`.

        First those that the site offers, in its order; then those that it offers no longer and that somebody still
        holds, the most frequent first.
        """
        chosen = settings_of(self, look.site)
        offered: Sequence[str] = chosen["emoji"]
        dropped = _dropped(loaded.counts, mine, offered)
        shown = [
            {
                "emoji": emoji,
                "count": loaded.counts.get(emoji, 0),
                "mine": emoji in mine.values,
                "offered": emoji in offered,
            }
            for emoji in (*offered, *dropped)
        ]
        return {"reactions": shown, "several": chosen["several"]}


def _dropped(counts: Mapping[str, int], mine: Mine, offered: Sequence[str]) -> list[str]:
    """The emoji that are counted and offered no longer: the most frequent, and all that are one's own."""
    left = [emoji for emoji, count in counts.items() if count > 0 and emoji not in offered]
    left.sort(key=lambda emoji: (-counts[emoji], emoji))
    return left[:MOST] + [emoji for emoji in left[MOST:] if emoji in mine.values]
