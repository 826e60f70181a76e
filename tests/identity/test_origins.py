"""Only the origins that a site allows, and exactly those."""

from __future__ import annotations

import pytest

from widget_server.errors import FieldInvalid, OriginNotAllowed
from widget_server.identity import allowed_origin, page_belongs, page_link, page_of, site_origin
from widget_server.vocabulary import Site, SiteSettings

ALLOWED = ("https://good.com", "http://localhost:8000/", "HTTPS://Exämple.COM:443")
SITE = Site("blog", "Blog", ALLOWED, SiteSettings(keep_query=("p",), drop_index=True, drop_slash=True), 0)


@pytest.mark.parametrize(
    ("written", "origin"),
    [
        ("https://good.com", "https://good.com"),
        ("https://good.com/", "https://good.com"),
        ("HTTPS://GOOD.COM:443/", "https://good.com"),
        ("http://good.com:80", "http://good.com"),
        ("http://good.com:443", "http://good.com:443"),
        ("https://exämple.com", "https://xn--exmple-cua.com"),
        ("http://127.0.0.1:8000", "http://127.0.0.1:8000"),
        ("http://[::1]:8000/", "http://[::1]:8000"),
    ],
)
def test_an_origin_is_written_as_browsers_write_it(written: str, origin: str) -> None:
    assert site_origin(written) == origin


@pytest.mark.parametrize(
    "text",
    [
        "",
        "null",
        "good.com",
        "//good.com",
        "https:",
        "https://",
        "https:///",
        "*",
        "https://*",
        "https://*.good.com",
        "https://good.com/blog",
        "https://good.com//",
        "https://good.com?",
        "https://good.com#",
        "https:good.com",
        "https://me@good.com",
        "https://good.com\\",
        " https://good.com",
        "https://good.com\n",
        "https://good.com,x",
        "ftp://good.com",
        "file://",
        "javascript://good.com",
        "chrome-extension://good",
        "https://good.com:99999",
        "https://good.com https://x",
        "https://" + "a" * 9_000,
    ],
)
def test_what_is_no_web_origin_is_refused(text: str) -> None:
    assert site_origin(text) is None
    assert not allowed_origin(text, (*ALLOWED, text))


@pytest.mark.parametrize(
    "origin",
    [
        "https://good.com",
        "HTTPS://GOOD.COM",
        "https://good.com:443",
        "https://good.com/",
        "http://localhost:8000",
        "https://xn--exmple-cua.com",
        "https://exämple.com",
    ],
)
def test_an_allowed_origin_is_allowed(origin: str) -> None:
    assert allowed_origin(origin, ALLOWED)
    assert not allowed_origin(origin, ())


@pytest.mark.parametrize(
    "origin",
    [
        None,
        "",
        "null",
        "https://evil.com",
        "https://good.com.evil.com",
        "https://good.com@evil.com",
        "https://evil.com/https://good.com",
        "https://evil.com?https://good.com",
        "https://evilgood.com",
        "https://good.co",
        "https://good.com.",
        "https://goodxcom",
        "https://www.good.com",
        "https://good.com:8443",
        "http://good.com",
        "http://good.com:443",
        "http://localhost",
        "http://localhost:80",
        "https://localhost:8000",
        "https://good.com\\@evil.com",
        "https://good.com, https://evil.com",
        "https://good.com\x00",
        "ood.com",
    ],
)
def test_any_other_origin_is_not_allowed(origin: str | None) -> None:
    assert not allowed_origin(origin, ALLOWED)


@pytest.mark.parametrize(
    ("url", "link"),
    [
        ("https://good.com/p?utm_a=1#frag", "https://good.com/p"),
        ("https://me:secret@good.com/p", "https://good.com/p"),
        ("HTTPS://GOOD.com:443//evil.com/", "https://good.com//evil.com/"),
        ("http://localhost:8000", "http://localhost:8000/"),
        (
            'https://good.com/"><script>alert(1)</script>',
            "https://good.com/%22%3E%3Cscript%3Ealert(1)%3C/script%3E",
        ),
    ],
)
def test_a_page_of_an_allowed_origin_is_linked(url: str, link: str) -> None:
    assert page_belongs(url, ALLOWED)
    assert page_link(url, ALLOWED) == link
    assert page_of(url, SITE).url == link


@pytest.mark.parametrize(
    "url",
    [
        "",
        "p",
        "/p",
        "javascript:alert(1)",
        "javascript://good.com/%0aalert(1)",
        "data:text/html,https://good.com/",
        "https://evil.com/p",
        "https://good.com.evil.com/p",
        "https://good.com@evil.com/p",
        "//evil.com/good.com",
        "http://good.com/p",
        "https://good.com:8443/p",
        "https://evil.com\\good.com",
        "blob:https://good.com/1",
        "file:///good.com",
        "https://good.com:443@evil.com/",
        "https://evil.com/?https://good.com/p",
    ],
)
def test_a_forged_address_is_no_page_of_the_site(url: str) -> None:
    assert not page_belongs(url, ALLOWED)
    assert page_link(url, ALLOWED) is None
    with pytest.raises(OriginNotAllowed) as refused:
        page_of(url, SITE)
    assert refused.value.status == 403
    assert refused.value.field == "url"


def test_a_subject_without_an_address_has_no_link() -> None:
    assert page_link(None, ALLOWED) is None


def test_a_page_of_the_site_follows_the_sites_settings() -> None:
    assert page_of("https://good.com/p/index.html?p=1&q=2", SITE).key == "good.com/p?p=1"


def test_an_address_that_is_too_long_is_refused_as_such() -> None:
    with pytest.raises(FieldInvalid, match="at most 2048 characters"):
        page_of("https://good.com/" + "a" * 2_048, SITE)
