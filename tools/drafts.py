"""Writes widgets, for each combination of options, and lints and types them: others' and ours, each by its own rules.

Usage: python -m tools.drafts
"""

from __future__ import annotations

import itertools
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from tools.new_widget import new_widget
from tools.paths import PYPROJECT, ROOT
from widget_server.commands.drafting import LONGEST, Draft, distribution, written

NAMES = ("w", "photo-contest", "a" * LONGEST)
"""Names that give the shortest and the longest lines."""

CHECKS = (
    ("-m", "ruff", "check", "--quiet", "."),
    ("-m", "ruff", "format", "--diff", "--quiet", "."),
    ("-m", "mypy", "--no-error-summary"),
)

OURS = ((*CHECKS[0], "--ignore", "I001"), CHECKS[1])
"""What is ours and what is not, by which imports are sorted, cannot be told from the new files alone."""


def main() -> int:
    """Check them all; 1 where one is not as it should be."""
    failed: list[str] = []
    with tempfile.TemporaryDirectory() as folder:
        for name in NAMES:
            for script, table in itertools.product((False, True), repeat=2):
                draft = Draft(name, f"transom_{name.replace('-', '_')}", script, table)
                place = Path(folder) / f"{name} {script} {table}"
                failed += [f"{draft}: {check[2]}" for check in _broken(draft, place)]
    print(
        "\n".join(failed)
        or "what `transom plugin new` and `make new-widget` write is linted, formatted and typed"
    )
    return int(bool(failed))


def _broken(draft: Draft, place: Path) -> Iterator[tuple[str, ...]]:
    """The checks that do not hold for what is written."""
    written(place, distribution(draft))
    checks = CHECKS if draft.name == NAMES[0] else CHECKS[:2]  # a longer name changes no type
    yield from (check for check in checks if not _holds(check, place))
    ours = place / "ours"
    ours.mkdir()
    shutil.copy(PYPROJECT, ours)
    new_widget(ours, draft.name, script=draft.script, table=draft.table)
    yield from (check for check in OURS if not _holds(check, ours))


def _holds(check: tuple[str, ...], place: Path) -> bool:
    environment = {"MYPYPATH": str(ROOT), "PATH": "", "MYPY_CACHE_DIR": str(ROOT / ".mypy_cache" / "drafts")}
    return subprocess.run([sys.executable, *check], check=False, cwd=place, env=environment).returncode == 0


if __name__ == "__main__":
    sys.exit(main())
