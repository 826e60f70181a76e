"""What is stored of a text and of a name: all that was meant, nothing that reaches out of it."""

from __future__ import annotations

import time
import unicodedata

import pytest

from tests.markup import hostile
from widget_server import markup
from widget_server.errors import FieldInvalid

EXACT = (
    "plain",
    " leading and trailing ",
    "two trailing spaces  \nare a line break",
    "\n\nblank lines before\n\n\nand between\n\n",
    "\ttab\tbed",
    "ends with a newline\n",
    "&amp; &lt; &gt; &quot; &#39; &nbsp;",
    "&amp;amp; &amp;lt;",
    "&#x1F600; &#0; &bogus;",
    "<b>bold</b> & <i>so on</i>",
    "<script>alert('x')</script>",
    "</textarea><p>out",
    "\"double\" 'single' `back` “curly” „low“ «guillemets»",
    "\\backslash \\n \\u0041 \\",
    "%41 %00 %zz 100 %",
    "{{ template }} {% block %} ${x} #{y}",
    "*em* **strong** ***both*** _under_ __score__ ~~del~~",
    "\\*not em\\*",
    "# heading\n\n###### small",
    "- a\n- b\n  - c\n\n1. x\n2. y",
    "> quote\n>> deeper",
    "```py\nx = '<&>'  # ü\n```\n\n    indented",
    "`code with \\ and `` ` ``",
    "[words](https://a.example/?a=1&b=2 'title')",
    "![image](https://a.example/x.png)",
    "| a | b |\n|---|:-:|\n| 1 | 2 |",
    "---\n***\n___",
    "[ref]: https://a.example\n\n[ref][ref]",
    "caf\u00e9 na\u00efve \u00c5ngstr\u00f6m",
    "Stra\u00dfe \u1e9e \u0131 \u0130",
    "Ελληνικά Кириллица ქართული Հայերեն",
    "日本語 中文 한국어 ㄱㄴㄷ",
    "हिन्दी தமிழ் ไทย မြန်မာ ភាសាខ្មែរ",
    "שָׁלוֹם עִבְרִית",
    "العربيّة \u200f(نص)\u200f ١٢٣",
    "می‌خواهم",
    "\u2067עברית\u2069 in English",
    "Việt Nam z\u0324\u0323",
    "😀 👍🏽 👩‍💻 👨‍👩‍👧‍👦 🏳️‍🌈 ❤️‍🔥",
    "🇩🇪 🇺🇳 🏴󠁧󠁢󠁥󠁮󠁧󠁿 1️⃣",
    "x² ½ ﬁ ™ № ①",
    "∑∫√≠≤ ∀x∈ℝ",
    "soft\u00adhyphen zero\u200bwidth no\u00a0break",
    "\U0001d54f \U00020000 \ue000 \ufffc \ufffd",
    "NULL null undefined None true 0 -1 1e309 __proto__",
    "SELECT * FROM t; -- ' OR 1=1",
)
"""What must come back from the store just as it was typed."""

CHANGED = {
    "one\r\ntwo\rthree": "one\ntwo\nthree",
    "one\u2028two\u2029three\u0085four": "one\ntwo\nthree\nfour",
    "cafe\u0301": "caf\u00e9",
    "\u212b": "\u00c5",
    "a\x00b\x07c\x1b[31md\x7fe\x9ff": "abc[31mdef",
    "e\x00\u0301": "\u00e9",
    "\ufffe\uffff\U0001ffff\ufdd0x": "x",
    "abc\u202edcba": "abcdcba",
    "\u202dleft": "left",
    "open \u2067isolate\nnext line": "open \u2067isolate\u2069\nnext line",
    "\u202a\u2068two\nnext": "\u202a\u2068two\u2069\u202c\nnext",
    "closed\u2069 too often\u202c": "closed too often",
    "\u2067crossed\u202c\u2069": "\u2067crossed\u2069",
    "a" + "\u200b" * 50 + "b": "a" + "\u200b" * 4 + "b",
    "a" + "\u200d\ufe0f" * 50 + "b": "a\u200d\ufe0f\u200d\ufe0fb",
    "a" + "\u0301" * 500: "\u00e1" + "\u0301" * 7,
    "hidden \U000e0068\U000e0069\U000e007f": "hidden ",
    "\U0001f3f4" + "\U000e0061" * 50: "\U0001f3f4" + "\U000e0061" * 8,
}


