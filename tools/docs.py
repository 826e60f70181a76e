"""Writes the reference's parts that the code tells, and checks that every link leads somewhere.

Usage: python -m tools.docs [--check]
A part stands between `<!-- made: NAME -->` and `<!-- end -->`; with `--check` nothing is written, and a part that
differs from the code is named.
"""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import unquote

from tools.paths import ROOT
from tools.reference import parts

LINK = re.compile(r"\]\(([^()\s]+)\)|(?:href|src|srcset)=\"([^\"]+)\"")
FENCE = re.compile(r"^(`{3,}|~{3,})")
HEADING = re.compile(r"^#{1,6} +(.+)$")
MADE = re.compile(r"(<!-- made: ([a-z ]+) -->\n).*?(<!-- end -->)", re.DOTALL)

REFERENCE = ROOT / "docs" / "reference"


def main(arguments: list[str]) -> int:
    """Write or check the reference, then check the links; 1 where something is wrong."""
    is_check = "--check" in arguments
    made = parts()
    stale = [page for page in sorted(REFERENCE.glob("*.md")) if not refreshed(page, made, keep=is_check)]
    if stale and is_check:
        names = ", ".join(page.name for page in stale)
        print(f"docs/reference is not what the code says: {names}; run `make docs` and commit it.")
    pages = kept_pages()
    broken = [f"{page.relative_to(ROOT)}: {link}" for page in pages for link in dead_links(page)]
    print(
        "\n".join(f"leads nowhere: {entry}" for entry in broken)
        or f"{len(pages)} pages, every link leads somewhere"
    )
    return int(bool(broken) or (is_check and bool(stale)))


def refreshed(page: Path, made: Mapping[str, str], *, keep: bool) -> bool:
    """Whether the page says what the code says; unless it is to be kept, it does so afterwards."""
    before = page.read_text(encoding="utf-8")
    after = MADE.sub(lambda found: f"{found[1]}\n{made[found[2]]}\n\n{found[3]}", before)
    if after != before and not keep:
        page.write_text(after, encoding="utf-8")
        print(f"wrote {page.relative_to(ROOT)}")
    return after == before


def kept_pages() -> list[Path]:
    """Every Markdown file that the repository keeps."""
    listing = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "*.md"]
    names = subprocess.run(listing, check=True, capture_output=True, text=True, cwd=ROOT).stdout.splitlines()
    return [ROOT / name for name in sorted(set(names)) if (ROOT / name).is_file()]


def dead_links(page: Path) -> list[str]:
    """The links of a page that lead nowhere in this checkout; other sites' are not asked."""
    dead = []
    for link in links(page):
        if re.match(r"[a-z][a-z0-9+.-]*:", link):
            continue
        path, _, anchor = unquote(link).partition("#")
        target = (page.parent / path).resolve() if path else page
        if not target.exists() or (anchor and target.suffix == ".md" and anchor not in anchors(target)):
            dead.append(link)
    return dead


def links(page: Path) -> list[str]:
    """Where a page's prose leads, and the pictures that it shows."""
    return [found[1] or found[2] for found in LINK.finditer("\n".join(prose(page)))]


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
    sys.exit(main(sys.argv[1:]))
