"""Markdown to HTML that is safe to show on anybody's page."""

from __future__ import annotations

import re
from dataclasses import dataclass
from html import escape, unescape
from importlib.metadata import version

import comrak
import nh3

from widget_server.markup.links import misleads, safe_url, shown_host
from widget_server.markup.text import is_blank, without_controls, without_directions

MAX_RENDERED = 20_000
"""Characters that are read as Markdown; what is longer (an import) is shown as the plain text it is."""

MAX_OUTPUT = 250_000
"""Characters of HTML that one text may become; beyond, it is shown as plain text."""

MAX_DEPTH = 24
"""Elements inside one another; deeper ones give way and leave their words."""

MAX_CELLS = 5_000
"""Cells that tables may have; a short source can ask for millions, since missing cells are filled in."""

RULES = "1"
"""Changes whenever the same source would become other HTML."""

VERSION = f"{RULES}-{version('comrak')}-{version('nh3')}"
"""What made a stored HTML; where it differs, the text is rendered again."""

ELEMENTS = frozenset(
    {"a", "blockquote", "br", "code", "del", "em", "hr", "li", "ol", "p", "pre", "strong"}
    | {"table", "tbody", "td", "th", "thead", "tr", "ul"},
)
LINK_REL = "ugc nofollow noopener noreferrer"

_TAG = re.compile(r"<(/?)([a-z][a-z0-9]*)((?: [^<>]*)?)>")
_HREF = re.compile(r' (?:href|src)="([^"]*)"')
_ALT = re.compile(r' alt="([^"]*)"')
_VOID = frozenset({"br", "hr"})
_HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
_GIVES_WAY = frozenset({"blockquote", "ul", "ol", "table", "em", "strong", "del"})
_FOLLOWS_PARENT = frozenset({"li", "thead", "tbody", "tr", "th", "td"})
_NEEDS_PARAGRAPH = frozenset({"", "blockquote"})
_EXCERPTED = 1_000
_DEAD_LINK = re.compile(r'<a rel="[^"]*">(.*?)</a>', re.DOTALL)
_LIST_START = re.compile(r"[0-9]{1,9}")
_BLOCK_END = re.compile(r"</?(?:p|pre|blockquote|ul|ol|li|table|thead|tbody|tr|th|td|hr|br)\b[^<>]*>")


def render(source: str) -> str:
    """The safe HTML of any text whatever, bounded in time and size by the constants above."""
    source = without_controls(source)
    if len(source) > MAX_RENDERED:
        return _plain(source)
    shaped = _Shape().of(_parse(source))
    return sanitise(shaped) if len(shaped) <= MAX_OUTPUT else _plain(source)


def sanitise(html: str) -> str:
    """Any HTML with nothing but what a comment may hold: the last step, which trusts none before it."""
    # Where the sanitiser's own reading of an address refuses it, the tag would stay without it.
    return _DEAD_LINK.sub(r"\1", _SANITISER.clean(html))


def excerpt(source: str, length: int) -> str:
    """The words alone, on one line of at most `length` characters, with an ellipsis where they were cut."""
    beginning = source[: max(_EXCERPTED, length * 8)]  # the rest of a long text is not worth its rendering
    words = " ".join(without_directions(words_of(_BLOCK_END.sub(" ", render(beginning)))).split())
    if len(words) <= length:
        return words
    at_word = words[:length].rpartition(" ")[0]
    return (at_word if len(at_word) * 2 > length else words[: length - 1]).rstrip() + "…"


def words_of(html: str) -> str:
    """The text of HTML that this module made."""
    return unescape(_TAG.sub("", html))


def _parse(source: str) -> str:
    try:
        return comrak.render_markdown(source, _extensions(source), None, _RENDERING)
    except BaseException as error:
        # A panic in the parser is a BaseException, which would end the server: let it cost the markup only.
        if type(error).__name__ != "PanicException":
            raise
        return escape(source)


def _plain(source: str) -> str:
    return sanitise("<p>" + escape(source).replace("\n", "<br>\n") + "</p>")


def _extensions(source: str) -> comrak.ExtensionOptions:
    lines = source.split("\n")
    columns = max(line.count("|") for line in lines) + 1
    return _WITH_TABLES if columns * len(lines) <= MAX_CELLS else _WITHOUT_TABLES


@dataclass(slots=True)
class _Open:
    """An element whose end has not come yet."""

    name: str
    kept: bool = True
    url: str = ""
    start: int = 0


