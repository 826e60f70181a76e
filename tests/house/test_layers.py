"""Imports point down: the map of docs, held by reading the code."""

from __future__ import annotations

import ast
from graphlib import CycleError, TopologicalSorter

import pytest

from tests.house.sources import SERVER, Module, functions, imported, modules, server_modules

LAYERS = (
    ("__main__",),
    ("cli",),
    ("testing",),
    ("commands",),
    ("app",),
    ("installed",),
    ("web", "transfer"),
    ("opening",),
    ("interact", "pages"),
    ("reviews",),
    ("fields", "house", "record", "soundness", "visits"),
    ("doing",),
    ("sites",),
    ("widgets", "people", "moderation", "live"),
    ("store",),
    ("plugins",),
    ("settings", "identity", "markup"),
    ("vocabulary",),
    ("errors", "ids"),
)
"""From the top; a room imports from rows below its own, and from itself."""

HEIGHT = {room: len(LAYERS) - row for row, rooms in enumerate(LAYERS) for room in rooms}
SAME_ROOM = {"demo": "commands"}
"""What `transom demo` brings along is part of that command."""

WIDGETS_MAY_USE = {"vocabulary", "errors"}
BOTTOM = {"settings", "identity", "markup"}
BOTTOM_MAY_USE = {"errors", "vocabulary", "ids"}


def test_every_module_lives_in_a_room_of_the_map() -> None:
    homeless = [
        module.place for module in server_modules().values() if room_of(module.name) not in {*HEIGHT, ""}
    ]

    assert homeless == []


def test_imports_point_down() -> None:
    wrong = [
        f"{module.place}:{line} imports {target}"
        for module, target, line in edges()
        if not may_import(module.name, target)
    ]

    assert wrong == []


def test_the_layer_rule_refuses_upward_sideways_and_foreign_widget_imports() -> None:
    assert may_import("widget_server.web.page", "widget_server.interact")
    assert may_import("widget_server.store.sqlite", "widget_server.store.database")
    assert not may_import("widget_server.store.sites", "widget_server.people.tokens")
    assert not may_import("widget_server.people.tokens", "widget_server.moderation.pipeline")
    assert not may_import("widget_server.markup.markdown", "widget_server.identity")
    assert may_import("widget_server.widgets.like.widget", "widget_server.widgets.base")
    assert not may_import("widget_server.widgets.like.widget", "widget_server.widgets.comments")
    assert not may_import("widget_server.widgets.like.widget", "widget_server.ids")


def test_no_imports_go_in_circles() -> None:
    graph: dict[str, set[str]] = {}
    for module, target, _ in edges():
        graph.setdefault(module.name, set()).add(target)

    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        pytest.fail(" -> ".join(error.args[1]))


def test_nothing_is_imported_inside_a_function() -> None:
    late = [
        f"{module.place}:{node.lineno}"
        for module in (*modules(SERVER), *modules("sdk/transom"))
        for function in functions(module)
        for node in ast.walk(function)
        if isinstance(node, ast.Import | ast.ImportFrom)
    ]

    assert late == []


@pytest.mark.parametrize(
    "folder", ["widget_server", "sdk/transom", "tools", "benchmarks", "tests", "examples"]
)
def test_annotations_are_postponed_before_anything_else(folder: str) -> None:
    late = [module.place for module in modules(folder) if not postpones_annotations_first(module)]

    assert late == []


def postpones_annotations_first(module: Module) -> bool:
    """Whether the future import is a module's first statement; a module of prose alone needs none."""
    body = module.tree.body[1:] if ast.get_docstring(module.tree) is not None else module.tree.body
    if not body:
        return True
    first = body[0]
    return isinstance(first, ast.ImportFrom) and first.module == "__future__"


def edges() -> list[tuple[Module, str, int]]:
    """Every import of one of the server's modules by another: who, whom, on which line."""
    known = frozenset(server_modules())
    return [
        (module, target, line)
        for module in server_modules().values()
        for target, line in imported(module, known)
        if target not in {SERVER, module.name}
    ]


def may_import(importer: str, target: str) -> bool:
    """The rule itself."""
    above, below = room_of(importer), room_of(target)
    if above == "widgets":
        own = ".".join(importer.split(".")[:3])
        inside = target in {f"{SERVER}.widgets.base", own} or target.startswith(f"{own}.")
        return inside or below in WIDGETS_MAY_USE
    if above == below:
        return True
    if above in BOTTOM:
        return below in BOTTOM_MAY_USE
    return HEIGHT.get(above, 0) > HEIGHT.get(below, 0)


def room_of(name: str) -> str:
    """`store` for `widget_server.store.sqlite`; nothing for the package itself."""
    room = [*name.split("."), ""][1]
    return SAME_ROOM.get(room, room)
