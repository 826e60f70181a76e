"""A quote is found again after small edits, and is not found where its words are gone."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Page

pytestmark = pytest.mark.asyncio(loop_scope="session")

EMBED = Path(__file__).resolve().parents[2] / "js_embed"

BEFORE = "Take a knife, not a machine. Hold the pencil still and let the blade lie flat. "
SAID = "The thumb of the other hand does the pushing, never the hand with the knife."
AFTER = " Cut away from the lead in long shavings, turn a little, and cut again."
TEXT = BEFORE + SAID + AFTER
TWICE = "The cat sat down. A dog came by. Then it slept. The cat sat down. Nobody came any more."
ARABIC = "امسك القلم بثبات ودع الشفرة مستوية. الإبهام يدفع النصل ببطء. اقطع بعيدًا عن الرصاص في شرائح طويلة."
EMOJI = (
    "Before that 👩🏽‍🚀 flew to the 🌕 and back, 👨‍👩‍👧‍👦 waited at home. Then all of them had 🍰 together."
)

EDITS = {
    "nothing": (TEXT, SAID, TEXT, SAID),
    "a word added before": (TEXT, SAID, "Always take" + TEXT[4:], SAID),
    "all before it rewritten": (
        TEXT,
        SAID,
        "Something else altogether stands here now. " + SAID + AFTER,
        SAID,
    ),
    "a typo fixed inside": (
        TEXT.replace("pushing", "puhsing"),
        SAID.replace("pushing", "puhsing"),
        TEXT,
        SAID,
    ),
    "a word added inside": (
        TEXT,
        SAID,
        TEXT.replace("other hand", "other, free hand"),
        SAID.replace("other hand", "other, free hand"),
    ),
    "its end rewritten": (
        TEXT,
        SAID,
        TEXT.replace("never the hand with the knife.", "not the hand with the blade."),
        SAID.replace("never the hand with the knife.", "not the hand with the blade."),
    ),
    "moved to the end": (TEXT, SAID, f"{BEFORE}{AFTER} {SAID}", SAID),
    "moved and a word changed": (
        TEXT,
        SAID,
        f"{AFTER} {BEFORE}And so on. {SAID.replace('never', 'not')}",
        SAID.replace("never", "not"),
    ),
    "removed": (TEXT, SAID, BEFORE + AFTER, None),
    "another text altogether": (
        TEXT,
        SAID,
        "Nothing of this is about pencils, or about the hand. " * 20,
        None,
    ),
    "a short word between the same": (TEXT, "blade", TEXT, "blade"),
    "a short word, and its typo fixed": (TEXT.replace("blade", "balde"), "balde", TEXT, "blade"),
    "a short word whose sentence is gone": (TEXT, "hand", "A hand is what one has two of, mostly.", None),
    "right to left, a word added": (
        ARABIC,
        "الإبهام يدفع النصل ببطء.",
        ARABIC.replace("النصل", "النصل دائمًا"),
        "الإبهام يدفع النصل دائمًا ببطء.",
    ),
    "emoji, a word added before": (
        EMOJI,
        "👩🏽‍🚀 flew to the 🌕 and back",
        f"Long before. {EMOJI}",
        "👩🏽‍🚀 flew to the 🌕 and back",
    ),
    "emoji exchanged": (
        EMOJI,
        "flew to the 🌕 and back, 👨‍👩‍👧‍👦 waited",
        EMOJI.replace("🌕", "🌑"),
        "flew to the 🌑 and back, 👨‍👩‍👧‍👦 waited",
    ),
    "the last words of a page": (TEXT, "and cut again.", TEXT, "and cut again."),
}

LOCATE = """([text, quote]) => {
  const place = anchor.locate(text, quote);
  return place ? text.slice(...place) : null;
}"""


@pytest_asyncio.fixture(loop_scope="session")
async def anchored(page: Page) -> Page:
    """A page whose scripts know `anchor`."""
    programs = sorted(EMBED.glob("node_modules/@esbuild/*/bin/esbuild"))
    source = str(EMBED / "src" / "anchor.ts")
    options = ("--bundle", "--format=iife", "--global-name=anchor", "--target=es2022")
    made = subprocess.run([programs[0], source, *options], capture_output=True, check=True, text=True)  # noqa: ASYNC221 - once, before anything runs
    await page.add_script_tag(content=f"{made.stdout};globalThis.anchor = anchor;")
    return page


def quote_of(text: str, exact: str, occurrence: int = 0) -> dict[str, str]:
    """A selector as the browser half makes it."""
    at = -1
    for _ in range(occurrence + 1):
        at = text.index(exact, at + 1)
    return {
        "exact": exact,
        "prefix": text[max(0, at - 32) : at],
        "suffix": text[at + len(exact) :][:32],
    }


@pytest.mark.parametrize("edit", EDITS)
async def test_a_quote_is_found_after_an_edit_or_is_an_orphan(anchored: Page, edit: str) -> None:
    before, exact, after, wanted = EDITS[edit]

    assert await anchored.evaluate(LOCATE, [after, quote_of(before, exact)]) == wanted


@pytest.mark.parametrize("occurrence", [0, 1])
async def test_what_stands_around_tells_the_same_words_apart(anchored: Page, occurrence: int) -> None:
    exact = "The cat sat down."
    after = f"Once upon a time. {TWICE}"
    start = await anchored.evaluate(
        "([text, quote]) => anchor.locate(text, quote)[0]", [after, quote_of(TWICE, exact, occurrence)]
    )

    assert start == after.index(exact, 0 if occurrence == 0 else after.index(exact) + 1)


@pytest.mark.parametrize(
    "text", ["a" * 100_000, "ab " * 33_000, TEXT * 450], ids=["one letter", "two letters", "the same again"]
)
async def test_a_long_page_takes_no_more_steps_than_a_few_for_each_letter(anchored: Page, text: str) -> None:
    """Counted where the most is done, so that no clock decides: looking at letters of the page."""
    quote = {"exact": ("ab " * 200 + SAID)[:600], "prefix": "ba" * 16, "suffix": "x" * 32}
    steps = await anchored.evaluate(
        """([text, quote]) => {
          let steps = 0;
          const counting = { length: text.length, indexOf: (...all) => { steps += 1; return text.indexOf(...all); },
            slice: (...all) => { const part = text.slice(...all); steps += part.length; return part; } };
          anchor.locate(new Proxy(counting, { get: (it, name) => it[name] ?? (steps += 1, text[name]) }), quote);
          return steps;
        }""",
        [text, quote],
    )

    assert steps < 50_000
