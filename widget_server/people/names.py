"""Which names belong to somebody already, however they are spelt."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Collection, Mapping
from functools import lru_cache
from importlib.resources import files
from typing import Any

_READS_AS = {"@": "a", "$": "s", "€": "e", "i": "l", "\u0131": "l"}
"""What a reader takes for a letter beyond Unicode's list; i and l because I looks like l and is an i."""

_WITHOUT_INK = frozenset({"Cc", "Cf", "Cs", "Me", "Zl", "Zp"})
_FILLERS = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0\U0001d159")


def is_reserved(name: str, taken: Collection[str]) -> bool:
    """Whether the name is one of those taken, or would be read as one of them."""
    forms = _forms(name)
    return any(not forms.isdisjoint(_forms(other)) for other in taken)


@lru_cache(maxsize=8192)
def skeleton(name: str) -> str:
    """What the name looks like: equal for names that a reader would take for the same (after UTS 39).

    Without case, accents, spaces, punctuation and whatever leaves no ink; a name of symbols alone stays.
    The first call reads Unicode's list of confusable characters, about 30 ms.
    """
    # Before anything is decomposed: the long s decomposes to s, and looks like f.
    look = unicodedata.normalize("NFKD", name.translate(_prototypes()))
    folded = _inked(look).translate(_prototypes()).casefold()
    plain = _inked(unicodedata.normalize("NFKD", folded.translate(_prototypes()))).casefold()
    letters = "".join(_READS_AS.get(character, character) for character in plain)
    kept = "".join(character for character in letters if _is_letter(character))
    return kept or _inked(unicodedata.normalize("NFKC", name)).casefold()


@lru_cache(maxsize=8192)
def _forms(name: str) -> frozenset[str]:
    """Capitals may look like other letters than small ones do (Greek eta: H and n), so each case counts."""
    return frozenset({skeleton(name), skeleton(name.casefold()), skeleton(name.upper())})


def _inked(text: str) -> str:
    return "".join(character for character in text if not _leaves_no_ink(character))


def _leaves_no_ink(character: str) -> bool:
    """Accents go; vowel signs, which have no combining class, tell Indian names apart."""
    return (
        unicodedata.combining(character) != 0
        or character in _FILLERS
        or "\ufe00" <= character <= "\ufe0f"
        or unicodedata.category(character) in _WITHOUT_INK
    )


def _is_letter(character: str) -> bool:
    return character.isalnum() or unicodedata.category(character).startswith("M")


@lru_cache(maxsize=1)
def _prototypes() -> Mapping[int, str]:
    """For each character that looks like another, the one (or the few) that stands for all of its kind."""
    text = files("confusable_homoglyphs").joinpath("confusables.json").read_bytes()
    return prototypes_of(json.loads(text, object_hook=_character))


def _character(read: dict[str, Any]) -> Any:  # noqa: ANN401 - a part of a file
    """Of a character and its name the former, as soon as it is read: all of them together would take 4 MB for good."""
    return read["c"] if read.keys() == {"c", "n"} else read


def prototypes_of(alike: Mapping[str, Collection[str]]) -> dict[int, str]:
    """A table for `str.translate` from pairs listed both ways, each either a character or a few.

    Every pair joins a character to the prototype of its kind, so the prototype is the end with many pairs;
    where both have one, it is a run of characters, or else the first in code order.
    """
    table = {}
    for look, others in alike.items():
        character = look.strip("\u200e")
        if len(character) == 1:
            prototype = _prototype(look, others, alike)
            if prototype != character:
                table[ord(character)] = prototype
    return table


def _prototype(look: str, others: Collection[str], alike: Mapping[str, Collection[str]]) -> str:
    if len(others) > 1:
        return look.strip("\u200e")
    [other] = others
    many = len(alike[other]) > 1 or len(other.strip("\u200e")) > 1
    return (other if many else min(look, other)).strip("\u200e")
