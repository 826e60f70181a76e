"""Where a comment may link to, and how a link that lies is shown."""

from __future__ import annotations

import pytest

from tests.markup import browser
from widget_server import markup
from widget_server.markup.links import misleads, safe_url, shown_host

SAFE = {
    "https://a.example": "https://a.example",
    "HTTP://A.example/X": "http://A.example/X",
    "https://a.example:8443/x?y=1#z": "https://a.example:8443/x?y=1#z",
    "https://127.0.0.1/x": "https://127.0.0.1/x",
    "https://[::1]:8000/": "https://[::1]:8000/",
    "https://münchen.example/": "https://münchen.example/",
    "https://%E4%BE%8B.example/": "https://%E4%BE%8B.example/",
    "mailto:a@b.example": "mailto:a@b.example",
    "MAILTO:a@b.example": "mailto:a@b.example",
    "mailto:a@b.example?bcc=c@d.example&body=x": "mailto:a@b.example",
}

REFUSED = (
    "",
    "a.example",
    "/path",
    "?query",
    "#fragment",
    "//a.example",
    "https:a.example",
    "https:/a.example",
    "https:///a.example",
    "https://",
    "https://?x",
    "https://a..example",
    "https://user@a.example",
    "https://user:word@a.example",
    "https://user%40a.example",
    "https://a.example\\@b.example",
    "https:\\\\a.example",
    "https://a b.example",
    "https://a.example/\tx",
    "https://a.example/\x01x",
    "https://a.example/\u202ex",
    "https://a.example/\u200bx",
    " https://a.example",
    "\x01https://a.example",
    "https://a.example%2fb.example",
    "https://a.example%00.b.example",
    "https://" + "a" * 300 + ".example",
    "https://a.example/" + "x" * 2_000,
    "javascript:alert(1)",
    "java\x03script:alert(1)",
    "data:text/html,x",
    "vbscript:x",
    "file:///etc/passwd",
    "ftp://a.example",
    "tel:+100",
    "mailto:",
    "mailto:nobody",
    "mailto:a@b@c",
    "mailto:a b@c.example",
)


@pytest.mark.parametrize("url", SAFE)
def test_a_whole_web_or_mail_address_may_be_linked(url: str) -> None:
    assert SAFE[url] == safe_url(url)
    assert SAFE[url] == safe_url(SAFE[url])


@pytest.mark.parametrize("url", REFUSED)
def test_any_other_address_is_refused(url: str) -> None:
    assert safe_url(url) is None


def test_the_host_of_a_link_is_shown_as_browsers_resolve_it() -> None:
    assert shown_host("https://WWW.Example.com:443/x") == "www.example.com"
    assert shown_host("https://münchen.example/") == "xn--mnchen-3ya.example"
    assert shown_host("https://%D0%B0pple.com/") == "xn--pple-43d.com"
    assert shown_host("https://ｅｘａｍｐｌｅ。com/") == "example.com"
    assert shown_host("mailto:a@b.example") == "a@b.example"


HONEST = (
    ("https://a.example/x", "https://a.example/x"),
    ("a.example", "https://a.example/long/way"),
    ("www.a.example", "http://a.example"),
    ("a.example", "https://www.a.example"),
    ("A.EXAMPLE", "https://a.example"),
    ("https://a.example:80/x", "https://a.example/x"),
    ("a.example", "https://docs.a.example"),
    ("münchen.example", "https://m%C3%BCnchen.example"),
    ("read this", "https://a.example"),
    ("https://a.example/index.html?of=b.html#c.html", "https://a.example/index.html?of=b.html#c.html"),
    ("a.example/news.html", "https://a.example/news.html"),
    ("first.last@b.example", "mailto:first.last@b.example"),
    ("version 1.2.3", "https://a.example"),
    ("3.14", "https://a.example"),
    ("a@b.example", "mailto:a@b.example"),
    ("write to me", "mailto:a@b.example"),
)

LYING = (
    ("https://bank.example", "https://evil.example"),
    ("bank.example", "https://evil.example"),
    ("www.bank.example/login", "https://evil.example"),
    ("please see bank.example today", "https://evil.example"),
    ("(bank.example)", "https://evil.example"),
    ("bank.example", "https://bank.example.evil.example"),
    ("bank.example", "https://notbank.example"),
    ("docs.bank.example", "https://bank.example"),
    ("bаnk.example", "https://bank.example"),
    ("bank\u200b.example", "https://evil.example"),
    ("bank．example", "https://evil.example"),
    ("ｂａｎｋ.example", "https://evil.example"),
    ("https://evil.example@bank.example", "https://evil.example"),
    ("192.0.2.1", "https://evil.example"),
    ("see:https://bank.example", "https://evil.example"),
    ("//bank.example", "https://evil.example"),
    ("go:bank.example", "https://evil.example"),
    ("official—bank.example", "https://evil.example"),
    ("bank.example\u2044login", "https://evil.example"),
    ("bank\u0323.example", "https://evil.example"),
    ("「bank.example」", "https://evil.example"),
    ("bank.example:443", "https://evil.example"),
    ("bank@bank.example", "mailto:thief@evil.example"),
)


@pytest.mark.parametrize(("words", "url"), HONEST)
def test_words_that_tell_the_truth_stay_the_link(words: str, url: str) -> None:
    assert not misleads(words, url)


@pytest.mark.parametrize(("words", "url"), LYING)
def test_words_that_name_another_host_are_found_out(words: str, url: str) -> None:
    assert misleads(words, url)


def test_a_link_that_lies_keeps_its_words_and_links_from_the_real_host() -> None:
    html = markup.render("See [https://**bank**.example](https://evil.example/x?a=1&b=2)")

    assert browser.links(html) == [("https://evil.example/x?a=1&b=2", "evil.example")]
    assert browser.text(html).strip() == "See https://bank.example (evil.example)"


def test_an_image_that_lies_is_no_better() -> None:
    html = markup.render("![bank.example](https://evil.example/x.png)")

    assert browser.links(html) == [("https://evil.example/x.png", "evil.example")]


def test_an_invisible_link_shows_its_host() -> None:
    html = markup.render("[\u200b](https://evil.example) [&#8203;](https://evil.example)")

    assert browser.links(html) == [("https://evil.example", "evil.example")] * 2
