"""A widget with a setting of each kind, for tests."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from widget_server.errors import FieldInvalid
from widget_server.vocabulary import Flag, Lines, OneOf, Setting, Text, Whole
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
