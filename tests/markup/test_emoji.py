"""Emoji: what is exactly one, by Unicode's own list, and nothing else; and what a plug-in may ask of its settings."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tools.emoji import TABLE, emoji
from widget_server.errors import FieldInvalid
from widget_server.fields import checked_settings
from widget_server.markup.emoji import qualified
from widget_server.widgets.base import Emoji, Lines, OneOf, Setting
from widget_server.widgets.claps import Claps
from widget_server.widgets.reactions import Reactions

SETTINGS = Reactions().settings

ONE = {
    "a face": "😀",
    "a skin tone": "👍🏽",
    "two skin tones": "🫱🏿‍🫲🏻",
    "a family": "👨‍👩‍👧‍👦",
    "a profession": "🧑🏽‍🚀",
    "a flag": "🇺🇳",
    "a flag of tags": "🏴󠁧󠁢󠁷󠁬󠁳󠁿",
    "a keycap": "#️⃣",
    "a pirate": "🏴‍☠️",
    "of Unicode 16": "🫩",
}
NONE = {
    "nothing": "",
    "a letter": "a",
    "a digit, though keycaps begin with one": "1",
    "a word": "thumbs up",
    "two emoji": "👍👍",
    "an emoji and a letter": "👍a",
    "an emoji and a space": "👍 ",
    "a joiner": "\u200d",
    "a selector": "\ufe0f",
    "a keycap's frame": "\u20e3",
    "half a flag": "🇺",
    "two emoji joined that are none": "👍‍👍",
    "a skin tone on what has no skin": "🚀🏽",
    "one selector too many": "😀\ufe0f",
    "the plain form asked for": "❤\ufe0e",
    "a flag of no country": "🇽🇽",
    "half a character": "\ud83d",
    "an unassigned character": "\U0001faff",
}


@pytest.mark.parametrize("text", ONE.values(), ids=ONE)
def test_one_emoji_is_taken_as_it_is(text: str) -> None:
    assert qualified(text) == text
    assert checked_settings({"emoji": [text]}, SETTINGS) == {"emoji": (text,)}


@pytest.mark.parametrize("text", NONE.values(), ids=NONE)
def test_anything_else_is_refused(text: str) -> None:
    assert qualified(text) is None
    with pytest.raises(FieldInvalid) as refusal:
        checked_settings({"emoji": ["👍", text]}, SETTINGS)
    assert refusal.value.field == "emoji"


@pytest.mark.parametrize(
    ("given", "full"), [("❤", "❤️"), ("🕵🏽‍♀", "🕵🏽‍♀️"), ("👁‍🗨", "👁️‍🗨️"), ("👁️‍🗨", "👁️‍🗨️"), ("#⃣", "#️⃣")]
)
def test_what_lacks_its_selectors_is_written_in_full(given: str, full: str) -> None:
    assert qualified(given) == full


def test_every_sequence_of_unicodes_test_is_taken(corpora: Path) -> None:
    listed = list(sequences(corpora / "emoji" / "emoji-test.txt"))
    refused = [text for text, _ in listed if qualified(text) is None]
    changed = [
        text
        for text, state in listed
        if state in {"fully-qualified", "component"} and qualified(text) != text
    ]

    assert len(listed) == 4_733
    assert (refused, changed) == ([], [])


def test_the_table_has_all_that_its_tool_finds_in_unicodes_list(corpora: Path) -> None:
    table = set(TABLE.read_text(encoding="utf-8").splitlines())
    found = emoji((corpora / "emoji" / "emoji-test.txt").read_text(encoding="utf-8"))

    assert len(found) == 3_655 + 9
    assert found <= table


def test_a_sites_set_is_bounded_and_has_no_emoji_twice() -> None:
    faces = [chr(0x1F600 + number) for number in range(25)]
    lines = "👍\n\n ❤ \r\n😀"

    assert checked_settings({"emoji": lines}, SETTINGS) == {"emoji": ("👍", "❤️", "😀")}
    assert checked_settings({"emoji": faces[:24]}, SETTINGS) == {"emoji": tuple(faces[:24])}
    for wrong in ([], "", faces, ["👍", "👍"], ["❤", "❤️"], [7], None, "👍 ❤️"):
        with pytest.raises(FieldInvalid):
            checked_settings({"emoji": wrong}, SETTINGS)


def test_the_other_settings_of_both_widgets_are_checked() -> None:
    assert checked_settings({"several": "yes"}, SETTINGS) == {"several": True}
    assert checked_settings({"cap": "1000"}, Claps().settings) == {"cap": 1_000}
    for cap in (0, 1_001, "", "many"):
        with pytest.raises(FieldInvalid):
            checked_settings({"cap": cap}, Claps().settings)


def test_lines_can_be_held_to_any_kind_of_word() -> None:
    schema = {"days": Setting("Days", Lines(most=3, each=9, of=OneOf(("monday", "friday"))), ())}

    assert checked_settings({"days": "friday\nmonday"}, schema) == {"days": ("friday", "monday")}
    with pytest.raises(FieldInvalid):
        checked_settings({"days": "friday\nsunday"}, schema)


def test_a_setting_may_be_one_emoji() -> None:
    schema = {"flag": Setting("Flag", Emoji(), "🏳️")}

    assert checked_settings({"flag": "🏴‍☠"}, schema) == {"flag": "🏴‍☠️"}
    with pytest.raises(FieldInvalid):
        checked_settings({"flag": ["🏴‍☠️"]}, schema)


def sequences(path: Path) -> Iterator[tuple[str, str]]:
    """The lines of Unicode's test: the text, and in which state it is."""
    for line in path.read_text(encoding="utf-8").splitlines():
        points, _, about = line.partition("#")[0].partition(";")
        if points.strip():
            yield "".join(chr(int(point, 16)) for point in points.split()), about.strip()
