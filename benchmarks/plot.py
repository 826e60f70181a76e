"""The targets of a run as a picture: how far each ratio lies from its target, on a logarithmic scale."""

from __future__ import annotations

import math
from collections.abc import Iterator
from html import escape
from pathlib import Path

from benchmarks.report import Figure, Report, Target, short

WIDTH, NAMES, LINE, TOP = 960, 500, 22, 40
"""Of the picture, of the names' column, of one line, and of the head, in pixels."""
DECADES = 1.5
"""Powers of ten to either side of the target; what lies further ends there."""
STYLE = (
    "text{font:13px system-ui,sans-serif;fill:#222}.dim{fill:#667}.met{fill:#2a7f62}.missed{fill:#c0392b}"
    ".axis{stroke:#99a;stroke-width:1}.ground{fill:#fff}"
    "@media(prefers-color-scheme:dark){text{fill:#ddd}.dim{fill:#99a}.ground{fill:#161b22}}"
)


def plot(report: Report) -> str:
    """An SVG document with a bar for each target: to the right of the line it is met, to the left missed."""
    rows = [(figure, target) for figure in report.figures for target in figure.targets]
    height = TOP + LINE * len(rows) + 12
    zero = _across(1.0)
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img">',
        "<title>Each target, and how far what was measured lies from it</title>",
        f"<style>{STYLE}</style>",
        f'<rect class="ground" width="{WIDTH}" height="{height}"/>',
        *(_tick(times, height) for times in (0.1, 1.0, 10.0)),
        *(line for place, row in enumerate(rows) for line in _row(place, *row)),
        f'<line class="axis" x1="{zero}" x2="{zero}" y1="{TOP - 8}" y2="{height - 8}"/>',
        "</svg>",
    ]
    return "\n".join(lines) + "\n"


def draw(file: Path, report: Report) -> Path:
    """Write the picture; gives the file."""
    file.write_text(plot(report), encoding="utf-8")
    return file


def _row(place: int, figure: Figure, target: Target) -> Iterator[str]:
    y = TOP + LINE * place
    zero, end = _across(1.0), _across(target.reached)
    kind = "met" if target.is_met else "missed"
    left, width = min(zero, end), max(1.0, abs(end - zero))
    about = escape(f"{figure.name}: {short(target.ratio)} {target.name}")
    yield f'<text x="8" y="{y + 13}">{about} <tspan class="dim">({escape(target.wanted)})</tspan></text>'
    yield f'<rect class="{kind}" x="{left:.1f}" y="{y + 2}" width="{width:.1f}" height="{LINE - 8}" rx="2"/>'


def _tick(times: float, height: int) -> str:
    x = _across(times)
    words = "the target" if times == 1 else f"{times:g} times as good"
    return (
        f'<text class="dim" x="{x}" y="18" text-anchor="middle">{words}</text>'
        f'<line class="axis" stroke-dasharray="2 4" x1="{x}" x2="{x}" y1="{TOP - 12}" y2="{height - 8}"/>'
    )


def _across(times: float) -> float:
    """The place of a multiple of the target, from the left."""
    power = max(-DECADES, min(DECADES, math.log10(max(times, 1e-9))))
    half = (WIDTH - NAMES - 24) / 2
    return round(NAMES + half + power / DECADES * half, 1)
