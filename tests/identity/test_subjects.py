"""What an interaction is about: the name that an author chose, or the page."""

from __future__ import annotations

import json
import unicodedata
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from widget_server.errors import FieldInvalid, OriginNotAllowed
from widget_server.identity import MAX_SUBJECT, MAX_TITLE, explicit_subject, identify, subject_key
from widget_server.vocabulary import Site, SiteSettings, Subject

if TYPE_CHECKING:
    from pathlib import Path

PLAIN = Site("blog", "Blog", ("https://good.com", "http://good.com:8000"), SiteSettings(), 0)
TIDY = Site(
    "blog", "Blog", PLAIN.origins, SiteSettings(keep_query=("p",), drop_index=True, drop_slash=True), 0
)


@pytest.mark.parametrize(
    ("text", "subject"),
    [
        ("post-1", "post-1"),
        (" post 1\n", "post 1"),
        ("\ufeff\u3000post\u00a0", "post"),
        ("Ame\u0301lie", "Amélie"),
        ("👩\u200d🚀", "👩\u200d🚀"),
        ("/p/", "/p/"),
        ("https://example.net/P/?utm_source=a#b", "https://example.net/P/?utm_source=a#b"),
        ("a" * MAX_SUBJECT, "a" * MAX_SUBJECT),
        ("😀" * MAX_SUBJECT, "😀" * MAX_SUBJECT),
        ("e\u0301" * MAX_SUBJECT, "é" * MAX_SUBJECT),
    ],
)
def test_an_explicit_subject_is_kept_as_it_is_but_for_its_edges_and_its_accents(
    text: str, subject: str
) -> None:
    assert explicit_subject(text) == subject
    assert subject_key(text, TIDY) == subject


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "\u3000\ufeff",
        "a\nb",
        "a\tb",
        "a\x00",
        "\x1fa",
        "a\x7fb",
        "a\x85b",
        "\x85",
        "a\u2028b",
        "a\ud800",
        "a" * (MAX_SUBJECT + 1),
        " " * 100_000 + "a",
    ],
)
def test_what_cannot_be_a_subject_is_refused(text: str) -> None:
    assert explicit_subject(text) is None
    assert subject_key(text, PLAIN) is None


@settings(deadline=None)
@given(st.text(max_size=60))
def test_a_subject_is_the_subject_of_itself(text: str) -> None:
    once = explicit_subject(text)
    if once is not None:
        assert explicit_subject(once) == once
        assert unicodedata.is_normalized("NFC", once)


def test_naughty_strings_are_subjects_or_refused_never_an_error(corpora: Path) -> None:
    texts = json.loads((corpora / "blns" / "blns.json").read_text(encoding="utf-8"))

    assert len(texts) == 515
    for text in texts:
        kept = explicit_subject(text)
        assert kept is None or 0 < len(kept) <= MAX_SUBJECT
        assert subject_key(text, TIDY) == kept


@pytest.mark.parametrize(
    ("sent", "plain", "tidy"),
    [
        ("good.com/p", "good.com/p", "good.com/p"),
        ("good.com/p/", "good.com/p/", "good.com/p"),
        ("good.com/p/index.html?p=1&q=2", "good.com/p/index.html?p=1&q=2", "good.com/p?p=1"),
        ("good.com:8000/p/", "good.com:8000/p/", "good.com:8000/p"),
        ("good.com/café", "good.com/caf%C3%A9", "good.com/caf%C3%A9"),
        ("good.com/../../p", "good.com/p", "good.com/p"),
        ("good.com.evil.com/p/", "good.com.evil.com/p/", "good.com.evil.com/p/"),
        ("good.com@evil.com/p/", "good.com@evil.com/p/", "good.com@evil.com/p/"),
        ("good.com\\@evil.com/p/", "good.com\\@evil.com/p/", "good.com\\@evil.com/p/"),
        ("good.com:9000/p/", "good.com:9000/p/", "good.com:9000/p/"),
        ("good.com", "good.com", "good.com"),
        ("good.com/" + "a" * 2_039, "good.com/" + "a" * 2_039, "good.com/" + "a" * 2_039),
        ("good.com/" + "a" * 2_040, None, None),
    ],
)
def test_the_key_of_a_page_follows_the_sites_settings_and_a_name_does_not(
    sent: str, plain: str | None, tidy: str | None
) -> None:
    assert subject_key(sent, PLAIN) == plain
    assert subject_key(sent, TIDY) == tidy


@pytest.mark.parametrize(
    ("subject", "url", "expected"),
    [
        (None, "https://good.com/p?utm_a=1", Subject("blog", "good.com/p", "https://good.com/p", "T")),
        ("", "https://good.com/p", Subject("blog", "good.com/p", "https://good.com/p", "T")),
        (" ", "https://good.com/p", Subject("blog", "good.com/p", "https://good.com/p", "T")),
        ("name", "https://good.com/p", Subject("blog", "name", "https://good.com/p", "T")),
        ("name", None, Subject("blog", "name", None, "T")),
        ("good.com/p", "https://good.com/p#a", Subject("blog", "good.com/p", "https://good.com/p", "T")),
        ("good.com/p", "http://good.com:8000/q", Subject("blog", "good.com/p", "https://good.com/p", "T")),
        ("good.com:8000/p", None, Subject("blog", "good.com:8000/p", "http://good.com:8000/p", "T")),
        ("evil.com/p", None, Subject("blog", "evil.com/p", None, "T")),
    ],
)
def test_a_named_subject_beats_the_page_and_its_link_stays_on_the_site(
    subject: str | None, url: str | None, expected: Subject
) -> None:
    assert identify(PLAIN, subject, url, "T") == expected


def test_the_link_opens_the_page_as_it_is_served_whatever_the_key_leaves_out() -> None:
    about = identify(TIDY, "good.com/p/index.html?p=1&q=2", "https://good.com/p/index.html?p=1&q=2#a")

    assert about == Subject("blog", "good.com/p?p=1", "https://good.com/p/index.html?p=1&q=2", None)


@pytest.mark.parametrize("url", ["https://evil.com/p", "javascript:alert(1)", "http://good.com/p", "p"])
@pytest.mark.parametrize("subject", [None, "name", "good.com/p"])
def test_a_forged_address_is_refused_whatever_is_named(subject: str | None, url: str) -> None:
    with pytest.raises(OriginNotAllowed):
        identify(PLAIN, subject, url)


@pytest.mark.parametrize(
    ("subject", "url"), [(None, None), ("", ""), (" ", None), ("a\x00", "https://good.com/p")]
)
def test_an_interaction_about_nothing_is_refused(subject: str | None, url: str | None) -> None:
    with pytest.raises(FieldInvalid) as refused:
        identify(PLAIN, subject, url)
    assert refused.value.field == "subject"


@pytest.mark.parametrize(
    ("title", "kept"),
    [
        (None, None),
        (" \n ", None),
        (" A  page\n of\x00 mine ", "A page of mine"),
        ("👩\u200d🚀", "👩\u200d🚀"),
        ("a" * (MAX_TITLE + 1), "a" * MAX_TITLE),
    ],
)
def test_a_title_is_one_line_of_bounded_length(title: str | None, kept: str | None) -> None:
    assert identify(PLAIN, "name", None, title).title == kept
