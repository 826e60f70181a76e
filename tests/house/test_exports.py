"""An `__init__` names what is public, and nothing else."""

from __future__ import annotations

import ast
import importlib

from tests.house.sources import Module, modules


def test_a_package_lists_exactly_the_names_that_it_imports() -> None:
    wrong = {}
    for package in packages():
        offered = {alias.asname or alias.name for node in imports_of(package) for alias in node.names}
        listed = set(assigned_list(package))
        difference = (offered | ({"__version__"} & listed)) ^ listed
        if difference or others_in(package):
            wrong[package.name] = [*difference, *map(ast.unparse, others_in(package))]

    assert wrong == {}


def test_every_listed_name_can_be_had() -> None:
    missing = [
        f"{package.name}.{name}"
        for package in packages()
        for name in assigned_list(package)
        if not hasattr(importlib.import_module(package.name), name)
    ]

    assert missing == []


def packages() -> list[Module]:
    """Every `__init__` that other people import from."""
    found = (*modules("widget_server"), *modules("sdk/transom"))
    return [module for module in found if module.path.name == "__init__.py"]


def imports_of(package: Module) -> list[ast.ImportFrom]:
    """What a package takes from its modules."""
    return [
        node for node in package.tree.body if isinstance(node, ast.ImportFrom) and node.module != "__future__"
    ]


def assigned_list(package: Module) -> list[str]:
    """`__all__`, or nothing where a package offers nothing by itself."""
    for node in package.tree.body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__":
            names: list[str] = ast.literal_eval(node.value)
            return names
    return []


def others_in(package: Module) -> list[ast.stmt]:
    """Statements that have no place in an `__init__`."""
    return [
        node
        for node in package.tree.body
        if not isinstance(node, ast.ImportFrom)
        and not (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant))
        and not (isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) in {"__all__", "__version__"})
    ]
