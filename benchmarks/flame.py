"""A flame graph as a small SVG that needs no script: what is wide took long, what stands on it was called by it."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from pathlib import Path
from zlib import crc32

from benchmarks.stacks import OURS, Node

WIDTH, ROW, HEAD = 1200, 17, 26
LEAST = 0.004
"""Parts of the whole below which nothing is drawn."""
LETTER, LEGIBLE = 6.4, 3
"""Pixels of one letter, and letters that tell nothing yet."""
COLOURS = ("#e8a87c", "#e9b872", "#d8a47f", "#e27d60", "#c8b06b", "#dba46a")
FRAMELESS = 2
"""Rows at the top that are no functions: the whole, and its threads."""
FOREIGN = "#b8c4cc"
"""Of code that is not ours."""


def draw(file: Path, title: str, root: Node) -> Path:
    """Write the picture; gives the file."""
    rows = list(_rows(root, 0.0, 1.0, 0))
    deepest = max(depth for _, _, _, depth in rows)
    height = HEAD + (deepest + 1) * ROW + 6
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img">',
        "<style>text{font:11px ui-monospace,monospace;fill:#222}.t{font:14px system-ui,sans-serif}</style>",
        f'<rect width="{WIDTH}" height="{height}" fill="#fff"/>',
        f'<text class="t" x="6" y="17">{escape(title)}</text>',
        *(_box(*row) for row in rows),
        "</svg>",
    ]
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return file


def _rows(node: Node, left: float, scale: float, depth: int) -> Iterator[tuple[Node, float, float, int]]:
    """Each box that is wide enough: the function, its left edge and width as parts of the whole, its depth."""
    yield node, left, scale, depth
    for below in sorted(node.below.values(), key=lambda each: -each.times):
        width = scale * below.times / node.times
        if width >= LEAST:
            yield from _rows(below, left, width, depth + 1)
        left += width


def _box(node: Node, left: float, width: float, depth: int) -> str:
    x, y, wide = left * WIDTH, HEAD + depth * ROW, width * WIDTH
    ours = OURS in node.name or depth < FRAMELESS
    said = node.name.replace(OURS, "")
    name = said.partition(" ")[0]
    colour = COLOURS[crc32(name.encode()) % len(COLOURS)] if ours else FOREIGN
    letters = int((wide - 6) / LETTER)
    shown = said if len(said) <= letters else name[:letters]
    text = f'<text x="{x + 3:.1f}" y="{y + 12}">{escape(shown)}</text>' if letters > LEGIBLE else ""
    place = f'x="{x:.1f}" y="{y}" width="{max(wide - 0.5, 0.5):.1f}" height="{ROW - 1}"'
    return f'<g><title>{escape(said)}: {width:.1%}</title><rect {place} fill="{colour}"/>{text}</g>'
