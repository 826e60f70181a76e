"""A fresh environment that has the server from its wheel, and others' packages from theirs."""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
import venv
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tools.paths import program_of, python_of

TIMEOUT = 900
"""Seconds for the tests of a package, on a machine that does much else."""


@dataclass(frozen=True, slots=True)
class Installed:
    """An environment of its own, and the folder in which its commands start."""

    folder: Path

    @property
    def venv(self) -> Path:
        """Where it is."""
        return self.folder / "venv"

    @property
    def environment(self) -> dict[str, str]:
        """What its programs get: nothing of this checkout, and the folder's data."""
        kept = {
            name: value for name, value in os.environ.items() if not name.startswith(("TRANSOM_", "PYTHON"))
        }
        path = os.pathsep.join([str(python_of(self.venv).parent), kept.get("PATH", "")])
        browser = {name: os.environ[name] for name in ("TRANSOM_CHROMIUM",) if name in os.environ}
        return {**kept, **browser, "PATH": path, "PYTHONDONTWRITEBYTECODE": "1"}

    def program(self, name: str) -> str:
        """A command of the environment."""
        return str(program_of(self.venv, name))

    def add(self, *wheels: Path) -> None:
        """Install wheels, without what they need."""
        _pip("--python", str(python_of(self.venv)), "install", "--no-deps", "--no-index", *map(str, wheels))

    def run(self, *arguments: str, cwd: Path | None = None) -> str:
        """Run a command of the environment; gives what it printed, fails with that where it fails."""
        command = [self.program(arguments[0]), *arguments[1:]]
        done = subprocess.run(
            command,
            cwd=cwd or self.folder,
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=TIMEOUT,
        )
        assert done.returncode == 0, f"{command}\n{done.stdout[-6000:]}\n{done.stderr[-3000:]}"
        return done.stdout


def wheel_of(project: Path, out: Path) -> Path:
    """A project's wheel, built without a download."""
    building = ["wheel", "--no-deps", "--no-build-isolation", "--no-index", "--wheel-dir", str(out)]
    _pip(*building, str(project))
    (wheel,) = out.glob("*.whl")
    return wheel


def installed(folder: Path, wheels: Sequence[Path]) -> Installed:
    """A fresh environment with these wheels; all that they need is this environment's, so nothing is fetched."""
    made = Installed(folder)
    venv.create(made.venv, with_pip=False, symlinks=os.name != "nt")
    made.add(*wheels)
    (packages,) = made.venv.glob("**/site-packages")
    # Packages beside those of the wheels; an editable install among them is not, since its `.pth` is not read.
    (packages / "others.pth").write_text(f"{sysconfig.get_path('purelib')}\n", encoding="utf-8")
    return made


def _pip(*arguments: str) -> None:
    command = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=TIMEOUT)
    assert done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}"
