"""Foreign text reads as it did: the words of what is rendered are the words of what came in."""

from __future__ import annotations

from time import process_time

import comrak
import html5lib
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.transfer.safe import assert_safe
from widget_server.markup import render
from widget_server.markup.markdown import MAX_RENDERED
from widget_server.transfer.html_text import markdown_of
from widget_server.transfer.html_tree import tree, words

EXAMPLES = [
    ("<p>One</p><p>Two <b>bold</b> and <i>soft</i>.</p>", "One\n\nTwo **bold** and *soft*."),
    ("a<br>b", "a\nb"),
    ("line\none", "line one"),
    ('<a href="https://a.example/x_y?a=1&amp;b=2">here</a>', "[here](<https://a.example/x_y?a=1&b=2>)"),
    ('<a href="javascript:alert(1)">here</a>', "here"),
    ('<a href="/relative">here</a>', "here"),
    ('wow!<a href="https://a.example/">!</a>', "wow\\![!](<https://a.example/>)"),
    ("<ul><li>one<li>two<ol start=3><li>deep</ol></ul>", "- one\n- two\n  3. deep"),
    ("<blockquote>said<p>twice</blockquote>", "> said\n>\n> twice"),
    ("<pre>if a:\n    b</pre>", "```\nif a:\n    b\n```"),
    ("<code>a`b</code>", "``a`b``"),
    ("<pre>```</pre>", "````\n```\n````"),
    ("<h2>Big</h2>text", "**Big**\n\ntext"),
    ("# no heading<br>1. no list<br>- no list<br>---", "\\# no heading\n1\\. no list\n\\- no list\n\\---"),
    ("snake_case *stars* [brackets]", "snake_case \\*stars\\* \\[brackets\\]"),
    ("see https://a.example/b_c_d.", "see <https://a.example/b_c_d>."),
    ("&lt;script&gt;x&lt;/script&gt;", "\\<script>x\\</script>"),
    ("a<script>alert(1)</script>b<style>*{}</style>", "ab"),
    ("<b onmouseover=alert(1)>x</b><svg onload=alert(1)>y", "**x**y"),
    (
        '<img src="https://a.example/p.png" alt="A pic" onerror=alert(1)>',
        "[A pic](<https://a.example/p.png>)",
    ),
    ("<b>bold </b>next<b>b</b><b>c</b>", "**bold** next**b**c"),
    ('a<a href="https://a.example/"></a>b', "ab"),
    ('<a href="https://a.example/"><img src="https://a.example/p.png"></a>', "<https://a.example/>"),
    ("<b><i>both</i></b>", "**both**"),
    ("<b> c<b>b </b>b </b>", "**cb b**"),
    ("&amp;copy; stays", "\\&copy; stays"),
    ("", ""),
    ("<p> </p>", ""),
]


@pytest.mark.parametrize(("html", "markdown"), EXAMPLES)
def test_html_becomes_the_markdown_that_one_would_write(html: str, markdown: str) -> None:
    assert markdown_of(html, "html") == markdown


def test_line_breaks_count_in_html_as_wordpress_keeps_it() -> None:
    told = "One\ntwo\n\nthree <code>x = 1\ny = 2</code> four\n<ul>\n<li>five</li>\n</ul>"

    assert markdown_of(told, "html_lines") == "One\ntwo\n\nthree\n\n```\nx = 1\ny = 2\n```\n\nfour\n\n- five"


def test_plain_text_keeps_its_single_newlines() -> None:
    assert markdown_of("a  <b>\r\nb\n\n\n*c*\n", "text") == "a \\<b>\nb\n\n\\*c\\*"
    assert "a &lt;b&gt;<br>\nb" in render(markdown_of("a <b>\nb", "text"))


def test_markdown_stays_as_it_is() -> None:
    assert markdown_of(" **a** \0[b](c)\n", "markdown") == "**a** [b](c)"


