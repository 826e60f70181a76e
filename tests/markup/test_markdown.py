"""What becomes of a text that somebody wrote."""

from __future__ import annotations

import re

import pytest

from tests.markup import browser, hostile
from widget_server import markup

REL = 'rel="ugc nofollow noopener noreferrer"'

RENDERED = {
    "Hello": "<p>Hello</p>",
    "one\ntwo": "<p>one<br>\ntwo</p>",
    "one\r\ntwo\rthree": "<p>one<br>\ntwo<br>\nthree</p>",
    "*em* **strong** ~~del~~ `code`": (
        "<p><em>em</em> <strong>strong</strong> <del>del</del> <code>code</code></p>"
    ),
    "> quoted": "<blockquote>\n<p>quoted</p>\n</blockquote>",
    "- a\n- b": "<ul>\n<li>a</li>\n<li>b</li>\n</ul>",
    "3. a\n4. b": '<ol start="3">\n<li>a</li>\n<li>b</li>\n</ol>',
    "- [ ] to do": "<ul>\n<li>[ ] to do</li>\n</ul>",
    "```py\nx < 1\n```": "<pre><code>x &lt; 1\n</code></pre>",
    "a\n\n---\n\nb": "<p>a</p>\n<hr>\n<p>b</p>",
    "# Big": "<p><strong>Big</strong></p>",
    "Also\n===": "<p><strong>Also</strong></p>",
    "###### *small*": "<p><strong><em>small</em></strong></p>",
    "https://a.example/x": f'<p><a href="https://a.example/x" {REL}>https://a.example/x</a></p>',
    "www.a.example": f'<p><a href="http://www.a.example" {REL}>www.a.example</a></p>',
    "write@a.example": f'<p><a href="mailto:write@a.example" {REL}>write@a.example</a></p>',
    "[words](https://a.example 'title')": f'<p><a href="https://a.example" {REL}>words</a></p>',
    "[words](HTTPS://a.example/X)": f'<p><a href="https://a.example/X" {REL}>words</a></p>',
    "[](https://a.example/x)": f'<p><a href="https://a.example/x" {REL}>a.example</a></p>',
    "[gone](javascript:x)": "<p>gone</p>",
    "[gone](/here)": "<p>gone</p>",
    "<http://xn--xn.com/>": "<p>http://xn--xn.com/</p>",
    "![a cat](https://a.example/cat.png)": f'<p><a href="https://a.example/cat.png" {REL}>a cat</a></p>',
    "![](https://a.example/cat.png)": f'<p><a href="https://a.example/cat.png" {REL}>a.example</a></p>',
    "[![a cat](https://a.example/cat.png)](https://b.example)": (
        f'<p><a href="https://b.example" {REL}>a cat</a></p>'
    ),
    "use <b> and 1 < 2 & so on": "<p>use &lt;b&gt; and 1 &lt; 2 &amp; so on</p>",
    "<div>\nbare\n</div>": "<p>&lt;div&gt;<br>\nbare<br>\n&lt;/div&gt;</p>",
    "&copy; &amp; &#x1F600;": "<p>© &amp; 😀</p>",
    "שלום *עולם*": "<p>שלום <em>עולם</em></p>",
    "👨‍👩‍👧 ❤️‍🔥": "<p>👨‍👩‍👧 ❤️‍🔥</p>",
    "": "",
    " \n\t\n": "",
}


@pytest.mark.parametrize("source", RENDERED)
def test_a_text_is_shown_as_its_author_meant_it(source: str) -> None:
    assert RENDERED[source] == markup.render(source).strip()


def test_a_table_keeps_the_sides_of_its_columns() -> None:
    html = markup.render("| a | b |\n|:--|--:|\n| 1 | 2 |")

    assert '<th align="left">a</th>\n<th align="right">b</th>' in html
    assert browser.faults(html) == []


@pytest.mark.parametrize("source", hostile.PAYLOADS)
def test_hostile_input_comes_out_as_words_and_plain_links(source: str) -> None:
    assert browser.faults(markup.render(source)) == []


def test_the_checker_of_these_tests_sees_what_is_hostile() -> None:
    as_html = [each for each in hostile.PAYLOADS if re.match(r"</?[a-zA-Z]+[^:]", each)]

    assert len(as_html) > 20
    assert [each for each in as_html if not browser.faults(each)] == []


def test_raw_html_is_shown_as_it_was_typed() -> None:
    source = 'Put <script src="x.js"></script> before </body>.'

    assert source == browser.text(markup.render(source)).strip()


def test_the_html_of_a_text_is_the_same_each_time() -> None:
    source = "\n\n".join(hostile.PAYLOADS)

    assert markup.render(source) == markup.render(source)


def test_a_version_names_the_rules_and_both_libraries() -> None:
    assert re.fullmatch(r"\d+-[\d.]+-[\d.]+", markup.VERSION)


def test_half_a_character_and_controls_do_not_reach_the_html() -> None:
    html = markup.render("a\ud800b\x00c\x1bd\x9be\ufffff")

    assert html.strip() == "<p>a?bcdef</p>"


EXCERPTS = {
    "# Big\n\nand *small*": "Big and small",
    "one\ntwo\n- three\n- four": "one two three four",
    "| a | b |\n|---|---|\n| c | d |": "a b c d",
    "1 < 2 & <b>": "1 < 2 & <b>",
    "a\u2067b\u2069c": "abc",
    "word " * 20: "word word word word word word word word…",
    "words " * 20: "words words words words words words…",
    "x" * 50: "x" * 39 + "…",
    "": "",
}


@pytest.mark.parametrize("source", EXCERPTS)
def test_an_excerpt_is_the_words_on_one_line(source: str) -> None:
    assert EXCERPTS[source] == markup.excerpt(source, 40)
