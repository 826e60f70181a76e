"""Reads a plug-in's source, and tells what it imports."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Iterator
from types import ModuleType

VOCABULARY = ("widget_server.vocabulary", "widget_server.errors")


def foreign(module: ModuleType, *more: str) -> list[str]:
    """The modules of the server that a plug-in imports, but for the vocabulary, the errors and these."""
    allowed = (*VOCABULARY, *more)
    names = set(_imported(inspect.getsource(module)))
    return sorted(name for name in names if name.startswith("widget_server") and not name.startswith(allowed))


def _imported(source: str) -> Iterator[str]:
    """The modules that a source imports."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module or ""
