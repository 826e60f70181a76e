"""Public collections of hostile and odd input, all of it through the renderer."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from tests.markup import browser, samples
from widget_server import markup
from widget_server.markup import markdown

Read = Callable[[Path], Sequence[str]]

COLLECTIONS: dict[str, tuple[Read, int]] = {
    "dompurify": (samples.dompurify, 223),
    "naughty strings": (samples.naughty_strings, 515),
    "commonmark": (samples.commonmark, 652 + 26),
    "gfm": (samples.gfm, 673 + 28),
    "markdown-it": (samples.markdown_it, 200),
    "markdown-it xss": (samples.markdown_it_xss, 13),
    "tree construction": (samples.tree_construction, 1_700),
    "leaks": (lambda corpora: [samples.leaks(corpora), *samples.leaks(corpora).splitlines()], 500),
}


@pytest.mark.parametrize("name", COLLECTIONS)
def test_no_input_of_a_public_collection_gets_anything_unsafe_through(name: str, corpora: Path) -> None:
    read, at_least = COLLECTIONS[name]
    inputs = read(corpora)

    assert len(inputs) >= at_least
    assert _unsafe(inputs, markup.render) == []


@pytest.mark.parametrize("name", ["dompurify", "tree construction", "leaks"])
def test_the_sanitiser_alone_holds_if_the_parser_should_let_html_through(name: str, corpora: Path) -> None:
    inputs = COLLECTIONS[name][0](corpora)

    # Links inside links, which the parser never makes, may leave a tag that leads nowhere.
    harmless = {"link that leads nowhere"}
    assert [case for case in _unsafe(inputs, markdown.sanitise) if not harmless.issuperset(case[1])] == []


def test_what_fetches_things_from_elsewhere_becomes_words(corpora: Path) -> None:
    page = samples.leaks(corpora)

    html = markup.render(page) + "".join(markup.render(line) for line in page.splitlines())

    assert "<img" not in html
    assert "leaking.via" in html
    assert browser.faults(html) == []


def test_cleaning_a_naughty_string_twice_changes_nothing(corpora: Path) -> None:
    for string in samples.naughty_strings(corpora):
        once = markup.clean_text(string)

        assert once == markup.clean_text(once)


def test_no_collected_input_takes_long(corpora: Path) -> None:
    slowest = 0.0
    for read, _ in COLLECTIONS.values():
        for source in read(corpora):
            start = time.thread_time()
            markup.render(source)
            slowest = max(slowest, time.thread_time() - start)

    assert slowest < 0.1


def _unsafe(inputs: Sequence[str], make: Callable[[str], str]) -> list[tuple[str, list[str]]]:
    found = ((source, browser.faults(make(source))) for source in inputs)
    return [(source[:200], faults) for source, faults in found if faults]
