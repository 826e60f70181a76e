"""Builds and checks the browser half.

Usage: python -m tools.js ready|build|fix|lint|types|fresh
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

from tools import node
from tools.paths import EMBED, SERVER

BIOME = "node_modules/@biomejs/biome/bin/biome"
COMMANDS = {
    "build": ("build.mjs",),
    "fix": (BIOME, "check", "--write", "."),
    "lint": (BIOME, "check", "--error-on-warnings", "."),
    "types": ("node_modules/typescript/bin/tsc", "--noEmit"),
}


def main(act: str) -> int:
    """Run one act; its exit status."""
    program = node.ready()
    if act == "ready":
        return 0
    if act == "fresh":
        return fresh(program)
    return subprocess.run([program, *COMMANDS[act]], check=False, cwd=EMBED).returncode


def fresh(program: str) -> int:
    """Whether the committed modules are what the sources build to."""
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([program, "build.mjs", folder], check=True, cwd=EMBED, stdout=subprocess.DEVNULL)
        built = {path.relative_to(folder): path for path in Path(folder).rglob("*.js")}
        stale = [place for place, path in built.items() if not _is_fresh(SERVER / place, path)]
    for place in stale:
        print(f"{place} is not what js_embed/ builds to: run `make js` and commit it.", file=sys.stderr)
    return int(bool(stale))


def _is_fresh(module: Path, built: Path) -> bool:
    return module.is_file() and built.read_bytes() == module.read_bytes()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
