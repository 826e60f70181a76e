"""What people type, cleaned before it is stored: nothing hidden in it acts on the rest of the page."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from widget_server.errors import FieldInvalid

MAX_LENGTH = 10_000
"""Characters of a new text; a site may allow fewer."""

MAX_NAME = 60
"""Characters of a name."""

MAX_MARKS = 8
"""Combining marks in a row; fully pointed Hebrew has five, a tower of hundreds covers the lines above."""

MAX_UNSEEN = 4
"""Invisible characters in a row; an emoji family joins with two."""

_NONCHARACTERS = "".join(
    f"{chr(plane + 0xFFFE)}{chr(plane + 0xFFFF)}" for plane in range(0, 0x110000, 0x10000)
)
_CONTROLS = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\ufff9-\ufffb\ufdd0-\ufdef\U000e0000-\U000e001f" + _NONCHARACTERS + "]+",
)
_LINE_ENDS = str.maketrans(dict.fromkeys("\r\u0085\u2028\u2029", "\n"))

_CLOSER_OF = {
    "\u202a": "\u202c",  # embedding, left to right
    "\u202b": "\u202c",  # embedding, right to left
    "\u2066": "\u2069",  # isolate, left to right
    "\u2067": "\u2069",  # isolate, right to left
    "\u2068": "\u2069",  # isolate, by its first strong letter
}
_CLOSERS = frozenset(_CLOSER_OF.values())
_OVERRIDES = frozenset("\u202d\u202e")
_DIRECTION_MARKS = frozenset("\u061c\u200e\u200f")
_DIRECTING = _DIRECTION_MARKS | _OVERRIDES | _CLOSERS | frozenset(_CLOSER_OF)
_NESTS = re.compile("[\u202a-\u202e\u2066-\u2069]")
_MAX_NESTED = 16

_JOINERS = frozenset("\u200c\u200d")
_JOINING = _JOINERS | frozenset("\u180b\u180c\u180d\ufe0e\ufe0f")
_UNSEEN = frozenset(
    [*"\u00ad\u034f\u200b\u200c\u200d\ufeff", *_DIRECTION_MARKS]
    + [chr(point) for point in (*range(0x180B, 0x1810), *range(0x2060, 0x2066), *range(0x206A, 0x2070))]
    + [chr(point) for point in (*range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0))],
)
"""Formatting that takes no room: joiners, variation selectors, soft hyphens and their kin."""

_BLANKS = frozenset("\u115f\u1160\u3164\uffa0\u2800\U0001d159")
"""Letters and symbols by category that leave no ink."""

_FLAG = "\U0001f3f4"
_TAGS = re.compile("[\U000e0020-\U000e007f]")
_MAX_TAGS = 8
_MAX_PASSES = 4


def clean_text(text: str, limit: int = MAX_LENGTH) -> str:
    """The text as it is stored: NFC, line ends as LF, and nothing that hides or reaches out of it.

    Removed are control characters but newline and tab, direction overrides, and what goes on too long of
    invisible characters and combining marks; direction isolates and embeddings end with their line. All else
    comes back as it was typed, trailing spaces too (two of them are a line break). Cleaning twice changes
    nothing. Raises FieldInvalid (field `text`) for half a character or more than `limit` characters.
    """
    _refuse_halves(text, "text")
    cleaned = _settled(_with_line_feeds(text))
    if len(cleaned) > limit:
        raise FieldInvalid(
            f"The text has {len(cleaned)} characters; at most {limit} are allowed.", field="text"
        )
    return cleaned


def clean_name(name: str) -> str:
    """A name on one line of 1 to 60 characters, in which nothing hides or changes direction.

    Raises FieldInvalid (field `name`).
    """
    return clean_line(name, field="name", most=MAX_NAME)


def clean_line(text: str, *, field: str, most: int) -> str:
    """A label on one line of 1 to `most` characters; raises FieldInvalid for the named field."""
    _refuse_halves(text, field)
    flat = _without_hidden(_settled(" ".join(_with_line_feeds(text).split())))
    label = unicodedata.normalize("NFC", " ".join(flat.split()))
    if is_blank(label):
        raise FieldInvalid(f"The {field} is empty.", field=field)
    if len(label) > most:
        raise FieldInvalid(
            f"The {field} has {len(label)} characters; at most {most} are allowed.", field=field
        )
    return label


def is_blank(text: str) -> bool:
    """Whether the text leaves no ink at all."""
    return not any(_has_ink(character) for character in text)


def without_controls(text: str) -> str:
    """The text with LF line ends and without control characters, noncharacters and halves of characters."""
    whole = text if text.isascii() else text.encode("utf-8", "replace").decode()
    return _CONTROLS.sub("", _with_line_feeds(whole))


def without_directions(text: str) -> str:
    """The text without the characters that change its direction, for where it may be cut."""
    return _NESTS.sub("", text)


def _refuse_halves(text: str, field: str) -> None:
    try:
        text.encode()
    except UnicodeEncodeError:
        raise FieldInvalid(f"The {field} holds half of a character.", field=field) from None


def _with_line_feeds(text: str) -> str:
    return text.replace("\r\n", "\n").translate(_LINE_ENDS)


def _settled(text: str) -> str:
    """Taking something out can bring a letter and its accent together: so until nothing changes."""
    text = _CONTROLS.sub("", text)
    if text.isascii():
        return text
    for _ in range(_MAX_PASSES):
        # Floods go first: normalising takes quadratic time in the length of a run of marks.
        lines = (_with_directions_closed(line) for line in _without_floods(text).split("\n"))
        cleaned = unicodedata.normalize("NFC", "\n".join(lines))
        if cleaned == text:
            break
        text = cleaned
    return text


def _without_floods(text: str) -> str:
    kept = []
    unseen = marks = tags = 0
    for character in text:
        match _kind(character):
            case "plain":
                unseen = marks = 0
                tags = _MAX_TAGS if character == _FLAG else 0
                keep = True
            case "mark":
                marks += 1
                keep = marks <= MAX_MARKS
            case "unseen":
                unseen += 1
                keep = unseen <= MAX_UNSEEN
            case "tag":
                tags -= 1
                keep = tags >= 0
            case "direction":
                keep = True
            case _:
                keep = False
        if keep:
            kept.append(character)
    return "".join(kept)


@lru_cache(maxsize=4096)
def _kind(character: str) -> str:
    if character in _UNSEEN:
        return "unseen"
    if _TAGS.match(character):
        return "tag"
    if character in _CLOSERS or character in _CLOSER_OF:
        return "direction"
    if character in _OVERRIDES:
        return "override"
    return "mark" if unicodedata.category(character).startswith("M") else "plain"


def _with_directions_closed(line: str) -> str:
    if not _NESTS.search(line):
        return line
    kept = []
    waiting: list[str] = []
    for character in line:
        if character in _CLOSERS:
            if not waiting or waiting[-1] != character:
                continue
            waiting.pop()
        elif character in _CLOSER_OF:
            if len(waiting) == _MAX_NESTED:
                continue
            waiting.append(_CLOSER_OF[character])
        kept.append(character)
    return "".join([*kept, *reversed(waiting)])


def _without_hidden(line: str) -> str:
    """The line for a label: joiners stay where they join, in Persian words and emoji families."""
    kept: list[str] = []
    for character in line:
        if character in _DIRECTING or (character in _UNSEEN and not _joins(kept, character)):
            continue
        if kept or _has_ink(character):
            kept.append(character)
    while kept and not _ends(kept[-1]):
        kept.pop()
    return "".join(kept)


def _joins(before: list[str], character: str) -> bool:
    return character in _JOINING and bool(before) and not before[-1].isascii()


def _ends(character: str) -> bool:
    return character not in _JOINERS and not character.isspace()


def _has_ink(character: str) -> bool:
    return (
        character not in _BLANKS
        and character not in _UNSEEN
        and unicodedata.category(character)[0] not in "ZCM"
    )
