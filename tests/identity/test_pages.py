"""One page, one key: the spellings that are one, and the pages that must stay apart."""

from __future__ import annotations

import re

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from widget_server.identity import INDEX_PAGES, MAX_KEY, MAX_URL, TRACKING, PageUrl, normalise

PIECES = st.sampled_from(
    [
        *("/", "//", "a", "p", ".", "..", "%2e", "%", "%3", "%41", "%e9", "%7E", "|", "'", "é", "\\", " "),
        *("index.html", "/index.html", "/index.php/", "?", "&", "=", "#", "@", ":80", ":443", ":8080", "+"),
        *("utm_x", "&fbclid=1", "?utm_a=1&", "keep=1", "&keep=%32", "other", "[::1]", "ß", "\t"),
    ]
)
ADDRESSES = st.builds(
    lambda start, rest: start + "".join(rest),
    st.sampled_from(["http://", "https://", "//", "https://x/", "http://x/p", "//x:443/", "https://x/?"]),
    st.lists(PIECES, max_size=10),
)
SETTINGS = st.fixed_dictionaries(
    {
        "keep": st.none() | st.just(("keep", "p")),
        "drop_index": st.booleans(),
        "drop_slash": st.booleans(),
    }
)


def key(url: str, **settings: object) -> str | None:
    page = normalise(url, **settings)  # type: ignore[arg-type]
    return page.key if page else None


@pytest.mark.parametrize(
    "spelling",
    [
        "https://x/p",
        "http://x/p",
        "//x/p?utm_source=a&fbclid=b",
        "/p#frag",
        "/p//",
        "HTTPS://X/p",
        "https://x:443/p",
        "http://x:80/p",
        "https://user:secret@x/p",
        "https://x/a/../p",
        "https://x/%70",
        "https:\\\\x\\p",
        " https://x/p\n",
        "https://x/p?",
        "https://x/p?&",
        "https://x/p?utm_source=a#frag",
        "https://x/p?UTM_Campaign=a&GCLID=1&=b",
    ],
)
def test_every_spelling_of_a_page_is_one_key(spelling: str) -> None:
    assert key(spelling, base="https://x/elsewhere?a=b") == "x/p"


@pytest.mark.parametrize("spelling", ["https://x/p/", "https://x/p/index.html", "https://x/p/index.php//"])
def test_a_site_may_say_that_its_folders_and_index_pages_are_the_page(spelling: str) -> None:
    assert key(spelling) != "x/p"
    assert key(spelling, drop_index=True) in {"x/p", "x/p/"}
    assert key(spelling, drop_index=True, drop_slash=True) == "x/p"


