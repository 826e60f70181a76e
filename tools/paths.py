"""Where things lie in this checkout."""

from __future__ import annotations

import os
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
CACHE = ROOT / ".make"
CONSTRAINTS = ROOT / "constraints.txt"
PYPROJECT = ROOT / "pyproject.toml"
EMBED = ROOT / "js_embed"
SERVER = ROOT / "widget_server"
STATIC = SERVER / "web" / "static"
MODULE = STATIC / "transom.js"
WIDGETS = ROOT / "widget_server" / "widgets"
MODULES = (MODULE, STATIC / "live.js", STATIC / "own.js")
VENV = ROOT / ".venv"


def python_of(venv: Path) -> Path:
    """The interpreter of a virtual environment."""
    return venv / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def program_of(venv: Path, name: str) -> Path:
    """A command that a package put into a virtual environment."""
    return venv / (f"Scripts/{name}.exe" if os.name == "nt" else f"bin/{name}")
