"""Checks that every relative link in the Markdown files leads to a file, and every anchor to a heading.

Usage: python -m tools.docs
"""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from urllib.parse import unquote

from tools.paths import ROOT

LINK = re.compile(r"\]\(([^()\s]+)\)")
FENCE = re.compile(r"^(`{3,}|~{3,})")
HEADING = re.compile(r"^#{1,6} +(.+)$")


def main() -> int:
    """Name each broken link; 1 where there is one."""
    listing = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "*.md"]
    names = subprocess.run(listing, check=True, capture_output=True, text=True, cwd=ROOT).stdout.splitlines()
    pages = [ROOT / name for name in names if (ROOT / name).is_file()]
    broken = [f"{page.relative_to(ROOT)}: {link}" for page in pages for link in dead_links(page)]
    print(
        "\n".join(f"leads nowhere: {entry}" for entry in broken)
        or f"{len(pages)} pages, every link leads somewhere"
    )
    return int(bool(broken))


def dead_links(page: Path) -> list[str]:
    """The links of a page that lead nowhere in this checkout; other sites' are not asked."""
    dead = []
    for link in LINK.findall("\n".join(prose(page))):
        if re.match(r"[a-z][a-z0-9+.-]*:", link):
            continue
        path, _, anchor = unquote(link).partition("#")
        target = (page.parent / path).resolve() if path else page
        if not target.exists() or (anchor and target.suffix == ".md" and anchor not in anchors(target)):
            dead.append(link)
    return dead


def anchors(page: Path) -> set[str]:
    """The ids that a forge gives to a page's headings."""
    titles = [found[1] for line in prose(page) if (found := HEADING.match(line))]
    return {re.sub(r"[^\w\- ]", "", title.lower()).strip().replace(" ", "-") for title in titles}


def prose(page: Path) -> list[str]:
    """A page's lines outside of fenced code."""
    lines, fenced = [], False
    for line in page.read_text(encoding="utf-8").splitlines():
        if FENCE.match(line.lstrip()):
            fenced = not fenced
        elif not fenced:
            lines.append(line)
    return lines


if __name__ == "__main__":
    sys.exit(main())