@pytest.mark.parametrize("name", sorted(INDEX_PAGES))
def test_each_index_page_stands_for_its_folder_only_where_the_site_says_so(name: str) -> None:
    assert key(f"https://x/p/{name}?a=1") == f"x/p/{name}?a=1"
    assert key(f"https://x/p/{name}?a=1", drop_index=True) == "x/p/?a=1"
    assert key(f"https://x/{name}", drop_index=True, drop_slash=True) == "x/"
    assert key(f"https://x/my-{name}", drop_index=True) == f"x/my-{name}"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("https://x/kubecon-2023/", "https://x/kubecon-2023-otel/"),
        ("https://x/p", "https://x/P"),
        ("https://x/p", "https://x/p/"),
        ("https://x/p", "https://x/p/q"),
        ("https://x/p", "https://www.x/p"),
        ("https://x/p", "https://x:8080/p"),
        ("https://x/p", "https://x.example/p"),
        ("https://x/p?p=1", "https://x/p?p=2"),
        ("https://x/p?a=1&b=2", "https://x/p?b=2&a=1"),
        ("https://x/p?a", "https://x/p?a&a"),
        ("https://x/p?utm=1", "https://x/p"),
        ("https://x/p?my_utm_source=1", "https://x/p"),
        ("https://x/p?fbclid2=1", "https://x/p"),
        ("https://x/p?a=fbclid=1", "https://x/p?a"),
        ("https://x/a/b", "https://x/a%2Fb"),
        ("https://x/a?b", "https://x/a%3Fb"),
        ("https://x/a//b", "https://x/a/b"),
        ("https://x/p?a=1%262", "https://x/p?a=1&2"),
    ],
)
def test_pages_that_differ_never_share_a_key(one: str, other: str) -> None:
    keys = {key(one), key(other)}

    assert len(keys - {None}) == 2


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("https://x", "x/"),
        ("https://x//", "x/"),
        ("https://x///a///", "x///a"),
        ("https://exämple.com/café", "xn--exmple-cua.com/caf%C3%A9"),
        ("https://xn--exmple-cua.com/caf%c3%a9", "xn--exmple-cua.com/caf%C3%A9"),
        ("https://x/100%", "x/100%25"),
        ("https://x/%%34%31", "x/%2541"),
        ("https://x/~a|b'c", "x/~a%7Cb%27c"),
        ("https://x/%7ea%7cb%27c", "x/~a%7Cb%27c"),
        ("https://x/?q=%61|%e9&%75tm_a=1", "x/?q=a%7C%E9"),
        ("http://x:443/p", "x/p"),
        ("https://x:80/p", "x/p"),
        ("https://x:8443/p", "x:8443/p"),
        ("https://[::1]:443/p", "[::1]/p"),
        ("https://[1::80]/p", "[1::80]/p"),
        ("http://127.1/p", "127.0.0.1/p"),
        ("https://x/p?a=1&utm_a=2&b=3&mc_eid=4", "x/p?a=1&b=3"),
        ("https://x/p?a=1&&b", "x/p?a=1&b"),
        ("https://x/p?a=b?c=d", "x/p?a=b?c=d"),
        ("https://x/p;a=1?b;c", "x/p;a=1?b;c"),
    ],
)
def test_a_key_is_written_in_one_way(address: str, expected: str) -> None:
    assert key(address) == expected


def test_a_site_may_name_the_query_keys_that_tell_its_pages_apart() -> None:
    address = "https://x/?p=1&page=2&utm_source=a&s=b&p=3&caf%c3%a9=4"

    assert key(address) == "x/?p=1&page=2&s=b&p=3&caf%C3%A9=4"
    assert key(address, keep=("p",)) == "x/?p=1&p=3"
    assert key(address, keep=("café", "s")) == "x/?s=b&caf%C3%A9=4"
    assert key(address, keep=("utm_source",)) == "x/"
    assert key(address, keep=()) == "x/"


KNOWN = [
    "utm_source", "utm_anything", "mtm_campaign", "fbclid", "igshid", "gclid", "gclsrc", "dclid", "gbraid", "wbraid",
    "srsltid", "_ga", "_gl", "msclkid", "yclid", "twclid", "ttclid", "li_fat_id", "mc_cid", "mc_eid", "mkt_tok",
    "_hsenc", "_hsmi",
]  # fmt: skip


def test_each_pattern_of_a_tracking_key_stands_for_a_known_one() -> None:
    assert [pattern for pattern in TRACKING if not any(re.fullmatch(pattern, name) for name in KNOWN)] == []


@pytest.mark.parametrize("known", KNOWN)
def test_each_tracking_key_is_dropped_and_its_neighbours_are_kept(known: str) -> None:
    assert key(f"https://x/p?a=1&{known}=2&b={known}") == f"x/p?a=1&b={known}"
    assert key(f"https://x/p?{known}") == "x/p"
    assert key(f"https://x/p?a{known}=1") == f"x/p?a{known}=1"
    assert key(f"https://x/{known}=1/&{known}=1") == f"x/{known}=1/&{known}=1"


