"""Fields: what an action or a setting takes, and within which bounds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Text:
    """A text field of an action: between `least` and `most` characters."""

    most: int
    least: int = 1
    required: bool = True


@dataclass(frozen=True, slots=True)
class Whole:
    """A whole number between `least` and `most`."""

    least: int
    most: int
    required: bool = True


@dataclass(frozen=True, slots=True)
class Id:
    """The identifier of something in the record."""

    required: bool = True


@dataclass(frozen=True, slots=True)
class OneOf:
    """One of a few words."""

    words: tuple[str, ...]
    required: bool = True


@dataclass(frozen=True, slots=True)
class Emoji:
    """Exactly one emoji of Unicode's list, joined ones and skin tones included; it arrives fully qualified."""

    required: bool = True


@dataclass(frozen=True, slots=True)
class Lines:
    """A list of up to `most` different texts of at most `each` characters.

    A form sends them as lines of one text, or each as a field of its own whose name goes on after a full stop
    (`choice.1`, `choice.2`), as checkboxes do.
    """

    most: int
    each: int
    least: int = 0
    required: bool = True
    of: Emoji | OneOf | None = None
    """What each line has to be; None: any text."""


@dataclass(frozen=True, slots=True)
class Flag:
    """Yes or no."""

    required: bool = True


@dataclass(frozen=True, slots=True)
class Moment:
    """A time in ISO 8601, in UTC where it names no zone; given as milliseconds since the epoch."""

    required: bool = True


Field = Text | Whole | Id | OneOf | Emoji | Lines | Flag | Moment


@dataclass(frozen=True, slots=True)
class Setting:
    """What a site's owner may choose of a plug-in: the admin makes a field of it, and refuses what does not fit."""

    title: str
    field: Text | Whole | OneOf | Emoji | Lines | Flag
    default: Any
    hint: str = ""


Settings = Mapping[str, Setting]
