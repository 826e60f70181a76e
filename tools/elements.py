"""The part of the reference that tells which element has which parts and custom properties: read from their sources."""

from __future__ import annotations

import re
from collections.abc import Sequence
from importlib.resources import files

from tools.paths import EMBED
from widget_server.widgets.base import Widget

LIGHT = re.compile(r'LIGHT = "([a-z ]+)"')
OTHERS = re.compile(r"`\$\{LIGHT\} ([a-z ]+)`")
PART = re.compile(r'\bpart="([a-z -]+)"')
PROPERTY = re.compile(r"var\(--([a-z-]+)")
DEFINED = re.compile(r"--([a-z-]+): var\((--transom-[a-z-]+)")
USED = re.compile(r"var\((--transom-[a-z-]+)")

BOX = ("widget", "message", "error")
"""Parts that each element has."""


def rows(widgets: Sequence[Widget]) -> list[tuple[str, str, str, str]]:
    """For each widget its element, its parts, the custom properties that its own sheet uses, its module's bytes."""
    sources = [(EMBED / "src" / name).read_text(encoding="utf-8") for name in ("page.ts", "transom.ts")]
    (light,), (others,) = LIGHT.findall(sources[0]), OTHERS.findall(sources[1])
    names = f"{light} {others}".split()
    short = dict(DEFINED.findall((files("widget_server.widgets") / "base.css").read_text(encoding="utf-8")))
    found = []
    for widget in widgets:
        has_tag = widget.name in names
        tag = f"`<transom-{widget.name}>`" if has_tag else f'`<transom-widget kind="{widget.name}">`'
        texts = {each.name: each for each in files(widget.package).iterdir() if each.is_file()}
        html = "".join(texts[name].read_text("utf-8") for name in sorted(texts) if name.endswith(".html"))
        style = texts["style.css"].read_text("utf-8") if "style.css" in texts else ""
        parts = {part for group in PART.findall(html) for part in group.split()} - set(BOX)
        properties = {short[name] for name in PROPERTY.findall(style) if name in short}
        properties |= set(USED.findall(style))
        script = f"{len(texts['script.js'].read_bytes()):,} bytes" if "script.js" in texts else "none"
        found.append((tag, _listed(parts), _listed(properties), script))
    return found


def _listed(names: set[str]) -> str:
    return ", ".join(f"`{name}`" for name in sorted(names))
