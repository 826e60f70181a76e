"""A check that thinks whatever a test wants."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from widget_server.moderation.pipeline import Opinion, Submission
from widget_server.vocabulary import Setting, Text, Verdict


class Word:
    """A check that holds a word which a site chooses, until a test tells it otherwise."""

    name = "word"
    version = "1"
    title = "Unwanted word"
    settings: Mapping[str, Setting] = {"word": Setting("The word", Text(40), "spam")}

    def __init__(self, opinion: Callable[[Submission], Any] | None = None) -> None:
        self.seen: list[Submission] = []
        self.thinks = opinion or self._about_the_word

    def opinion(self, submission: Submission) -> Opinion:
        """What the test wants."""
        self.seen.append(submission)
        opinion: Opinion = self.thinks(submission)
        return opinion

    def _about_the_word(self, submission: Submission) -> Opinion:
        return held("found") if submission.settings["word"] in submission.text else Opinion()


def named(name: str, opinion: Callable[[Submission], Any]) -> Word:
    """A check of another name."""
    check = Word(opinion)
    check.name = name
    return check


def held(*reasons: str) -> Opinion:
    """An opinion that a text should wait."""
    return Opinion(Verdict.HOLD, reasons)
