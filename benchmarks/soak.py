"""Whether a server that is used for long keeps its memory: a mixed load, and what the process holds meanwhile.

Usage: python -m benchmarks.soak [--minutes N]
Nine in ten requests read one of many pages, so that the page cache is full and pages fall out of it; the others like or
comment. The memory may grow until the cache and the interpreter's own pools are full, and then no more. It is read
from /proc, so on Linux alone.
"""

from __future__ import annotations

import argparse
import json
import random
import secrets
import tempfile
from collections.abc import Sequence
from pathlib import Path
from statistics import median

from benchmarks import corpus, transom
from benchmarks.asking import get, path_of
from benchmarks.load import bear
from benchmarks.processes import resident
from benchmarks.report import ONE, RESULTS, Figure, Target
from tools.ports import free_port

CACHE = 8_000_000
"""Bytes that the page cache may hold: little, so that it is full soon."""
PAGES = 2_000
STEP = 10
"""Seconds between two looks at the memory."""
REQUESTS = 40_000
"""Prepared for each step, and sent over and over; what an interaction does, it does once."""
MAY_GROW = 1.05
"""Times the memory after five minutes, or after a third of a shorter run: beyond that something leaks."""
SETTLED = 5 * 60
FILE = "soak.json"


def main() -> None:
    """Print the memory as it goes, and the verdict, and keep it for the table of all figures."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.soak", description=__doc__.splitlines()[0])
    parser.add_argument("--minutes", type=float, default=1.0, help="how long (default: 1)")
    parser.add_argument("--connections", type=int, default=32, help="open at once (default: 32)")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        steps = max(3, round(options.minutes * 60 / STEP))
        held = soak(Path(folder) / "data", steps, options.connections)
    settled, last = held[min(SETTLED // STEP, len(held) // 3)], median(held[-3:])
    growth = last / settled
    found = {"minutes": options.minutes, "settled": settled / 1e6, "last": last / 1e6, "growth": growth}
    (RESULTS / FILE).write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    verdict = "keeps its memory" if growth <= MAY_GROW else "GROWS"
    print(f"\n{_mb(settled)} when settled, {_mb(last)} at the end: {growth:.3f} times; the server {verdict}.")


def kept(results: Path) -> Sequence[Figure]:
    """What the last soak found, where there was one."""
    file = results / FILE
    if not file.is_file():
        return []
    found = json.loads(file.read_text(encoding="utf-8"))
    target = Target("times that when settled", found["growth"], at_most=MAY_GROW)
    return [
        Figure(f"memory after {found['minutes']:g} minutes of load", "MB", {ONE: found["last"]}, [target])
    ]


def soak(data: Path, steps: int, connections: int = 32) -> Sequence[int]:
    """Bytes held after each step of a mixed load."""
    transom.fill(data, {str(size): corpus.thread(size) for size in (100, 1_000)})
    port = free_port()
    held = []
    print(f"{'seconds':>8}{'requests/s':>12}{'memory':>10}")
    with transom.transom(port, data, TRANSOM_CACHE_BYTES=str(CACHE)) as process:
        for step in range(1, steps + 1):
            load = bear(port, _mixed(port, step), connections=connections, seconds=STEP)
            held.append(resident(process))
            print(f"{step * STEP:>8}{load.rate:>12,.0f}{_mb(held[-1]):>10}", flush=True)
    return held


def _mixed(port: int, step: int) -> Sequence[bytes]:
    chance = random.Random(step)  # noqa: S311 - a load needs no secrets
    key = secrets.token_hex(10)
    few = REQUESTS // 20
    texts = [corpus.text(chance) for _ in range(50)]
    reads = [get(port, _page(chance.randrange(PAGES))) for _ in range(REQUESTS - 2 * few)]
    mixed = [*reads, *transom.likes(port, few, f"{key}l"), *transom.posts(port, few, f"{key}p", texts)]
    chance.shuffle(mixed)
    return mixed


def _page(number: int) -> str:
    """One of many pages: mostly without comments, and now and then the long thread."""
    if number % 10 == 0:
        return transom.page(("100", "1000")[number // 10 % 2])
    query = {"subject": f"blog.example/soak/{number}", "widgets": "like,comments", "format": "fragments"}
    return path_of(f"/v1/{transom.SITE.id}/page", **query)


def _mb(size: float) -> str:
    return f"{size / 1e6:,.0f} MB"


if __name__ == "__main__":
    main()
