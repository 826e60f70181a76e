"""Measures Transom beside the bare floor of its HTTP server and beside Isso and Waline, on the same data, in one run.

Usage: python -m benchmarks [--quick] [--only PARTS] [--without NAMES] [--reference]
       python -m benchmarks --show FILE [--markdown] [--into PAGE]
What is compared is measured in turns, so that whatever else the machine does falls on all alike; each figure is the
median of the rounds. Missing a target is no failure: the table says MISSED.
"""

from __future__ import annotations

import argparse
import datetime as dt
import os
import platform
import sqlite3
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from benchmarks import isso, live, report, waline
from benchmarks.lab import LEFT_OUT, Lab
from benchmarks.load import generator
from benchmarks.plot import draw
from benchmarks.reads import cached, counted, first, streamed
from benchmarks.report import RESULTS, Figure, Report
from benchmarks.soak import kept
from benchmarks.start import started
from benchmarks.writes import liked, mixed, posted

HERE = Path(__file__).resolve().parent
WORK = HERE / ".work"
SIZES = (100, 10_000, 1_000_000)
QUICK_SIZES = (100, 2_000)
QUICK_STREAMS = 200

Part = Callable[[Lab], Sequence[Figure]]
PARTS: Mapping[str, Part] = {
    "start": started,
    "first": lambda lab: first(lab, QUICK_SIZES if lab.rounds == 1 else SIZES),
    "reads": cached,
    "counts": counted,
    "posts": posted,
    "likes": liked,
    "mixed": mixed,
    "live": lambda lab: streamed(lab, QUICK_STREAMS if lab.rounds == 1 else live.STREAMS),
    "soak": lambda _: kept(RESULTS),
}
"""The parts of a run, in the order of the table."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure, print the table, keep the figures."""
    options = _options(arguments)
    if options.show is None:
        found = _measured(options)
        name = "reference" if options.reference else str(dt.datetime.now(dt.UTC).date())
        file = report.save(RESULTS / f"{name}.json", found)
        draw(file.with_suffix(".svg"), found)
    else:
        found = report.load(options.show)
    print(report.markdown(found) if options.markdown else report.table(found))
    for page in options.into:
        report.put(page, report.markdown(found))


def measure(lab: Lab, parts: Sequence[str], facts: report.Facts) -> Report:
    """The parts one after the other."""
    figures: list[Figure] = []
    for name in parts:
        begun = time.monotonic()
        figures += PARTS[name](lab)
        print(f"{name}: {time.monotonic() - begun:.0f} s", flush=True)
    return Report(facts, figures, lab.notes)


def _measured(options: argparse.Namespace) -> Report:
    seconds, rounds = (1, 1) if options.quick else (options.seconds, options.rounds)
    lab = Lab(
        WORK, seconds, rounds, options.connections, frozenset(_listed(options.without, LEFT_OUT.values()))
    )
    WORK.mkdir(exist_ok=True)
    return measure(lab, _listed(options.only, PARTS) or list(PARTS), _facts(lab))


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=int, default=3, help="of each measurement (default: 3)")
    parser.add_argument("--rounds", type=int, default=5, help="of each comparison (default: 5)")
    parser.add_argument("--connections", type=int, default=32, help="open at once (default: 32)")
    parser.add_argument(
        "--quick", action="store_true", help="one round of a second: to see that everything runs"
    )
    parser.add_argument("--only", default="", help=f"parts with commas between: {','.join(PARTS)}")
    parser.add_argument("--without", default="", help=f"leave out, of {','.join(LEFT_OUT.values())}")
    parser.add_argument("--reference", action="store_true", help="keep the figures as the reference")
    parser.add_argument(
        "--show", type=Path, metavar="FILE", help="print what a file holds instead of measuring"
    )
    parser.add_argument("--markdown", action="store_true", help="print the table as Markdown")
    parser.add_argument(
        "--into",
        type=Path,
        nargs="+",
        default=(),
        metavar="PAGE",
        help="put the table between its marks, as Markdown",
    )
    return parser.parse_args(arguments)


def _listed(text: str, known: object) -> Sequence[str]:
    names = [name for name in text.split(",") if name]
    unknown = set(names) - set(known)  # type: ignore[call-overload]
    if unknown:
        raise SystemExit(f"There is no {', '.join(sorted(unknown))}.")
    return names


def _facts(lab: Lab) -> report.Facts:
    """The machine and the manner, in words that name neither host nor owner."""
    peers = [f"{isso.WANTED[0]} by gunicorn with {isso.WORKERS} workers"] if lab.has(report.ISSO) else []
    peers += [
        f"{name}@{version} by Node" for name, version in waline.WANTED.items() if lab.has(report.WALINE)
    ]
    return {
        "machine": f"{os.cpu_count()} cores{_model()}, {platform.system()} {platform.machine()}",
        "python": platform.python_version(),
        "sqlite": sqlite3.sqlite_version,
        "compared_with": ", ".join(peers) or "nobody",
        "load": f"{generator()}, {lab.connections} connections, on the same machine",
        "seconds": lab.seconds,
        "rounds": lab.rounds,
    }


def _model() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return ""
    models = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return f" of {models[0]}" if models else ""


if __name__ == "__main__":
    main()