def test_the_table_has_its_forty_five_rows() -> None:
    assert len(EXACT) >= 45


@pytest.mark.parametrize("text", EXACT)
def test_the_source_comes_back_exactly(text: str) -> None:
    assert text == markup.clean_text(text)


@pytest.mark.parametrize("text", CHANGED)
def test_what_reaches_out_of_a_text_is_taken_from_it(text: str) -> None:
    assert CHANGED[text] == markup.clean_text(text)
    assert CHANGED[text] == markup.clean_text(CHANGED[text])


def test_half_a_character_is_refused() -> None:
    with pytest.raises(FieldInvalid) as caught:
        markup.clean_text("a\ud83d")

    assert caught.value.field == "text"


def test_a_text_may_be_as_long_as_the_limit_and_no_longer() -> None:
    assert len(markup.clean_text("ü" * markup.MAX_LENGTH)) == 10_000
    with pytest.raises(FieldInvalid, match="101 characters; at most 100"):
        markup.clean_text("x" * 101, 100)


@pytest.mark.parametrize("what", hostile.costly(1))
def test_cleaning_takes_little_time_whatever_the_text(what: str) -> None:
    text = hostile.costly(markup.MAX_LENGTH)[what]
    start = time.thread_time()

    markup.clean_text(text)

    assert time.thread_time() - start < 0.1


NAMES = {
    "Alice": "Alice",
    "  Alice \t B.\n ": "Alice B.",
    "Alice\u00a0\u2003B": "Alice B",
    "Jose\u0301": "José",
    "Dr. Ümit O'Neil-Şahin 2nd": "Dr. Ümit O'Neil-Şahin 2nd",
    "שלמה": "שלמה",
    "محمد": "محمد",
    "علی‌رضا": "علی‌رضا",
    "李小龍": "李小龍",
    "👩‍💻 dev ❤️": "👩‍💻 dev ❤️",
    "🏴󠁧󠁢󠁥󠁮󠁧󠁿 fan": "🏴󠁧󠁢󠁥󠁮󠁧󠁿 fan",
    "...": "...",
    "A\u200blice": "Alice",
    "Al\u200dice": "Alice",
    "Alice\u200d": "Alice",
    "\ufeffAlice": "Alice",
    "\u202eecilA": "ecilA",
    "\u2067Alice\u2069": "Alice",
    "\u0301Alice": "Alice",
    "\u200fAlice\u200e": "Alice",
    "Al\x00ice\x1b": "Alice",
    "x" * 60: "x" * 60,
}

NAMELESS = (
    "",
    " ",
    "\u200b",
    "\u2800\u3164",
    "\u00ad\u200d\ufe0f",
    "\u0301",
    "\t\n",
    "\u202e\u2069",
    "\ud800",
    "x" * 61,
)


@pytest.mark.parametrize("name", NAMES)
def test_a_name_is_one_line_that_shows_all_it_holds(name: str) -> None:
    assert NAMES[name] == markup.clean_name(name)
    assert NAMES[name] == markup.clean_name(NAMES[name])


@pytest.mark.parametrize("name", NAMELESS)
def test_what_is_no_name_is_refused(name: str) -> None:
    with pytest.raises(FieldInvalid) as caught:
        markup.clean_name(name)

    assert caught.value.field == "name"


def test_a_tower_of_accents_on_a_name_is_cut_down() -> None:
    name = markup.clean_name("Z" + "\u0301\u0316" * 25)

    assert sum(unicodedata.combining(character) > 0 for character in name) < 9


def test_a_text_without_ink_is_blank() -> None:
    assert markup.is_blank(" \n\u200b\u2800\u3164\ufeff\u2067\u2069")
    assert not markup.is_blank(" \u200b.")
