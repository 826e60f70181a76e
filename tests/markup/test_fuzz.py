"""Whatever is typed: safe, bounded, and the same when it is read again."""

from __future__ import annotations

import unicodedata

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.markup import browser, hostile
from widget_server import markup
from widget_server.errors import FieldInvalid
from widget_server.markup import markdown

PIECES = st.sampled_from(
    [
        *(
            "<",
            ">",
            "&",
            '"',
            "'",
            "`",
            "```\n",
            "*",
            "**",
            "_",
            "~~",
            "[",
            "](",
            ")",
            "![",
            "\\",
            "|",
            "-",
            ":",
            "#",
        ),
        *(
            "\n",
            "\n\n",
            " ",
            "  \n",
            "\t",
            "> ",
            "- ",
            "1. ",
            "    ",
            "|a|b|\n|-|-|\n",
            "[a]: ",
            "&#x3c;",
            "&lt;",
        ),
        *(
            "http://a.example",
            "https://",
            "javascript:",
            "www.b.example",
            "a@b.example",
            "//",
            "@",
            "data:text/html,",
        ),
        *(
            "\x00",
            "\u202e",
            "\u2067",
            "\u200b",
            "\u0301",
            "é",
            "שלום",
            "😀",
            "\u200d",
            "\ufeff",
            "\u2028",
            "\ud800",
        ),
        *hostile.PAYLOADS,
    ],
)
TEXTS = st.one_of(st.lists(PIECES, max_size=40).map("".join), st.text(max_size=200))
WHOLE_TEXTS = TEXTS.map(lambda text: text.encode("utf-8", "ignore").decode())


@given(TEXTS)
@settings(max_examples=400, deadline=None)
def test_any_text_becomes_safe_html(text: str) -> None:
    html = markup.render(text)

    assert browser.faults(html) == []
    assert browser.depth(html) <= markdown.MAX_DEPTH + 4


@given(WHOLE_TEXTS)
@settings(max_examples=300, deadline=None)
def test_the_sanitiser_alone_lets_nothing_through(text: str) -> None:
    assert {"link that leads nowhere"}.issuperset(browser.faults(markdown.sanitise(text)))


@given(WHOLE_TEXTS)
@settings(max_examples=300, deadline=None)
def test_cleaning_twice_changes_nothing_and_hides_nothing(text: str) -> None:
    once = markup.clean_text(text)

    assert once == markup.clean_text(once)
    assert unicodedata.is_normalized("NFC", once)
    assert all(line.count("\u2067") == line.count("\u2069") for line in once.split("\n"))
    assert not any(unicodedata.category(each) in {"Cc", "Cs"} and each not in "\n\t" for each in once)


@given(WHOLE_TEXTS)
@settings(max_examples=300, deadline=None)
def test_a_name_is_visible_short_and_on_one_line_or_refused(text: str) -> None:
    try:
        name = markup.clean_name(text)
    except FieldInvalid:
        return

    assert 1 <= len(name) <= markup.MAX_NAME
    assert name == " ".join(name.split()) == markup.clean_name(name)
    assert not markup.is_blank(name)
    assert not any("\u202a" <= each <= "\u202e" or "\u2066" <= each <= "\u2069" for each in name)


@given(TEXTS, st.integers(min_value=10, max_value=200))
@settings(max_examples=150, deadline=None)
def test_an_excerpt_fits_and_is_one_line(text: str, length: int) -> None:
    excerpt = markup.excerpt(text, length)

    assert len(excerpt) <= length
    assert excerpt == " ".join(excerpt.split())
