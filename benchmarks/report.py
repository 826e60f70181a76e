"""Figures as a table for people and as JSON for comparison."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

Facts = Mapping[str, str | int]


@dataclass(frozen=True, slots=True)
class Target:
    """A ratio, and what it should be."""

    name: str
    ratio: float
    at_least: float | None = None
    at_most: float | None = None

    @property
    def is_met(self) -> bool:
        """Whether the ratio is where it should be."""
        low = self.at_least is None or self.ratio >= self.at_least
        return low and (self.at_most is None or self.ratio <= self.at_most)

    def __str__(self) -> str:
        """One line of the table."""
        wanted = f"at least {self.at_least:g}" if self.at_least is not None else f"at most {self.at_most:g}"
        return f"{_short(self.ratio)} {self.name} ({wanted}: {'met' if self.is_met else 'MISSED'})"


@dataclass(frozen=True, slots=True)
class Figure:
    """What was measured: of Transom, of the floor and of Isso, where each of them has it."""

    name: str
    unit: str
    transom: float
    floor: float | None
    isso: float | None
    targets: Sequence[Target] = ()


def show(figures: Sequence[Figure], facts: Facts) -> str:
    """The table."""
    lines = [*(f"{name.replace('_', ' ')}: {value}" for name, value in facts.items()), ""]
    lines += [f"{'':<30}{'floor':>10}{'Transom':>10}{'Isso':>10}     ratio"]
    return "\n".join([*lines, *(line for figure in figures for line in _lines(figure))])


def save(file: Path, figures: Sequence[Figure], facts: Facts) -> Path:
    """Write the figures down; gives the file."""
    file.parent.mkdir(parents=True, exist_ok=True)
    measured = [asdict(figure) | {"met": all(each.is_met for each in figure.targets)} for figure in figures]
    file.write_text(
        json.dumps({**facts, "figures": measured}, indent=1, default=str) + "\n", encoding="utf-8"
    )
    return file


def _lines(figure: Figure) -> Iterator[str]:
    name = (
        f"{figure.name} ({figure.unit.removeprefix('/')})" if figure.unit == "ms" else f"{figure.name} (/s)"
    )
    values = "".join(f"{_short(each):>10}" for each in (figure.floor, figure.transom, figure.isso))
    first, *others = figure.targets or ("",)
    yield f"{name:<30}{values}     {first}".rstrip()
    yield from (f"{'':<65}{other}" for other in others)


def _short(value: float | None) -> str:
    if value is None:
        return "-"
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"  # noqa: PLR2004 - three digits are what is known
