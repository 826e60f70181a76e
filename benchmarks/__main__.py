"""Measures Transom beside the bare floor of its HTTP server and beside Isso, on the same data, in one run.

Usage: python -m benchmarks [--seconds N] [--rounds N] [--reference]
What is compared is measured in turns, so that whatever else the machine does falls on all alike; each figure is the
median of the rounds. Missing a target is no failure: the table says MISSED.
"""

from __future__ import annotations

import argparse
import datetime as dt
import os
import platform
import shutil
import sqlite3
from collections.abc import Sequence
from pathlib import Path

from benchmarks import corpus, isso, transom
from benchmarks.floor import floor
from benchmarks.load import generator
from benchmarks.measuring import Ports, Run, Size, cold, likes, posts, reads
from benchmarks.processes import free_port
from benchmarks.report import Figure, save, show

HERE = Path(__file__).resolve().parent
WORK = HERE / ".work"
RESULTS = HERE / "results"
SIZES: Sequence[Size] = (100, 1_000, 10_000)


def main() -> None:
    """Measure, print the table, keep the figures."""
    options = _options()
    threads = {size: corpus.thread(size) for size in SIZES}
    commands = isso.install(WORK / "isso-environment")
    ports = Ports(free_port(), free_port(), free_port())
    for folder in ("transom", "isso"):
        shutil.rmtree(WORK / folder, ignore_errors=True)
    transom.fill(WORK / "transom", threads)
    isso.fill(WORK / "isso", commands, threads, ports.isso)
    run = Run(
        ports, options.connections, options.seconds, options.rounds, [each.source for each in threads[100]]
    )
    with isso.isso(ports.isso, WORK / "isso", commands):
        figures = measure(run)
    facts = _facts(options)
    print(show(figures, facts))
    name = "reference" if options.reference else str(dt.datetime.now(dt.UTC).date())
    file = save(RESULTS / f"{name}.json", figures, facts)
    print(f"\nKept in {file.relative_to(HERE.parent)}.")


def measure(run: Run) -> Sequence[Figure]:
    """All figures, those that change nothing first."""
    with transom.transom(run.ports.transom, WORK / "transom", TRANSOM_CACHE_BYTES="0"):
        figures = [*cold(run, SIZES)]
    with transom.transom(run.ports.transom, WORK / "transom"):
        with floor(run.ports.floor, WORK, transom.answers(run.ports.transom, SIZES)):
            figures += reads(run, SIZES)
        figures += [likes(run), posts(run)]
    return figures


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=int, default=3, help="of each measurement (default: 3)")
    parser.add_argument("--rounds", type=int, default=5, help="of each comparison (default: 5)")
    parser.add_argument("--connections", type=int, default=32, help="open at once (default: 32)")
    parser.add_argument("--reference", action="store_true", help="keep the figures as the reference")
    return parser.parse_args()


def _facts(options: argparse.Namespace) -> dict[str, str | int]:
    """The machine and the manner, in words that name neither host nor owner."""
    return {
        "machine": f"{os.cpu_count()} cores, {platform.system()} {platform.machine()}",
        "python": platform.python_version(),
        "sqlite": sqlite3.sqlite_version,
        "compared_with": f"{isso.WANTED[0]} by gunicorn with {isso.WORKERS} workers",
        "load": f"{generator()}, {options.connections} connections",
        "seconds": options.seconds,
        "rounds": options.rounds,
    }


if __name__ == "__main__":
    main()
