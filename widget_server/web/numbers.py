"""Numbers as languages write and count them: the plural rules of CLDR, for the languages that widgets speak."""

from __future__ import annotations

from collections.abc import Mapping

SEPARATORS: Mapping[str, str] = {"de": ".", "es": ".", "fr": "\u202f"}
"""What parts thousands; in other languages a comma."""

POINTS: Mapping[str, str] = {"de": ",", "es": ",", "fr": ","}
"""What stands before decimals; in other languages a point."""

UNPARTED: Mapping[str, int] = {"es": 10_000}
"""Below this a language writes digits without a gap."""


def number(language: str, count: float) -> str:
    """A number for readers, a whole one as `1,234`, `1.234`, `1 234`, another with one decimal: `4.2`, `4,2`."""
    main = language.partition("-")[0]
    if not isinstance(count, int):
        whole, _, rest = f"{count:.1f}".partition(".")
        return f"{number(language, int(whole))}{POINTS.get(main, '.')}{rest}"
    text = str(count) if abs(count) < UNPARTED.get(main, 1_000) else f"{count:,}"
    return text.replace(",", SEPARATORS.get(main, ","))


def plural(language: str, count: int) -> str:
    """The plural category of a count: `one`, `other`, and in Arabic `zero`, `two`, `few` and `many` as well.

    https://www.unicode.org/cldr/charts/latest/supplemental/language_plural_rules.html
    """
    match language.partition("-")[0]:
        case "ar":
            return _arabic(count)
        case "fr":
            return "one" if count in {0, 1} else "other"
        case _:
            return "one" if count == 1 else "other"


def _arabic(count: int) -> str:
    if count <= len(FEWEST):
        return FEWEST[count] if count < len(FEWEST) else "few"
    last = count % 100
    if 3 <= last <= 10:  # noqa: PLR2004 - CLDR's own bounds
        return "few"
    return "many" if last > 10 else "other"  # noqa: PLR2004 - the same


FEWEST = ("zero", "one", "two")
