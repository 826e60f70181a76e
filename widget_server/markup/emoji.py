"""Emoji: whether a text is exactly one, and how that one is written in full.

The table holds the fully qualified forms. Keyboards leave presentation selectors out; each form that lacks some of
them is the same emoji (UTS #51, ED-18a and ED-19), and no other text is one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from importlib.resources import files
from itertools import product, zip_longest

SELECTOR = "\ufe0f"
"""Asks for the picture of a character that has a plain form as well."""


def qualified(text: str) -> str | None:
    """The fully qualified form of the emoji that a text is; None where it is not exactly one."""
    return _FORMS.get(text)


def _forms(emoji: str) -> Iterator[str]:
    """An emoji with all, some and none of its selectors."""
    parts = emoji.split(SELECTOR)
    for chosen in product((SELECTOR, ""), repeat=len(parts) - 1):
        yield "".join(part + selector for part, selector in zip_longest(parts, chosen, fillvalue=""))


def _read() -> Mapping[str, str]:
    """Every form of every emoji, by what is sent; read with the module, since a reader's request must not wait."""
    table = (files("widget_server.markup") / "emoji.txt").read_text(encoding="utf-8")
    lines = [line for line in table.splitlines() if not line.startswith("# ")]
    several = [emoji for emoji in lines if SELECTOR in emoji]
    return dict(zip(lines, lines, strict=True)) | {form: emoji for emoji in several for form in _forms(emoji)}


_FORMS = _read()
