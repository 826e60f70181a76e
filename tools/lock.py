"""Writes constraints.txt anew: the newest versions that fit pyproject.toml, by name and number alone.

Usage: python -m tools.lock
"""

from __future__ import annotations

import json
import subprocess
import tempfile
from pathlib import Path

from tools.environment import create, requirements
from tools.paths import CONSTRAINTS, ROOT, python_of

HEADER = """\
# The versions that everybody installs: `make setup` and `make check` hold to them.
# Written by `make lock`; a library's own needs stand in pyproject.toml.
"""
BROUGHT_BY_PYTHON = {"pip", "setuptools", "wheel"}


def main() -> None:
    """Resolve in an empty environment and write down what came."""
    with tempfile.TemporaryDirectory() as folder:
        create(Path(folder))
        python = str(python_of(Path(folder)))
        subprocess.run([python, "-m", "pip", "install", "-qq", *requirements("dev")], check=True, cwd=ROOT)
        listing = subprocess.run(
            [python, "-m", "pip", "list", "--format=json"], check=True, capture_output=True, text=True
        )
    found = {entry["name"].lower(): entry["version"] for entry in json.loads(listing.stdout)}
    pins = [f"{name}=={version}" for name, version in sorted(found.items()) if name not in BROUGHT_BY_PYTHON]
    CONSTRAINTS.write_text(HEADER + "\n".join(pins) + "\n")
    print(f"{CONSTRAINTS.name}: {len(pins)} versions")


if __name__ == "__main__":
    main()
