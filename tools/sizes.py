"""Holds the browser module to its budget and prints what it weighs.

Usage: python -m tools.sizes
"""

from __future__ import annotations

import gzip
import sys

import brotli

from tools.paths import MODULE

# Bytes as a browser receives them; what a server sends at most.
GZIP_BUDGET = 3_500
BROTLI_BUDGET = 3_000


def main() -> int:
    """Print the table; 1 where a budget is broken."""
    module = MODULE.read_bytes()
    rows = [
        ("gzip -9", len(gzip.compress(module, 9, mtime=0)), GZIP_BUDGET),
        ("brotli 11", len(brotli.compress(module, quality=11)), BROTLI_BUDGET),
    ]
    print(f"{MODULE.name:<12}{'bytes':>8}{'budget':>8}{'left':>8}")
    print(f"{'plain':<12}{len(module):>8,}{'':>8}{'':>8}")
    for name, size, budget in rows:
        print(f"{name:<12}{size:>8,}{budget:>8,}{budget - size:>8,}{'' if size <= budget else '  too large'}")
    return int(any(size > budget for _, size, budget in rows))


if __name__ == "__main__":
    sys.exit(main())
