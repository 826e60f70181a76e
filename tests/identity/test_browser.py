"""The browser and the server give one page one key."""

from __future__ import annotations

import itertools
import json
import random
import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from widget_server.identity import TRACKING, explicit_subject, normalise

if TYPE_CHECKING:
    from collections.abc import Iterable

    from playwright.sync_api import Page

SOURCE = Path(__file__).resolve().parents[2] / "js_embed" / "src" / "identity.ts"
Address = tuple[str, str | None]
Keys = list[tuple[str | None, str | None]]

ASK_THE_BROWSER = """addresses => addresses.map(([address, base]) => {
    let url
    try { url = new URL(address, base ?? undefined) } catch { return null }
    return identity.pageKey(url.href) || null
})"""

PIECES = (
    *("/", "//", "\\", "..", ".", "%2e", "%2E", "%", "%4", "%41", "%7e", "%c3%a9", "%zz", "%00", "%%37e"),
    *("?", "&", "=", "#", "@", ":", ":80", ":443", "[", "::1", "]", "|", "^", "`", "{", "}", '"', "'", "<"),
    *("*", "+", " ", "\t", "\n", ";", "~", "_", "-", "a", "A", "1", "256", "0x7f", "xn--", "xn--nxa"),
    *("é", "ß", "😀", "\u3002", "\u00a0", "\x00", "\x7f", "http:", "https://"),
    *("utm_a=1", "UTM_B", "fbclid=", "%75tm_c=1", "_ga", "a=1", "index.html"),
)


def keys(page: Page, addresses: Iterable[Address]) -> Keys:
    """For each address, with its base: the browser's key and the server's."""
    asked = list(addresses)
    theirs: list[str | None] = page.evaluate(ASK_THE_BROWSER, [list(address) for address in asked])
    ours = [normalise(address, base=base) for address, base in asked]
    return [(key, known.key if known else None) for key, known in zip(theirs, ours, strict=True)]


def test_the_browser_and_the_server_agree_on_every_url_of_the_web_platform_tests(
    page: Page, corpora: Path
) -> None:
    cases = json.loads((corpora / "url-wpt" / "urltestdata.json").read_text(encoding="utf-8"))
    addresses = [(case["input"], case.get("base")) for case in cases if isinstance(case, dict)]
    found = keys(page, addresses)
    agreed = [browser for browser, server in found if browser and browser == server]
    differing = {
        address: pair for (address, _), pair in zip(addresses, found, strict=True) if pair[0] != pair[1]
    }

    assert len(addresses) == 869
    assert len(agreed) == 235
    # Hosts that the standard refuses and Chromium repairs; what the browser sends is the repaired address.
    assert differing == {
        "http://％４１.com": ("a.com/", None),
        "http://%ef%bc%85%ef%bc%94%ef%bc%91.com": ("a.com/", None),
        "http://[::%31]": ("[::1]/", None),
        "http://%5B::1]": ("[::1]/", None),
    }


def test_the_browser_and_the_server_agree_on_every_international_host(page: Page, corpora: Path) -> None:
    lines = (corpora / "url-wpt" / "IdnaTestV2.txt").read_text(encoding="utf-8").splitlines()
    sources = [line.partition(";")[0].strip() for line in lines if line and not line.startswith("#")]
    found = keys(page, ((f"http://{source}/", None) for source in sources if "\\" not in source))
    both = [(browser, server) for browser, server in found if browser and server]

    assert len(both) > 2_000
    assert [pair for pair in both if pair[0] != pair[1]] == []
    assert [browser for browser, server in found if browser and not server] == []


def test_the_browser_and_the_server_agree_on_every_character(page: Page) -> None:
    characters = [chr(number) for number in range(0x180)] + list("\u200b\u200d\u2028\ufeff\u3002ẞςİſK😀")
    shapes = (
        "http://x/a{}b",
        "https://x/{}",
        "http://x/?a{}b",
        "http://x/?{}=1",
        "http://x{}y/",
        "http://u{}@x/",
    )
    encoded = ("http://x/%{}", "http://x/%4{}", "http://x/?%{}1")
    found = keys(
        page, ((shape.format(character), None) for shape in shapes + encoded for character in characters)
    )

    assert [pair for pair in found if pair[0] != pair[1]] == []


