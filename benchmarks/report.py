"""Figures and their targets: as a table for people, as Markdown for the documentation, as JSON for comparison."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

FLOOR, PLAIN = "floor", "plain"
ONE, TWO, POSTGRES = "Transom", "two", "PostgreSQL"
ISSO, WALINE = "Isso", "Waline"
RESULTS = Path(__file__).resolve().parent / "results"
"""Where figures are kept."""

COLUMNS = (FLOOR, PLAIN, ONE, TWO, POSTGRES, ISSO, WALINE)
"""Who is measured, in the table's order; `two` are two processes of Transom on one SQLite file."""

BEGIN, END = "<!-- measured -->", "<!-- end of what was measured -->"
MARKED = re.compile(f"{BEGIN}.*{END}", re.DOTALL)
"""The part of a page that a measurement writes."""

Facts = Mapping[str, str | int]


@dataclass(frozen=True, slots=True)
class Target:
    """A ratio or a bound, and what it should be."""

    name: str
    ratio: float
    at_least: float | None = None
    at_most: float | None = None

    @property
    def is_met(self) -> bool:
        """Whether the ratio is where it should be."""
        low = self.at_least is None or self.ratio >= self.at_least
        return low and (self.at_most is None or self.ratio <= self.at_most)

    @property
    def wanted(self) -> str:
        """The bound, in signs."""
        return f"≥ {self.at_least:g}" if self.at_least is not None else f"≤ {self.at_most:g}"

    @property
    def reached(self) -> float:
        """How much better than the bound it came out: 2 is twice as good, 0.5 half."""
        if self.at_least is not None:
            return self.ratio / self.at_least
        return (self.at_most or 0.0) / self.ratio if self.ratio else 1.0

    def __str__(self) -> str:
        """One line of the table."""
        return f"{short(self.ratio)} {self.name} ({self.wanted}: {'met' if self.is_met else 'MISSED'})"


@dataclass(frozen=True, slots=True)
class Figure:
    """What was measured, of each contestant that has it."""

    name: str
    unit: str
    values: Mapping[str, float]
    targets: Sequence[Target] = ()


@dataclass(frozen=True, slots=True)
class Report:
    """One run: its circumstances, its figures, and what else was seen."""

    facts: Facts
    figures: Sequence[Figure]
    notes: Sequence[str] = ()


def table(report: Report) -> str:
    """The table for a terminal."""
    lines = [*(f"{name.replace('_', ' ')}: {value}" for name, value in report.facts.items()), ""]
    lines += [f"{'':<36}" + "".join(f"{name:>11}" for name in COLUMNS)]
    for figure in report.figures:
        cells = "".join(f"{short(figure.values.get(name)):>11}" for name in COLUMNS)
        lines += [f"{titled(figure):<36}{cells}".rstrip(), *(f"{'':<8}{each}" for each in figure.targets)]
    return "\n".join([*lines, *_notes(report, "\n")])


def markdown(report: Report) -> str:
    """The same table for a page of the documentation; columns that nothing fills are left out."""
    used = [name for name in COLUMNS if any(name in figure.values for figure in report.figures)]
    facts = "; ".join(f"{name.replace('_', ' ')}: {value}" for name, value in report.facts.items())
    lines = [f"{facts[:1].upper()}{facts[1:]}.", ""]
    lines += [f"| | {' | '.join(used)} | ratio | target |", f"| --- |{' ---: |' * len(used)} --- | --- |"]
    for figure in report.figures:
        cells = " | ".join(short(figure.values[name]) if name in figure.values else "" for name in used)
        ratios = ", ".join(f"{short(each.ratio)} {each.name}" for each in figure.targets)
        lines.append(f"| {titled(figure)} | {cells} | {ratios} | {', '.join(_verdicts(figure))} |")
    return "\n".join([*lines, *_notes(report, "\n- ")])


def save(file: Path, report: Report) -> Path:
    """Write a run down; gives the file."""
    file.parent.mkdir(parents=True, exist_ok=True)
    measured = [asdict(each) | {"met": all(one.is_met for one in each.targets)} for each in report.figures]
    kept = {**report.facts, "figures": measured, "notes": list(report.notes)}
    file.write_text(json.dumps(kept, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    return file


def load(file: Path) -> Report:
    """A run that was written down."""
    kept: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    figures = [
        Figure(each["name"], each["unit"], each["values"], [Target(**one) for one in each["targets"]])
        for each in kept.pop("figures")
    ]
    notes = kept.pop("notes", ())
    return Report(kept, figures, notes)


def put(page: Path, text: str) -> None:
    """Put a text between the marks of a Markdown page."""
    before = page.read_text(encoding="utf-8")
    if not MARKED.search(before):
        raise SystemExit(f"{page} has no {BEGIN} … {END}.")
    page.write_text(MARKED.sub(lambda _: f"{BEGIN}\n{text}\n{END}", before), encoding="utf-8")


def titled(figure: Figure) -> str:
    """The name with its unit."""
    return f"{figure.name} ({figure.unit})"


def short(value: float | None) -> str:
    """Three digits, which is all that is known; `-` for nothing."""
    if value is None:
        return "-"
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"  # noqa: PLR2004 - three digits are what is known


def _verdicts(figure: Figure) -> Iterator[str]:
    for each in figure.targets:
        yield f"{each.wanted}: {'met' if each.is_met else '**missed**'}"


def _notes(report: Report, between: str) -> Iterator[str]:
    if report.notes:
        yield between.join(["", *report.notes])