@pytest.mark.parametrize(
    "address",
    [
        "",
        "/p",
        "p",
        "x/p",
        "?a",
        "#a",
        "//",
        "https://",
        "https:///",
        "https://?a",
        "javascript:alert(1)",
        "javascript://x/%0aalert(1)",
        "data:text/html,a",
        "blob:https://x/1",
        "file:///p",
        "ftp://x/p",
        "about:blank",
        "mailto:a@x",
        "ws://x/p",
        "view-source:https://x/p",
        "https://x:99999/p",
        "https://[::1/p",
        "https://x y/p",
        "https://a*b/p",
        "https://a%20b/p",
        "https://1.2.3.256/p",
        "https://x/\ud800",
        "https://a%00b/p",
    ],
)
def test_what_is_no_web_page_has_no_key(address: str) -> None:
    assert normalise(address) is None


def test_an_address_that_is_too_long_has_no_key() -> None:
    longest = "x/" + "a" * (MAX_KEY - 2)

    assert key(f"https://{longest}") == longest
    assert key(f"https://{longest}a") is None
    assert key(f"https://{longest}a", keep=(), drop_index=True, drop_slash=True) is None
    assert key(f"https://x/p?utm_a={'a' * MAX_KEY}#{'b' * MAX_KEY}") == "x/p"
    assert key(f"https://x/p#{'b' * MAX_URL}") is None
    assert normalise("p", base=f"https://x/#{'b' * MAX_URL}") is None


def test_a_page_can_be_opened_at_the_address_that_is_kept_of_it() -> None:
    page = normalise(
        "http://me:secret@X:8080/a/index.html?fbclid=1&id=2#part", keep=(), drop_index=True, drop_slash=True
    )

    assert page == PageUrl("x:8080/a", "http://x:8080", "http://x:8080/a/index.html?id=2")


@pytest.mark.parametrize(
    "address",
    [
        "https://x/" + "/" * 8_000 + "a",
        "https://x/" + "/index.html" * 700,
        "https://x/" + "%" * 8_000,
        "https://x/?" + "&" * 8_000,
        "https://x/?" + "&utm_" * 1_600,
        "https://" + "a:" * 4_000,
        "https://" + "@" * 8_000 + "x",
        "https://x" + ":80" * 2_500,
    ],
)
def test_long_hostile_addresses_are_answered(address: str) -> None:
    found = normalise(address, drop_index=True, drop_slash=True)

    assert found is None or len(found.key) <= MAX_KEY


@settings(deadline=None)
@given(address=ADDRESSES, chosen=SETTINGS)
@example(address="//x/index.html/index.html", chosen={"keep": None, "drop_index": True, "drop_slash": True})
@example(address="http://x:443/p", chosen={})
@example(address="https://x:80//", chosen={})
@example(address="https://x/%%37e", chosen={})
def test_a_key_is_the_key_of_itself(address: str, chosen: dict[str, object]) -> None:
    once = key(address, **chosen)
    if once is not None:
        for scheme in ("", "http:", "https:"):
            assert key(f"{scheme}//{once}", **chosen) == once


@settings(deadline=None)
@given(address=ADDRESSES, chosen=SETTINGS)
def test_the_site_makes_the_same_of_a_browsers_key_as_of_the_address(
    address: str, chosen: dict[str, object]
) -> None:
    browsers = key(address)
    if browsers is None:
        assert key(address, **chosen) is None
    else:
        assert key(f"//{browsers}", **chosen) == key(address, **chosen)


@settings(deadline=None)
@given(address=ADDRESSES, chosen=SETTINGS)
def test_the_kept_address_leads_to_the_same_page(address: str, chosen: dict[str, object]) -> None:
    page = normalise(address, **chosen)  # type: ignore[arg-type]
    if page is not None:
        again = normalise(page.url, **chosen)  # type: ignore[arg-type]
        assert again == page
        assert page.key.isascii()
        assert page.url.startswith(page.origin)


@settings(deadline=None)
@given(st.text(max_size=40))
def test_any_text_is_answered(text: str) -> None:
    for address in (text, f"//{text}", f"https://{text}", f"https://x/{text}", f"https://x/?{text}"):
        found = normalise(address)
        assert found is None or found.key.isascii()
