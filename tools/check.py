"""Everything that can be said of the code without running its tests, step by step.

Usage: python -m tools.check [STEP…]
"""

from __future__ import annotations

import subprocess
import sys
import time

from tools.paths import ROOT

TYPED = ("widget_server", "sdk", "tests", "tools", "benchmarks")


def steps() -> dict[str, tuple[str, ...]]:
    """Each step's name and the arguments to Python that run it."""
    typed = [name for name in TYPED if (ROOT / name).is_dir()]
    return {
        "ruff check": ("-m", "ruff", "check", "--quiet", "."),
        "ruff format": ("-m", "ruff", "format", "--check", "--quiet", "."),
        "mypy --strict": ("-m", "mypy", "--strict", "--no-error-summary", *typed),
        "drafts": ("-m", "tools.drafts"),
        "biome": ("-m", "tools.js", "lint"),
        "tsc": ("-m", "tools.js", "types"),
        "fresh build": ("-m", "tools.js", "fresh"),
        "sizes": ("-m", "tools.sizes"),
        "docs": ("-m", "tools.docs", "--check"),
        "wheels": ("-m", "tools.wheels"),
    }


def main(chosen: list[str]) -> int:
    """Run the steps, all of them even where one fails; 1 where any did."""
    failed = []
    for name, arguments in steps().items():
        if chosen and name not in chosen:
            continue
        print(f"-- {name}", flush=True)
        start = time.monotonic()
        code = subprocess.run([sys.executable, *arguments], check=False, cwd=ROOT).returncode
        print(f"   {'ok' if code == 0 else 'FAILED'} after {time.monotonic() - start:.1f} s", flush=True)
        if code:
            failed.append(name)
    print(f"Failed: {', '.join(failed)}" if failed else "All checks hold.")
    return int(bool(failed))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
