"""Finds a Chromium for the tests, fetching one where the machine has none; prints its path.

Usage: python -m tools.browser
In this order: $TRANSOM_CHROMIUM, the machine's own, Playwright's, Debian's package where we are root.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from tools.paths import ROOT

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
APPLICATIONS = (
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
)
PLAYWRIGHT_PATH = (
    "from playwright.sync_api import sync_playwright as p\nwith p() as it: print(it.chromium.executable_path)"
)
NONE = """\
No Chromium for the browser tests. Any one of these helps:
  - install Chromium or Google Chrome, so that `chromium` or `google-chrome` is on the PATH
    (Debian, Ubuntu: apt-get install chromium)
  - name one: TRANSOM_CHROMIUM=/path/to/chromium make test
  - give this machine a way to Playwright's downloads, then: make test
To leave the browser's tests out: .venv/bin/python -m pytest --ignore=tests/e2e
"""


def main() -> int:
    """Print the browser's path; 1 with what to do on stderr where none can be had."""
    named = os.environ.get("TRANSOM_CHROMIUM")
    if named and not _starts(named):
        print(f"TRANSOM_CHROMIUM names {named}, which does not start.", file=sys.stderr)
        return 1
    found = named or find()
    if not found:
        print(NONE, file=sys.stderr)
        return 1
    print(found)
    return 0


def find() -> str | None:
    """The first browser that starts, fetching one only where none is there."""
    return present() or _first(_fetched_by_playwright, _debian)


def present() -> str | None:
    """The first browser that is here already and starts."""
    return _first(_machine, _playwright)


def _first(*sources: Callable[[], Iterator[str]]) -> str | None:
    return next((path for source in sources for path in source() if _starts(path)), None)


def _machine() -> Iterator[str]:
    yield from (path for name in NAMES if (path := shutil.which(name)))
    yield from (path for path in APPLICATIONS if Path(path).exists())


def _playwright() -> Iterator[str]:
    answer = _quietly(sys.executable, "-c", PLAYWRIGHT_PATH)
    if answer:
        yield answer


def _fetched_by_playwright() -> Iterator[str]:
    print(
        "No Chromium on this machine: asking Playwright for its own (some 150 MB).",
        file=sys.stderr,
        flush=True,
    )
    if _fetch(sys.executable, "-m", "playwright", "install", "chromium"):
        yield from _playwright()


def _debian() -> Iterator[str]:
    if shutil.which("apt-get") and hasattr(os, "geteuid") and os.geteuid() == 0:
        print("Playwright's cannot be had or does not start: asking apt-get.", file=sys.stderr, flush=True)
        _fetch("apt-get", "update", "-qq")
        if _fetch("apt-get", "install", "-y", "-qq", "--no-install-recommends", "chromium"):
            yield from _machine()


def _starts(path: str) -> bool:
    """Ubuntu's `chromium-browser` may be a stub, and a download may miss the system's libraries."""
    return "chrom" in (_quietly(path, "--version") or "").lower()


def _quietly(*command: str) -> str | None:
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True, cwd=ROOT)
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout.strip()


def _fetch(*command: str) -> bool:
    """Run a download; where it fails, tell the one line that says why."""
    try:
        subprocess.run(command, capture_output=True, text=True, timeout=1200, check=True, cwd=ROOT)
    except subprocess.CalledProcessError as error:
        said = [line for line in f"{error.stderr}\n{error.stdout}".splitlines() if "error" in line.lower()]
        print(f"  {command[0]}: {said[0] if said else error}", file=sys.stderr)
    except (OSError, subprocess.SubprocessError) as error:
        print(f"  {error}", file=sys.stderr)
    else:
        return True
    return False


if __name__ == "__main__":
    sys.exit(main())
