"""Whether a server that is used for long keeps its memory: a mixed load, and what the process holds meanwhile.

Usage: python -m benchmarks.soak [--minutes N]
Nine in ten requests read one of many pages, so that the page cache is full and pages fall out of it; the others like or
comment. The memory may grow until the cache and the interpreter's own pools are full, and then no more. It is read
from /proc, so on Linux alone.
"""

from __future__ import annotations

import argparse
import random
import secrets
import tempfile
from collections.abc import Sequence
from pathlib import Path

from benchmarks import corpus, transom
from benchmarks.asking import get, path_of
from benchmarks.load import bear
from benchmarks.processes import free_port, resident

CACHE = 8_000_000
"""Bytes that the page cache may hold: little, so that it is full soon."""
PAGES = 2_000
STEP = 10
"""Seconds between two looks at the memory."""
REQUESTS = 40_000
"""Prepared for each step, and sent over and over; what an interaction does, it does once."""
MAY_GROW = 1.1
"""Times the memory after the first third: beyond that something leaks."""


def main() -> None:
    """Print the memory as it goes, and the verdict."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.soak", description=__doc__.splitlines()[0])
    parser.add_argument("--minutes", type=float, default=1.0, help="how long (default: 1)")
    minutes: float = parser.parse_args().minutes
    with tempfile.TemporaryDirectory() as folder:
        held = soak(Path(folder) / "data", max(3, round(minutes * 60 / STEP)))
    settled = held[len(held) // 3]
    growth = held[-1] / settled
    verdict = "keeps its memory" if growth <= MAY_GROW else "GROWS"
    print(
        f"\n{_mb(settled)} after a third, {_mb(held[-1])} at the end: {growth:.2f} times; the server {verdict}."
    )


def soak(data: Path, steps: int) -> Sequence[int]:
    """Bytes held after each step of a mixed load."""
    transom.fill(data, {size: corpus.thread(size) for size in (100, 1_000)})
    port = free_port()
    held = []
    print(f"{'seconds':>8}{'requests/s':>12}{'memory':>10}")
    with transom.transom(port, data, TRANSOM_CACHE_BYTES=str(CACHE)) as process:
        for step in range(1, steps + 1):
            load = bear(port, _mixed(port, step), connections=32, seconds=STEP)
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
        return transom.page((100, 1_000)[number // 10 % 2])
    query = {"subject": f"blog.example/soak/{number}", "widgets": "like,comments", "format": "fragments"}
    return path_of(f"/v1/{transom.SITE.id}/page", **query)


def _mb(size: int) -> str:
    return f"{size / 1e6:,.0f} MB"


if __name__ == "__main__":
    main()
