"""Makes `.venv` and keeps it equal to what pyproject.toml and constraints.txt ask for.

Usage: python -m tools.environment runtime|test|dev
A stamp in the environment holds a digest of what was asked for, so that a second run touches neither pip nor
the network.
"""

from __future__ import annotations

import hashlib
import importlib.util
import json
import subprocess
import sys
import tomllib
import venv
from pathlib import Path
from typing import Any

from tools.paths import CONSTRAINTS, PYPROJECT, ROOT, VENV, python_of

LEVELS: dict[str, tuple[str, ...]] = {"runtime": (), "test": ("test",), "dev": ("test", "dev")}
STAMP = VENV / "transom-stamp.json"
OWN = (".", "sdk")


def main(level: str) -> int:
    """Bring the environment up to a level; 0, or 1 with the reason on stderr."""
    wanted = digest(level)
    if _stamps().get(level) == wanted:
        return 0
    print(
        f"Setting up .venv for {level} with Python {sys.version.split()[0]}: done once, then kept.",
        flush=True,
    )
    try:
        if not _usable():
            create(VENV)
        install(python_of(VENV), requirements(level))
        own = [str(ROOT / name) for name in OWN if (ROOT / name / "pyproject.toml").is_file()]
        editable = [argument for path in own for argument in ("--editable", path)]
        _pip(python_of(VENV), "--no-deps", "--no-build-isolation", *editable)
    except (OSError, subprocess.CalledProcessError, RuntimeError) as error:
        print(f"Set-up failed: {error}", file=sys.stderr)
        return 1
    levels = list(LEVELS)
    below = levels[: levels.index(level) + 1]
    STAMP.write_text(json.dumps(_stamps() | {name: digest(name) for name in below}, indent=1))
    return 0


def requirements(level: str) -> list[str]:
    """What a level needs from others, and hatchling, which installs our own packages without a download."""
    project = _pyproject()
    needed = [*project["build-system"]["requires"], *project["project"]["dependencies"]]
    for group in LEVELS[level]:
        needed += project["dependency-groups"][group]
    return needed


def extra(name: str) -> list[str]:
    """What an extra of the server's needs besides."""
    needed: list[str] = _pyproject()["project"]["optional-dependencies"][name]
    return needed


def digest(level: str) -> str:
    """Changes when the environment must be installed again: other needs, pins, place or Python."""
    project = _pyproject()
    sdk = ROOT / "sdk" / "pyproject.toml"
    facts = [
        requirements(level),
        {key: project["project"].get(key) for key in ("name", "scripts", "entry-points")},
        CONSTRAINTS.read_text() if CONSTRAINTS.is_file() else "",
        sdk.read_text() if sdk.is_file() else "",
        str(ROOT),
        list(sys.version_info[:2]),
    ]
    return hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()


def create(folder: Path) -> None:
    """Make an empty environment with pip in it."""
    if importlib.util.find_spec("ensurepip"):
        venv.create(folder, with_pip=True, clear=True, symlinks=sys.platform != "win32")
    elif importlib.util.find_spec("pip"):
        venv.create(folder, with_pip=False, clear=True, symlinks=sys.platform != "win32")
        _run(sys.executable, "-m", "pip", "--python", str(python_of(folder)), "install", "--quiet", "pip")
    else:
        version = f"{sys.version_info.major}.{sys.version_info.minor}"
        raise RuntimeError(
            f"{sys.executable} has neither ensurepip nor pip, so it cannot fill a virtual environment. "
            f"On Debian or Ubuntu: apt-get install python{version}-venv"
        )


def install(python: Path, wanted: list[str]) -> None:
    """Install distributions at the versions that constraints.txt names."""
    pins = ["--constraint", str(CONSTRAINTS)] if CONSTRAINTS.is_file() else []
    _pip(python, *pins, *wanted)


def _pip(python: Path, *arguments: str) -> None:
    _run(str(python), "-m", "pip", "install", "-qq", "--disable-pip-version-check", *arguments)


def _run(*command: str) -> None:
    subprocess.run(command, check=True, cwd=ROOT)


def _usable() -> bool:
    """Whether `.venv` is there, made by this Python's minor version, and has not been moved or broken."""
    if not python_of(VENV).exists():
        return False
    probe = "import sys, pip; print(*sys.version_info[:2])"
    answer = subprocess.run([str(python_of(VENV)), "-c", probe], capture_output=True, text=True, check=False)
    moved = str(VENV) not in (VENV / "pyvenv.cfg").read_text() and STAMP.exists()
    return answer.stdout.split() == [str(part) for part in sys.version_info[:2]] and not moved


def _stamps() -> dict[str, str]:
    if not STAMP.is_file() or not python_of(VENV).exists():
        return {}
    stamps: dict[str, str] = json.loads(STAMP.read_text())
    return stamps


def _pyproject() -> dict[str, Any]:
    with PYPROJECT.open("rb") as file:
        return tomllib.load(file)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