def test_the_browser_and_the_server_agree_on_addresses_made_of_awkward_pieces(page: Page) -> None:
    chance = random.Random(20_260)  # noqa: S311 - the same addresses on every run
    starts = ("http://", "https:/", "http:", "http://h", "https://h/", "http://h/p?", "//h", "/", "")
    addresses = [
        (
            chance.choice(starts) + "".join(chance.choices(PIECES, k=chance.randint(0, 8))),
            "https://b.example/c/d?e",
        )
        for _ in range(5_000)
    ]
    found = keys(page, addresses)

    assert [
        (address, pair) for address, pair in zip(addresses, found, strict=True) if pair[0] != pair[1]
    ] == []


def test_a_key_means_itself_in_the_browser_too(page: Page) -> None:
    addresses = ["http://x/%%37e//", "https://x:80/a|b?utm_a=1&b='", "http://[::1]:443//", "http://x/?&=&a"]
    once = [browser for browser, _ in keys(page, ((address, None) for address in addresses))]
    twice = [browser for browser, _ in keys(page, ((f"https://{key}", None) for key in once))]

    assert once == ["x/%257e", "x/a%7Cb?b=%27", "[::1]/", "x/?a"]
    assert twice == once


def test_both_halves_drop_the_same_tracking_keys() -> None:
    found = re.search(r"/&\(([^()]*)\)\?", SOURCE.read_text(encoding="utf-8"))

    assert found is not None
    assert found[1].split("|") == list(TRACKING)


def test_long_hostile_addresses_are_answered_in_the_browser(page: Page) -> None:
    hostile = ("http://x/" + "/" * 50_000 + "a", "http://x/?" + "&utm_" * 50_000, "http://" + "a:" * 50_000)
    page.evaluate(ASK_THE_BROWSER, [[address, None] for address in hostile])


HERE = "https://example.com/here//?fbclid=1&p=2"
OWN = "https://example.com/canonical"
HEADS = {
    "": HERE,
    f"<link rel=canonical href='{OWN}?utm_a=1#part'>": f"{OWN}?utm_a=1",
    "<link rel=canonical href='/canonical'>": OWN,
    "<base href='/a/b'><link rel=canonical href='../canonical'>": OWN,
    "<link rel='nofollow CANONICAL' href='//example.com:443/x/../canonical'>": OWN,
    "<link rel=alternate href='/alternate'>": HERE,
    "<link rel=canonical href='http://example.com/canonical'>": HERE,
    "<link rel=canonical href='https://example.net/canonical'>": HERE,
    "<link rel=canonical href='https://example.com.example.net/canonical'>": HERE,
    "<link rel=canonical href='https://example.com@example.net/canonical'>": HERE,
    "<link rel=canonical href='https://example.com:8443/canonical'>": HERE,
    "<link rel=canonical href='https://example.com:99999/canonical'>": HERE,
    "<link rel=canonical href='javascript:alert(1)//https://example.com/'>": HERE,
    "<link rel=canonical>": HERE,
}
"""What stands in the head of a page, and the address that counts."""
ATTRIBUTES = (None, "", " \u3000", "named", " Ame\u0301lie\ufeff", "https://example.net/")

ASK_FOR_THE_SUBJECT = """([head, attribute]) => {
    document.head.innerHTML = "<title>A page</title>" + head
    const element = document.createElement("transom-like")
    if (attribute !== null) element.setAttribute("subject", attribute)
    return identity.subjectOf(element.getAttribute("subject"))
}"""


@pytest.mark.parametrize("attribute", ATTRIBUTES)
def test_an_explicit_subject_beats_the_canonical_link_which_beats_the_location(
    page: Page, attribute: str | None
) -> None:
    named = explicit_subject(attribute) if attribute else None
    for head, url in HEADS.items():
        found = page.evaluate(ASK_FOR_THE_SUBJECT, [head, attribute])
        located = "example.com/here?p=2" if url == HERE else "example.com/canonical"

        assert found == {"subject": named or located, "url": url, "title": "A page"}, head


def test_a_document_that_is_no_web_page_has_no_key(page: Page) -> None:
    addresses = ("about:blank", "file:///p", "data:text/html,p", "blob:https://example.com/1", "ftp://x/p")

    assert keys(page, ((address, None) for address in addresses)) == [(None, None)] * len(addresses)


def test_both_halves_trim_explicit_subjects_alike(page: Page) -> None:
    spaces = [chr(number) for number in itertools.chain(range(0x2100), range(0x3000, 0x3100), [0xFEFF])]
    texts = [f"{space}a{space}" for space in spaces]
    trimmed: list[str] = page.evaluate("texts => texts.map(text => text.trim().normalize())", texts)
    differing = [
        text
        for text, theirs in zip(texts, trimmed, strict=True)
        if explicit_subject(text) not in {theirs, None}
    ]

    assert differing == []
