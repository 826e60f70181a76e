"""HTML as a small tree of the elements that a comment may have; all else has become its text."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser

import nh3

MAX_DEPTH = 24
"""Elements inside one another; the text of deeper ones joins the last of these."""

MAX_LENGTH = 100_000
"""Characters of HTML that are parsed: the parser takes quadratic time on elements that never end."""

BLOCKS = frozenset(
    {
        "p",
        "div",
        "section",
        "article",
        "aside",
        "header",
        "footer",
        "main",
        "address",
        "blockquote",
        "pre",
        "ul",
        "ol",
        "li",
        "dl",
        "dt",
        "dd",
        "hr",
        "table",
        "thead",
        "tbody",
        "tfoot",
        "tr",
        "figure",
        "figcaption",
        "center",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
    }
)
INLINES = frozenset(
    {
        "a",
        "b",
        "strong",
        "i",
        "em",
        "del",
        "s",
        "strike",
        "code",
        "kbd",
        "samp",
        "tt",
        "br",
        "img",
        "td",
        "th",
    }
)
VOID = frozenset({"br", "hr", "img"})


@dataclass(slots=True)
class Node:
    """One element."""

    tag: str
    attributes: dict[str, str] = field(default_factory=dict)
    children: list[Node | str] = field(default_factory=list)


def tree(html: str) -> Node:
    """The root over what the HTML holds; total: any text gives a tree."""
    builder = _Builder()
    builder.feed(_CLEANER.clean(html))
    builder.close()
    return builder.root


def words(node: Node) -> str:
    """The text alone, with a line for each block and break."""
    parts: list[str] = []
    _gather(node, parts)
    return "".join(parts)


def _gather(node: Node, parts: list[str]) -> None:
    for child in node.children:
        if isinstance(child, str):
            parts.append(child)
        elif child.tag in BLOCKS or child.tag == "br":
            parts.append("\n")
            _gather(child, parts)
            parts.append("\n")
        else:
            _gather(child, parts)


class _Builder(HTMLParser):
    """Follows HTML that the cleaner made, in which every element is closed."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.root = Node("")
        self._open = [self.root]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        parent = self._open[-1]
        node = parent
        if len(self._open) <= MAX_DEPTH or tag in VOID:
            node = Node(tag, {name: value or "" for name, value in attrs})
            parent.children.append(node)
        if tag not in VOID:
            self._open.append(node)

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID and len(self._open) > 1:
            self._open.pop()

    def handle_data(self, data: str) -> None:
        self._open[-1].children.append(data)


_CLEANER = nh3.Cleaner(
    tags=set(BLOCKS | INLINES),
    attributes={"a": {"href"}, "img": {"src", "alt"}, "ol": {"start"}},
    clean_content_tags={"script", "style"},
    url_schemes={"http", "https", "mailto"},
    link_rel=None,
)
