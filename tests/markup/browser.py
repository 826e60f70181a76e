"""Reads HTML as a browser does, and tells what a comment must not hold."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

from justhtml import JustHTML

ELEMENTS = frozenset(
    {"p", "br", "em", "strong", "del", "code", "pre", "blockquote", "ul", "ol", "li", "a", "hr"}
    | {"table", "thead", "tbody", "tr", "th", "td"},
)
ATTRIBUTES = {
    "a": {"href", "rel"},
    "ol": {"start"},
    "th": {"align"},
    "td": {"align"},
}
REL = {"ugc", "nofollow", "noopener", "noreferrer"}
WHITESPACE_OR_CONTROL = re.compile(r"[\x00-\x20\x7f-\x9f\\]")


def faults(html: str) -> list[str]:
    """What is wrong with the HTML of a comment; nothing, if it is safe and reads the same twice."""
    document = _parse(html)
    found = [fault for node in _nodes(document.root) for fault in _faults_of(node)]
    if _outline(_parse(document.to_html(pretty=False)).root) != _outline(document.root):
        found.append("changes when it is read again")
    return found


def links(html: str) -> list[tuple[str, str]]:
    """Each link's address and words."""
    return [
        (node.attrs["href"], node.to_text().strip())
        for node in _nodes(_parse(html).root)
        if node.name == "a" and "href" in node.attrs
    ]


def text(html: str) -> str:
    """The words that a reader sees."""
    return "".join(node.data for node in _nodes(_parse(html).root) if node.name == "#text")


def depth(html: str) -> int:
    """How many elements stand inside one another."""
    return _depth(_parse(html).root)


def count(html: str, name: str) -> int:
    """How many elements have this name."""
    return sum(node.name == name for node in _nodes(_parse(html).root))


def _parse(html: str) -> JustHTML:
    return JustHTML(html, fragment=True, sanitize=False)


def _nodes(node: Any) -> Iterator[Any]:  # noqa: ANN401 - elements, texts and comments alike
    for child in getattr(node, "children", None) or ():
        yield child
        yield from _nodes(child)


def _depth(node: Any) -> int:  # noqa: ANN401 - elements, texts and comments alike
    return 1 + max((_depth(child) for child in getattr(node, "children", None) or ()), default=-1)


def _outline(node: Any) -> Any:  # noqa: ANN401 - a tree of tuples
    children = [_outline(child) for child in getattr(node, "children", None) or ()]
    return (
        node.name,
        getattr(node, "namespace", None),
        getattr(node, "data", None),
        getattr(node, "attrs", None),
        children,
    )


def _faults_of(node: Any) -> Iterator[str]:  # noqa: ANN401 - elements, texts and comments alike
    if node.name == "#text":
        return
    if node.name not in ELEMENTS or node.namespace != "html":
        yield f"element {node.name}"
    for name in node.attrs.keys() - ATTRIBUTES.get(node.name, set()):
        yield f"attribute {name} of {node.name}"
    if node.name == "a":
        yield from _link_faults(node.attrs)


def _link_faults(attributes: dict[str, str]) -> Iterator[str]:
    if set(attributes.get("rel", "").split()) != REL:
        yield "link without its rel"
    href = attributes.get("href")
    if href is None:
        yield "link that leads nowhere"
    elif WHITESPACE_OR_CONTROL.search(href):
        yield f"hidden character in {href!r}"
    elif not href.startswith(("http://", "https://", "mailto:")):
        yield f"scheme of {href!r}"
    elif not href.startswith("mailto:") and ("@" in urlsplit(href).netloc or not urlsplit(href).netloc):
        yield f"host of {href!r}"
