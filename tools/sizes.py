"""Holds the browser modules to their budgets and prints what they weigh.

Usage: python -m tools.sizes
"""

from __future__ import annotations

import gzip
import sys

import brotli

from tools.paths import MODULES, ROOT

# Bytes as a browser receives them, by gzip and by Brotli: what a server sends at most.
BUDGETS = dict(zip(MODULES, ((3_750, 3_350), (2_400, 2_100), (1_400, 1_250)), strict=True))

ALL = 5_000
"""Bytes of gzip of the module that every page loads and the scripts of all other widgets, taken as one module."""

ALONE = {"passages": 3_900}
"""Bytes of gzip of what is a program of its own, and loaded only where a page has that widget."""


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
    scripts = {
        path.parent.name: path.read_bytes() for path in sorted(ROOT.glob("widget_server/widgets/*/script.js"))
    }
    for name, most in ALONE.items():
        size = len(gzip.compress(scripts.pop(name), 9, mtime=0))
        print(f"{name:<22}{size:>8,}{most:>8,}{most - size:>8,}")
        is_broken |= size > most
    together = len(gzip.compress(b"".join([MODULES[0].read_bytes(), *scripts.values()]), 9, mtime=0))
    print(f"all widgets, as one   {together:>8,}{ALL:>8,}{ALL - together:>8,}")
    return int(is_broken or together > ALL)


if __name__ == "__main__":
    sys.exit(main())
