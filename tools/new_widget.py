"""Writes a further widget of ours: its package, its entry point, and tests where tests of widgets are.

Usage: python -m tools.new_widget NAME [--script] [--table]
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from tools.paths import ROOT
from widget_server.commands.drafting import Draft, checked_name, filled, widget_files, written
from widget_server.errors import TransomError
from widget_server.plugins import gather

GROUP = '[project.entry-points."transom.widgets"]\n'
UNUSED = "  # noqa: ARG002 - the contract's shape"
TESTS = {"contract": "contract", "http": "http", "e2e": "e2e"}
"""Where the tests go, below `tests`, and their drafts in tools/inside."""

LEFT = """
What is left to do, see CONTRIBUTING.md: de, es, fr and ar beside strings/en.json; `make docs`; its element in
docs/reference/elements.md and on the demo's page; a line in CHANGELOG.md."""


def main(arguments: Sequence[str]) -> int:
    """Write it; 1 with the reason on stderr where the name is none, or something is there already."""
    name = next((each for each in arguments if not each.startswith("-")), "")
    options = {each for each in arguments if each.startswith("-")}
    try:
        if unknown := options - {"--script", "--table"}:
            raise SystemExit(f"There is no option {min(unknown)}; there are --script and --table.")
        checked_name(name, [found.name for found in gather("transom.widgets")])
        new_widget(ROOT, name, script="--script" in options, table="--table" in options)
    except TransomError as error:
        print(error.detail, file=sys.stderr)
        return 1
    print(f"widget_server/widgets/{name.replace('-', '_')} and its tests are there.{LEFT}")
    return 0


def new_widget(root: Path, name: str, *, script: bool = False, table: bool = False) -> None:
    """Write all of it below the repository's root, or nothing."""
    draft = Draft(name, f"widget_server.widgets.{name.replace('-', '_')}", script, table)
    home = draft.package.replace(".", "/")
    texts = {f"{home}/{path}": text for path, text in widget_files(draft, unused=UNUSED).items()}
    for folder, source in TESTS.items():
        drafted = (ROOT / "tools" / "inside" / f"{source}.py.txt").read_text(encoding="utf-8")
        texts[f"tests/{folder}/test_{draft.word}.py"] = filled(drafted, draft)
    written(root, texts)
    project = root / "pyproject.toml"
    before, group, after = project.read_text(encoding="utf-8").partition(GROUP)
    point = f'{name} = "{draft.package}:{draft.class_name}"\n'
    project.write_text(before + group + point + after, encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
