"""Foreign text as our Markdown: it reads as it did, and is rendered and sanitised like everything else.

Ours and not a library's: html2text is under the GPL, and markdownify brings Beautiful Soup.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

from widget_server.markup.links import safe_url
from widget_server.markup.markdown import MAX_RENDERED
from widget_server.transfer.html_tree import BLOCKS, Node, tree, words
from widget_server.transfer.records import TextFormat

MARKS = {"b": "**", "strong": "**", "i": "*", "em": "*", "del": "~~", "s": "~~", "strike": "~~"}
EVERY_MARK = frozenset(MARKS.values())
NO_MARKS: frozenset[str] = frozenset()
CODE = frozenset({"code", "kbd", "samp", "tt"})
HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})

ADDRESS = re.compile(r"https?://[^\s<>]+", re.IGNORECASE)
SPECIAL = re.compile(
    r"[\\`*\[\]<~]|&(?=#?\w{1,40};)|(?<![^\W_])_|_(?![^\W_])|(?<=www)\.|:(?=//)", re.IGNORECASE
)
MARKER = re.compile(r"[-+](?=\s|$)|>|#{1,6}(?=\s|$)|[-:|=+](?=[-:|=+\s]*$)")
NUMBER = re.compile(r"(\d{1,9})([.)])(?=\s|$)")
LISTED = re.compile(r"- |\d{1,9}\. ")
CONTROL = re.compile(r"[\0-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
SPACES = re.compile(r"[ \t\r\f\n]+")
SPACES_IN_LINE = re.compile(r"[ \t\r\f]+")


def markdown_of(text: str, written: TextFormat) -> str:
    """The same words as Markdown source; empty where nothing would be seen."""
    text = CONTROL.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))
    plain = written == "text" or ("<" not in text and "&" not in text)
    match written:
        case "markdown":
            return text.strip()
        case "html" if plain:
            return _plain(SPACES.sub(" ", text))
        case "text" | "html_lines" if plain:
            return _plain(SPACES_IN_LINE.sub(" ", text))
        case _:
            root = tree(text)
            source = "\n\n".join(_Writer(lines=written == "html_lines").blocks(root.children))
            return _fitting(source, words(root).strip())


def _plain(text: str) -> str:
    return _fitting("\n\n".join(_paragraphs(_literal(text))), text.strip())


def _fitting(source: str, plain: str) -> str:
    """Beyond the length that is read as Markdown a text is shown as it is, so it must hold no marks."""
    return plain if len(source) > MAX_RENDERED < len(plain) else source


INSIDE = "x"
"""What stands around inline text in other inline text: for all that is known, a letter."""


class _Writer:
    """Writes nodes as Markdown; with `lines`, a line break in the HTML is one that the reader saw."""

    def __init__(self, *, lines: bool) -> None:
        self._lines = lines
        self._spaces = SPACES_IN_LINE if lines else SPACES

    def blocks(self, nodes: Sequence[Node | str]) -> list[str]:
        """Blocks without blank lines around them; inline nodes between blocks make paragraphs."""
        blocks: list[str] = []
        run: list[Node | str] = []
        for node in nodes:
            if isinstance(node, Node) and self._is_block(node):
                blocks += [*_paragraphs(self._inline(run, around=" ")), *self._block(node)]
                run = []
            else:
                run.append(node)
        return [*blocks, *_paragraphs(self._inline(run, around=" "))]

    def _is_block(self, node: Node) -> bool:
        if node.tag in BLOCKS:
            return True
        if node.tag in CODE:
            return self._lines and "\n" in words(node).strip()
        return any(isinstance(child, Node) and self._is_block(child) for child in node.children)

    def _block(self, node: Node) -> list[str]:
        match node.tag:
            case "pre" | "code" | "kbd" | "samp" | "tt":
                return _fenced(words(node))
            case "blockquote":
                inner = "\n\n".join(self.blocks(node.children))
                return ["\n".join(f"> {line}".rstrip() for line in inner.split("\n"))] if inner else []
            case "ul" | "ol":
                return self._list(node)
            case "hr":
                return ["***"]
            case tag if tag in HEADINGS:
                title = " ".join(self._inline(node.children, marks=NO_MARKS).split())
                return [_marked("", f"**{title}**", "") or title] if title else []
            case _:
                return self.blocks(node.children)

    def _list(self, node: Node) -> list[str]:
        start = node.attributes.get("start", "")
        number = int(start) if re.fullmatch(r"[0-9]{1,6}", start) else 1
        items: list[str] = []
        for child in node.children:
            blocks = self.blocks([child] if isinstance(child, str) else child.children)
            inner = "".join(("\n" if LISTED.match(block) else "\n\n") + block for block in blocks).strip("\n")
            if inner:
                bullet = f"{number + len(items)}. " if node.tag == "ol" else "- "
                items.append(bullet + inner.replace("\n", "\n" + " " * len(bullet)))
        return [re.sub(r"\n +\n", "\n\n", "\n".join(items))] if items else []

    def _inline(
        self,
        nodes: Sequence[Node | str],
        *,
        marks: frozenset[str] = EVERY_MARK,
        linked: bool = True,
        around: str = INSIDE,
    ) -> str:
        """Inline Markdown in which a newline is a line break; `around` is what it will stand between."""
        out = ""
        for at, node in enumerate(nodes):
            if isinstance(node, str):
                piece = _literal(self._spaces.sub(" ", node), linked=linked)
            elif MARKS.get(node.tag) in marks:
                rest = (words(each) if isinstance(each, Node) else each for each in nodes[at + 1 :])
                after = next(filter(None, rest), around)
                piece = self._emphasis(node, around + out, after, marks=marks, linked=linked)
            else:
                piece = self._element(node, marks=marks, linked=linked)
            if piece.startswith("`") and out.endswith("`"):
                out += " "
            if piece.startswith("[") and out.endswith("!"):
                out = out[:-1] + "\\!"
            out += piece
        return out

    def _element(self, node: Node, *, marks: frozenset[str], linked: bool) -> str:
        match node.tag:
            case "br":
                return "\n"
            case "img":
                source = node.attributes.get("src", "")
                return self._link(
                    source, _literal(node.attributes.get("alt", "").strip(), linked=False), linked=linked
                )
            case "a":
                inner = self._inline(node.children, marks=marks, linked=False)
                seen = inner.strip() or any(
                    isinstance(each, Node) and each.tag == "img" for each in node.children
                )
                return self._link(node.attributes.get("href", ""), inner, linked=linked and bool(seen))
            case "td" | "th":
                return self._inline(node.children, marks=marks, linked=linked) + " "
            case tag if tag in CODE:
                return _code(words(node))
            case _:
                return self._inline(node.children, marks=marks, linked=linked)

    def _link(self, href: str, inner: str, *, linked: bool) -> str:
        address = safe_url(href.strip())
        if address is None or not linked:
            return inner
        shown = " ".join(inner.split())
        before, behind = (" " if inner[:1].isspace() else ""), (" " if inner[-1:].isspace() else "")
        target = _target(address)
        return f"{before}[{shown}](<{target}>){behind}" if shown else f"<{target}>"

    def _emphasis(self, node: Node, before: str, after: str, *, marks: frozenset[str], linked: bool) -> str:
        mark = MARKS[node.tag]
        inner = self._inline(node.children, marks=marks - {mark}, linked=linked)
        if inner.strip()[:1] in MARKS_AT_EDGE or inner.strip()[-1:] in MARKS_AT_EDGE:
            inner = self._inline(node.children, marks=NO_MARKS, linked=linked)
        core = re.sub(r"\n\n+", "\n", inner.strip())
        head, tail = inner[: len(inner) - len(inner.lstrip())], inner[len(inner.rstrip()) :]
        return head + (_marked(before + head, f"{mark}{core}{mark}", tail + after) or core) + tail


MARKS_AT_EDGE = frozenset("*~")


def _marked(before: str, piece: str, after: str) -> str:
    """The marked piece, or nothing where its marks would be read as text (CommonMark 6.2, flanking runs)."""
    core = piece.strip("*~")
    if not core or before[-1:] in MARKS_AT_EDGE or "\n\n" in core:
        return ""
    opens = _is_word(core[0]) or not before[-1:].strip()
    closes = _is_word(core[-1]) or not after[:1].strip()
    return piece if opens and closes else ""


def _is_word(character: str) -> bool:
    return unicodedata.category(character)[0] in "LN"


def _paragraphs(text: str) -> list[str]:
    """The paragraphs of inline text in which a newline is a line break, with their lines guarded."""
    found = []
    for block in re.split(r"\n[ \t]*\n\s*", text):
        lines = [_guarded(line.strip()) for line in block.split("\n") if line.strip()]
        if lines:
            found.append("\n".join(lines))
    return found


def _guarded(line: str) -> str:
    """Let the line not begin a list, a quote, a heading, a rule or a table."""
    if MARKER.match(line):
        return "\\" + line
    return NUMBER.sub(r"\1\\\2", line, count=1) if NUMBER.match(line) else line


def _literal(text: str, *, linked: bool = True) -> str:
    """The text with a backslash wherever Markdown would see more in it; addresses become links."""
    out, position = [], 0
    for found in ADDRESS.finditer(text) if linked else ():
        address = _trimmed(found[0])
        if safe_url(address) is not None:
            out += [_escaped(text[position : found.start()]), f"<{_target(address)}>"]
            position = found.start() + len(address)
    return "".join([*out, _escaped(text[position:])])


def _escaped(text: str) -> str:
    return SPECIAL.sub(r"\\\g<0>", text)


def _trimmed(address: str) -> str:
    """Without the punctuation of the sentence around it."""
    while address and (address[-1] in ".,;:!?'\"*_~…»”" or (address[-1] == ")" and "(" not in address)):
        address = address[:-1]
    return address


def _target(address: str) -> str:
    """The address as it may stand between angle brackets."""
    address = re.sub(r"[<>\s]", lambda odd: f"%{ord(odd[0]):02X}", address)
    return re.sub(r"&(?=#?\w{1,40};)", "&amp;", address)


def _code(text: str) -> str:
    text = SPACES.sub(" ", text)
    if not text.strip():
        return text
    fence = "`" * (max(map(len, re.findall(r"`+", text)), default=0) + 1)
    pad = " " if "`" in (text[0], text[-1]) or (text[0] == text[-1] == " ") else ""
    return f"{fence}{pad}{text}{pad}{fence}"


def _fenced(text: str) -> list[str]:
    text = text.strip("\n").rstrip()
    if not text.strip():
        return []
    fence = "`" * max(3, max(map(len, re.findall(r"`+", text)), default=0) + 1)
    return [f"{fence}\n{text}\n{fence}"]
