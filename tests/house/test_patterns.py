"""No pattern that reads a request can take for ever: no unbounded repeat inside an unbounded repeat."""

from __future__ import annotations

import ast
import importlib
import re
from collections.abc import Iterator
from typing import Any

import pytest

from tests.house.sources import SERVER, Module, functions, modules

MANY = 25
"""A repeat of more than this counts as unbounded."""

MAKERS = {"compile", "match", "fullmatch", "search", "sub", "subn", "split", "findall", "finditer"}
parser = importlib.import_module("re._parser")  # the module behind `re`; its public name is deprecated


def test_no_pattern_of_the_server_nests_repeats() -> None:
    found = [each for module in modules(SERVER) for each in (*written(module), *compiled(module))]

    assert found
    assert [place for place, pattern in found if nests(pattern)] == []


def test_no_pattern_is_put_together_while_a_request_is_served() -> None:
    hidden = [
        f"{module.place}:{node.lineno}"
        for module in modules(SERVER)
        for function in functions(module)
        for node in ast.walk(function)
        if isinstance(node, ast.Call) and is_maker(node.func) and not isinstance(node.args[0], ast.Constant)
    ]

    assert hidden == []


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        (r"(a+)+$", True),
        (r"(?:[a-z]+\.?)*@", True),
        (r"([^/]+/?){2,}x", True),
        (r"(?=(\w+\s?)*$)", True),
        (r"(?:ab?){0,100}(?:c|d)*", False),
        (r"(?:a{1,40})+", True),
        (r"[a-z0-9-]{1,63}(?:\.[a-z]{2,10})?", False),
        (r"\s+|\d*", False),
        (r"(?>a+)+", False),
        (r"(?:a++b)*", False),
    ],
)
def test_a_repeat_inside_a_repeat_is_seen_unless_it_cannot_give_back(pattern: str, *, expected: bool) -> None:
    assert expected == nests(pattern)


def written(module: Module) -> Iterator[tuple[str, str | bytes]]:
    """Each literal pattern handed to `re`, with its place."""
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Call) and is_maker(node.func) and isinstance(node.args[0], ast.Constant):
            value = node.args[0].value
            if isinstance(value, str | bytes):
                yield f"{module.place}:{node.lineno}", value


def compiled(module: Module) -> Iterator[tuple[str, str | bytes]]:
    """Each pattern that a module holds once it is loaded, so those put together at import are read too."""
    for name, value in vars(importlib.import_module(module.name)).items():
        if isinstance(value, re.Pattern):
            yield f"{module.place} {name}", value.pattern


def is_maker(function: ast.expr) -> bool:
    """Whether this is `re.compile` or one of its kin, spelled out."""
    return (
        isinstance(function, ast.Attribute)
        and function.attr in MAKERS
        and isinstance(function.value, ast.Name)
        and function.value.id == "re"
    )


def nests(pattern: str | bytes) -> bool:
    """Whether an unbounded repeat that can give back stands inside another."""
    return _nested(parser.parse(pattern), inside=False)


def _nested(items: Any, *, inside: bool) -> bool:  # noqa: ANN401 - the parse tree of `re` has no types
    for operation, argument in items:
        unbounded = False
        match str(operation):
            case "MAX_REPEAT" | "MIN_REPEAT":
                unbounded = argument[1] > MANY
                if unbounded and inside:
                    return True
            case "ATOMIC_GROUP" | "POSSESSIVE_REPEAT":
                continue
        if any(_nested(below, inside=inside or unbounded) for below in subpatterns(argument)):
            return True
    return False


def subpatterns(argument: Any) -> Iterator[Any]:  # noqa: ANN401 - the parse tree of `re` has no types
    """The parts of an operation's argument that are patterns themselves."""
    if isinstance(argument, parser.SubPattern):
        yield argument
    elif isinstance(argument, list | tuple):
        for part in argument:
            yield from subpatterns(part)


def test_the_parser_is_the_one_that_re_uses() -> None:
    assert re.compile(r"a+").pattern == r"a+"
    assert str(parser.parse(r"a+")[0][0]) == "MAX_REPEAT"
