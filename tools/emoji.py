"""Writes the server's table of emoji from Unicode's list (https://www.unicode.org/Public/emoji/latest/emoji-test.txt).

Usage: python -m tools.emoji PATH
"""

from __future__ import annotations

import sys
from pathlib import Path

from tools.paths import ROOT

TABLE = ROOT / "widget_server" / "markup" / "emoji.txt"

HEAD = (
    "# Every emoji that Unicode lists, in its fully qualified form, and the parts that are emoji by themselves.\n"
    "# © Unicode, Inc., under UNICODE-LICENSE.txt beside this file; written by `python -m tools.emoji`.\n"
)

KEPT = ("fully-qualified", "component")
"""The states of the lines that are kept; all other forms follow from these."""


def main(source: str) -> int:
    """Write the table."""
    found = sorted(emoji(Path(source).read_text(encoding="utf-8")))
    TABLE.write_text(HEAD + "\n".join(found) + "\n", encoding="utf-8")
    print(f"{TABLE.relative_to(ROOT)}: {len(found):,} emoji")
    return 0


def emoji(listed: str) -> set[str]:
    """The emoji of Unicode's list that have a line in the table."""
    found: set[str] = set()
    for line in listed.splitlines():
        points, _, about = line.partition("#")[0].partition(";")
        if about.strip() in KEPT:
            found.add("".join(chr(int(point, 16)) for point in points.split()))
    return found


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
