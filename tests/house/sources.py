"""The repository's Python, parsed once, and what the house's tests ask of it."""

from __future__ import annotations

import ast
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
SERVER = "widget_server"
OURS = ("widget_server", "sdk/transom", "tools", "benchmarks", "tests")


@dataclass(frozen=True, slots=True)
class Module:
    """One file: its place, its dotted name from the folder that is on the path, its text and tree."""

    path: Path
    name: str
    text: str
    tree: ast.Module

    @property
    def place(self) -> str:
        """The path from the repository's root, as an error message shows it."""
        return self.path.relative_to(ROOT).as_posix()


@cache
def kept() -> tuple[Path, ...]:
    """Every file that the repository keeps, or would: what git does not ignore."""
    listing = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(listing, check=True, capture_output=True, text=True, cwd=ROOT).stdout.splitlines()
    return tuple(path for name in sorted(set(names)) if (path := ROOT / name).is_file())


@cache
def modules(folder: str) -> tuple[Module, ...]:
    """Every module below a folder of the repository; none where the folder is not there."""
    return tuple(_parse(path) for path in kept() if path.suffix == ".py" and (ROOT / folder) in path.parents)


def server_modules() -> dict[str, Module]:
    """The server's modules by dotted name."""
    return {module.name: module for module in modules(SERVER)}


def functions(module: Module) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    """Every function and method of a module, nested ones too."""
    return (
        node for node in ast.walk(module.tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    )


def imported(module: Module, known: frozenset[str]) -> Iterator[tuple[str, int]]:
    """Which of the known modules a module imports, and where; `from a import b` is `a.b` if that is one."""
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Import):
            yield from ((alias.name, node.lineno) for alias in node.names if alias.name in known)
        elif isinstance(node, ast.ImportFrom) and node.module in known:
            for alias in node.names:
                below = f"{node.module}.{alias.name}"
                yield (below if below in known else node.module), node.lineno


def docstrings(tree: ast.Module) -> set[int]:
    """The ids of the nodes that are prose: docstrings, and strings that stand alone as notes."""
    return {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}


def _parse(path: Path) -> Module:
    text = path.read_text(encoding="utf-8")
    parts = path.relative_to(ROOT).with_suffix("").parts
    named = parts[1:] if parts[0] == "sdk" else parts
    return Module(path, ".".join(named).removesuffix(".__init__"), text, ast.parse(text, filename=str(path)))
