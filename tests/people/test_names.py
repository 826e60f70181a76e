"""A stranger cannot go by the name of somebody who is known here, nor by one that looks like it."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path

import pytest

from widget_server.people.names import is_reserved, prototypes_of, skeleton

STAFF = "Transom Staff"
TAKEN = (STAFF, "Alice", "Мария", "ΜΑΡΙΑ", "علی‌رضا", "राम", "🦉")

LOOK_ALIKES = (
    ("Transom Staff", "itself"),
    ("transom staff", "in small letters"),
    ("TRANSOM STAFF", "in capitals"),
    ("TransomStaff", "without the space"),
    ("Transom-Staff", "with a hyphen"),
    ("_Transom__Staff_", "with underlines"),
    ("Transom Staff ✓", "with a badge"),
    ("🛡 Transom Staff 🛡", "with shields"),
    ("Transom\u00a0Staff", "with another space"),
    ("Tran\u200bsom Staff", "with a zero-width space"),
    ("Transom\u3164Staff", "with a filler"),
    ("Тransom Staff", "with a Cyrillic Т"),
    ("Trаnsоm Stаff", "with Cyrillic vowels"),
    ("Τransοm Staff", "with Greek letters"),
    ("𝐓𝐫𝐚𝐧𝐬𝐨𝐦 𝐒𝐭𝐚𝐟𝐟", "in mathematical bold"),
    ("Ｔｒａｎｓｏｍ Ｓｔａｆｆ", "in full width"),
    ("Transorn Staff", "with r and n for m"),
    ("Trans0m Staff", "with a zero"),
    ("Tránsóm Stáff", "with accents"),
    ("T̴r̴a̴n̴s̴o̴m̴ Staff", "struck through"),
    ("Tr@nsom $taff", "with signs for letters"),
    ("Transom Staﬀ", "with a ligature"),
    ("AIice", "with a capital i"),
    ("A1ice", "with a one"),
    ("A|ice", "with a bar"),
    ("МАРИЯ".replace("Я", "я"), "in mixed case"),
    ("μαρια", "Greek in small letters"),
    ("علی رضا", "with a space for the joiner"),
    ("🦉\ufe0f", "an emoji with a selector"),
)

OTHERS = (
    "Bob",
    "Transom",
    "Staff",
    "Transom Fan",
    "Alicia",
    "Malice",
    "Maria",
    "Marta",
    "रमा",
    "🦊",
    "李小龍",
    "?",
    "",
)

MADE_UP = {
    "o": ["ø", "°", "\u200eߋ\u200e"],
    "ø": ["o"],
    "°": ["o"],
    "\u200eߋ\u200e": ["o"],
    "m": ["rn"],
    "rn": ["m", "ɱ"],
    "ɱ": ["rn"],
    "þ": ["ƿ"],
    "ƿ": ["þ"],
}


@pytest.mark.parametrize(("name", "_how"), LOOK_ALIKES)
def test_a_look_alike_of_a_taken_name_is_reserved(name: str, _how: str) -> None:
    assert is_reserved(name, TAKEN)


@pytest.mark.parametrize("name", OTHERS)
def test_another_name_is_free(name: str) -> None:
    assert not is_reserved(name, TAKEN)


def test_where_nobody_is_known_every_name_is_free() -> None:
    assert not is_reserved("Alice", [])


def test_a_table_of_pairs_becomes_one_prototype_for_each_kind() -> None:
    table = prototypes_of(MADE_UP)

    assert "m|ø|°|ߋ|ɱ|ƿ|þ|x".translate(table) == "rn|o|o|o|rn|þ|þ|x"


def test_every_confusable_of_every_letter_of_a_staff_name_is_caught(corpora: Path) -> None:
    alike = json.loads((corpora / "confusables" / "confusables.json").read_text("utf-8"))
    forged = [
        STAFF[:place] + look + STAFF[place + 1 :]
        for place, letter in enumerate(STAFF)
        for look in _looks_like(letter, alike)
    ]

    assert len(forged) >= 300
    assert [name for name in forged if not is_reserved(name, [STAFF])] == []


def test_names_in_all_of_unicode_have_a_skeleton(corpora: Path) -> None:
    alike = json.loads((corpora / "confusables" / "confusables.json").read_text("utf-8"))

    assert all(isinstance(skeleton(look), str) for look in alike)


def test_a_check_takes_less_than_a_millisecond() -> None:
    taken = [f"Member {number}" for number in range(200)]
    is_reserved("first use", taken)
    names = [f"Guest {number}" for number in range(100)]
    start = time.thread_time()

    for name in names:
        is_reserved(name, taken)

    assert (time.thread_time() - start) / len(names) < 0.001


def test_the_longest_name_takes_less_than_a_millisecond() -> None:
    names = [chr(0x1D400 + number) * 20 + "\ufdfa" * 40 for number in range(20)]
    skeleton("first use")
    start = time.thread_time()

    for name in names:
        skeleton(name)

    assert (time.thread_time() - start) / len(names) < 0.002


def test_importing_reads_no_table() -> None:
    code = "import widget_server.people.names as names; print(names._prototypes.cache_info().currsize)"

    out = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)

    assert out.stdout.strip() == "0"


def _looks_like(letter: str, alike: dict[str, list[dict[str, str]]]) -> set[str]:
    """What is listed for a letter, and for what the letter itself stands for."""
    listed = [each["c"] for each in alike.get(letter, [])]
    if len(listed) == 1:
        listed += [each["c"] for each in alike[listed[0]]]
    return set(listed) - {letter}
