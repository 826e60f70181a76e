"""Holds the browser modules to their budgets and prints what they weigh.

Usage: python -m tools.sizes
"""

from __future__ import annotations

import gzip
import sys

import brotli

from tools.paths import MODULES

# Bytes as a browser receives them, by gzip and by Brotli: what a server sends at most.
BUDGETS = dict(zip(MODULES, ((3_500, 3_000), (2_400, 2_100)), strict=True))


def main() -> int:
    """Print the table; 1 where a budget is broken."""
    print(f"{'':<22}{'bytes':>8}{'budget':>8}{'left':>8}")
    is_broken = False
    for path, (by_gzip, by_brotli) in BUDGETS.items():
        module = path.read_bytes()
        rows = [
            ("gzip -9", len(gzip.compress(module, 9, mtime=0)), by_gzip),
            ("brotli 11", len(brotli.compress(module, quality=11)), by_brotli),
        ]
        print(f"{path.name:<12}{'plain':<10}{len(module):>8,}")
        for name, size, budget in rows:
            is_broken |= size > budget
            large = "" if size <= budget else "  too large"
            print(f"{'':<12}{name:<10}{size:>8,}{budget:>8,}{budget - size:>8,}{large}")
    return int(is_broken)


if __name__ == "__main__":
    sys.exit(main())