def test_a_text_too_long_for_markdown_is_shown_without_marks() -> None:
    told = f"<p><b>{'long ' * MAX_RENDERED}</b></p>"[: MAX_RENDERED + 2_000]

    source = markdown_of(told, "html")

    assert len(source) > MAX_RENDERED
    assert "*" not in source


HOSTILE = [
    "<b>" * 20_000,
    "<blockquote>" * 5_000,
    "<ul><li>" * 5_000,
    "<a href=x>" * 5_000,
    "<!" * 30_000,
    "&" * 50_000,
    "<table><tr><td>" * 3_000,
    "<i>*</i>" * 5_000,
    "`" * 50_000,
    "[" * 50_000,
    "https://" * 8_000,
    "<pre>" * 9_000,
]


@pytest.mark.parametrize("html", HOSTILE)
def test_hostile_html_is_converted_soon(html: str) -> None:
    begun = process_time()

    assert isinstance(render(markdown_of(html, "html")), str)
    assert process_time() - begun < 2


TEXT = st.text(alphabet="ab1 *_`~[]()<>&#!-+.:|\\\n\t=>\"'/@é😀،؟wW$^{}", max_size=30)
WORDS = """
http:// https://a.example/b_c www. a.b &amp; &copy; [x] ]: ( ) - 1. # > ``` ~~~ ** * _ a | --- :-- <b> </b> ftp://x.y
a@b.cd mailto:a@b.cd == => \\ ! é
"""
PIECES = st.lists(st.sampled_from(["\n", *WORDS.split()]), max_size=12).map(" ".join)


@settings(max_examples=150, deadline=None)
@given(st.one_of(TEXT, PIECES, PIECES.map(lambda text: text.replace(" ", ""))))
def test_plain_text_reads_the_same_whatever_is_in_it(text: str) -> None:
    assert letters(read(markdown_of(text, "text"))) == letters(text)


SIGNS = """a * _ ! ( . 1 &amp; &lt; &nbsp; é 😀 ` [x] : https://a.example/d_e"""
ATOMS = st.sampled_from(["b ", " c", "\n", "\n\n", "# ", "- ", *SIGNS.split()])
KINDS = "b i em strong del code p blockquote ul ol li pre h2 span div td"
TAGS = st.sampled_from(KINDS.split())
HTML = st.recursive(
    ATOMS,
    lambda inner: st.one_of(
        st.builds(lambda tag, parts: f"<{tag}>{''.join(parts)}</{tag}>", TAGS, st.lists(inner, max_size=4)),
        st.builds(
            lambda parts: f"<a href='https://a.example/x'>{''.join(parts)}</a>", st.lists(inner, max_size=3)
        ),
        st.just("<br>"),
        st.just("<hr>"),
    ),
    max_leaves=14,
)


@settings(max_examples=150, deadline=None)
@given(st.lists(HTML, max_size=4).map("".join), st.sampled_from(["html", "html_lines"]))
def test_html_reads_the_same_whatever_is_in_it(html: str, written: str) -> None:
    source = markdown_of(html, "html" if written == "html" else "html_lines")

    assert letters(read(source)) == letters(words(tree(html)))


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=60))
def test_any_text_at_all_becomes_safe_html(text: str) -> None:
    for written in ("markdown", "text", "html", "html_lines"):
        assert_safe(render(markdown_of(text, written)))


def read(source: str) -> str:
    """What Markdown says by itself, before the renderer adds the true host to links that lie."""
    extensions = comrak.ExtensionOptions()
    extensions.autolink = extensions.strikethrough = extensions.table = True
    rendering = comrak.RenderOptions()
    rendering.hardbreaks = rendering.escape = True
    html = comrak.render_markdown(source, extensions, None, rendering)
    return "".join(html5lib.parseFragment(html, namespaceHTMLElements=False).itertext())


def letters(text: str) -> str:
    """The text without white space."""
    return "".join(text.split())
