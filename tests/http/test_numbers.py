"""Numbers as languages write and count them, after CLDR's own examples."""

from __future__ import annotations

import pytest

from widget_server.web.numbers import number, plural


@pytest.mark.parametrize(
    ("language", "counts", "category"),
    [
        ("ar", (0,), "zero"),
        ("ar", (1,), "one"),
        ("ar", (2,), "two"),
        ("ar", (3, 10, 103, 110, 1003), "few"),
        ("ar", (11, 26, 99, 111, 1011), "many"),
        ("ar", (100, 102, 200, 202, 1000, 10_000), "other"),
        ("ar-EG", (2,), "two"),
        ("fr", (0, 1), "one"),
        ("fr", (2, 17, 100, 1000), "other"),
        ("en", (1,), "one"),
        ("en", (0, 2, 16, 101), "other"),
        ("de", (1,), "one"),
        ("es", (0, 2, 16, 100), "other"),
        ("tlh", (1,), "one"),
    ],
)
def test_each_language_has_its_plurals(language: str, counts: tuple[int, ...], category: str) -> None:
    assert {plural(language, count) for count in counts} == {category}


@pytest.mark.parametrize(
    ("language", "written"),
    [
        ("en", ["0", "999", "1,000", "1,234,567"]),
        ("de", ["0", "999", "1.000", "1.234.567"]),
        ("es", ["0", "999", "1000", "1.234.567"]),
        ("fr", ["0", "999", "1\u202f000", "1\u202f234\u202f567"]),
        ("ar", ["0", "999", "1,000", "1,234,567"]),
        ("tlh", ["0", "999", "1,000", "1,234,567"]),
    ],
)
def test_thousands_are_parted_as_the_language_does(language: str, written: list[str]) -> None:
    assert [number(language, count) for count in (0, 999, 1_000, 1_234_567)] == written