class _Shape:
    """Reshapes the parser's HTML, which is well formed and in which `<` is always a tag, in one pass.

    A heading becomes a strong paragraph, since a comment must not break the order of the page's headings; an
    image becomes a link to it; a link that may not be loses its tag and keeps its words.
    """

    def __init__(self) -> None:
        self._out: list[str] = []
        self._open: list[_Open] = []
        self._depth = 0

    def of(self, html: str) -> str:
        """The HTML as it goes to the sanitiser."""
        position = 0
        for tag in _TAG.finditer(html):
            self._text(html[position : tag.start()])
            position = tag.end()
            closing, name, attributes = tag.groups()
            if closing:
                self._end()
            elif name == "img":
                self._image(attributes)
            elif name in _VOID:
                self._out.append(f"<{name}>")
            else:
                self._start(name, attributes)
        self._text(html[position:])
        return "".join(self._out)

    def _text(self, text: str) -> None:
        parent = self._open[-1].name if self._open else ""
        if parent in _NEEDS_PARAGRAPH and not text.isspace() and text:
            # An HTML block in the source: the parser escapes it and leaves it bare.
            text = "<p>" + text.strip("\n").replace("\n", "<br>\n") + "</p>\n"
        self._out.append(text)

    def _start(self, name: str, attributes: str) -> None:
        element = _Open(name, start=len(self._out))
        if name == "a":
            self._start_link(element, attributes)
        elif name in _HEADINGS:
            self._out.append("<p><strong>")
        else:
            element.kept = self._keeps(name)
            if element.kept:
                self._out.append(f"<{name}{attributes}>")
        self._open.append(element)
        self._depth += element.kept

    def _keeps(self, name: str) -> bool:
        if name in _FOLLOWS_PARENT:
            return self._open[-1].kept
        return name not in _GIVES_WAY or self._depth < MAX_DEPTH

    def _start_link(self, element: _Open, attributes: str) -> None:
        href = _HREF.search(attributes)
        url = safe_url(unescape(href[1])) if href else None
        element.kept = url is not None and not any(each.url for each in self._open)
        element.url = (url or "") if element.kept else ""

    def _image(self, attributes: str) -> None:
        alternative = _ALT.search(attributes)
        self._start("a", attributes)
        self._out.append(alternative[1] if alternative else "")
        self._end()

    def _end(self) -> None:
        element = self._open.pop()
        self._depth -= element.kept
        if element.name == "a":
            self._end_link(element)
        elif element.name in _HEADINGS:
            self._out.append("</strong></p>")
        elif element.kept:
            self._out.append(f"</{element.name}>")

    def _end_link(self, element: _Open) -> None:
        if not element.kept:
            return
        inner = "".join(self._out[element.start :])
        host = escape(shown_host(element.url))
        words = words_of(inner)
        link = f'<a href="{escape(element.url)}">'
        if misleads(words, element.url):
            shown = f"{inner} ({link}{host}</a>)"
        else:
            shown = f"{link}{host if is_blank(words) else inner}</a>"
        self._out[element.start :] = [shown]


def _attribute(tag: str, attribute: str, value: str) -> str | None:
    """The second lock on links, and the bound of a list's first number."""
    if (tag, attribute) == ("a", "href"):
        return safe_url(value)
    if (tag, attribute) == ("ol", "start"):
        return value if _LIST_START.fullmatch(value) else None
    return value


def _extension_options(*, table: bool) -> comrak.ExtensionOptions:
    options = comrak.ExtensionOptions()
    options.autolink = True
    options.strikethrough = True
    options.table = table
    return options


def _render_options() -> comrak.RenderOptions:
    options = comrak.RenderOptions()
    options.hardbreaks = True
    options.escape = True  # raw HTML is shown as it was typed, never obeyed and never swallowed
    return options


_WITH_TABLES = _extension_options(table=True)
_WITHOUT_TABLES = _extension_options(table=False)
_RENDERING = _render_options()
_SANITISER = nh3.Cleaner(
    tags=set(ELEMENTS),
    attributes={"*": set(), "a": {"href"}, "ol": {"start"}},
    tag_attribute_values={
        "th": {"align": {"left", "center", "right"}},
        "td": {"align": {"left", "center", "right"}},
    },
    attribute_filter=_attribute,
    link_rel=LINK_REL,
    url_schemes={"http", "https", "mailto"},
    url_relative="deny",
    strip_comments=True,
)
