"""Plug-ins for tests: a widget that may be set in every way, and checks that think whatever a test wants."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from widget_server.errors import FieldInvalid
from widget_server.moderation.pipeline import Check, Opinion, Submission
from widget_server.plugins import Plugin
from widget_server.vocabulary import Flag, Lines, OneOf, Setting, Text, Verdict, Whole
from widget_server.widgets.like import Like

COLOURS = ("red", "orange", "yellow", "green", "blue", "violet")


class Wave(Like):
    """Like the like, with a setting of each kind."""

    name = "wave"
    title = "Wave"
    settings: Mapping[str, Setting] = {
        "greeting": Setting("Greeting", Text(40), "Hello", "Above the button."),
        "rules": Setting("Rules", Text(2_000, least=0), ""),
        "most": Setting("Waves per person", Whole(1, 50), 5),
        "size": Setting("Size", OneOf(("small", "large")), "small"),
        "colour": Setting("Colour", OneOf(COLOURS), "red"),
        "words": Setting("Words", Lines(most=5, each=20, least=1), ("Hi", "Ahoy")),
        "several": Setting("Several at once", Flag(), default=False),
    }

    def check_settings(self, values: Mapping[str, Any]) -> None:
        """Large waves are few."""
        if values["size"] == "large" and values["most"] > 10:
            message = "Large waves are at most 10."
            raise FieldInvalid(message, field="most")


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


def as_checks(*checks: Check) -> dict[str, Plugin[Check]]:
    """Checks as a server takes them beside the installed ones."""
    return {check.name: Plugin(check.name, "tests", "1", check) for check in checks}
