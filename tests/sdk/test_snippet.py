"""The snippet is safe to put into a page, whatever it is made of."""

from __future__ import annotations

from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from transom import snippet

SERVER = "https://talk.example.com"


class Seen(HTMLParser):
    """Every start tag with its attributes, as a browser would read them."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))


def test_the_snippet_is_a_style_sheet_a_script_and_an_element_for_each_widget() -> None:
    html = snippet(SERVER + "/", "blog", widgets=("like", "comments", "applause"))

    assert html == (
        '<link rel="stylesheet" href="https://talk.example.com/transom.css">\n'
        '<script type="module" async src="https://talk.example.com/transom.js" data-site="blog"></script>\n'
        "<transom-like></transom-like>\n"
        '<transom-comments class="transom-reserve"></transom-comments>\n'
        '<transom-widget kind="applause"></transom-widget>'
    )


def test_a_subject_gives_readers_without_javascript_a_link() -> None:
    tags = Seen(snippet(SERVER, "blog", ("comments",), subject="/a?b=1&c=ä")).tags

    assert ("transom-comments", {"class": "transom-reserve", "subject": "/a?b=1&c=ä"}) in tags
    assert ("a", {"href": f"{SERVER}/v1/blog/thread?subject=%2Fa%3Fb%3D1%26c%3D%C3%A4"}) in tags


def test_a_nonce_reaches_everything_that_a_policy_holds_back() -> None:
    tags = Seen(snippet(SERVER, "blog", nonce="r4nd0m")).tags

    assert {tag: attributes.get("nonce") for tag, attributes in tags if tag in {"script", "link"}} == {
        "script": "r4nd0m",
        "link": "r4nd0m",
    }


@given(site=st.text(), nonce=st.text(), subject=st.text())
def test_no_text_breaks_out_of_its_attribute(site: str, nonce: str, subject: str) -> None:
    tags = Seen(snippet(SERVER, site, ("like",), nonce, subject=subject)).tags

    assert [tag for tag, _ in tags] == ["script", "transom-like"]
    assert set(tags[0][1]) == {"type", "async", "src", "data-site", "nonce"}
    assert set(tags[1][1]) == {"subject"}


@pytest.mark.parametrize(
    "server", ["javascript:alert(1)", "talk.example.com", "https://", "https://x/?a", ""]
)
def test_what_is_no_address_of_a_server_is_refused(server: str) -> None:
    with pytest.raises(ValueError, match="not a server's address"):
        snippet(server, "blog")


@pytest.mark.parametrize("widget", ["", "Like", "a b", "x><script>", "like\n"])
def test_what_is_no_name_of_a_widget_is_refused(widget: str) -> None:
    with pytest.raises(ValueError, match="not a widget's name"):
        snippet(SERVER, "blog", (widget,))
