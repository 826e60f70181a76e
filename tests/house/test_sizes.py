"""A module fits in the head."""

from __future__ import annotations

import pytest

from tests.house.sources import OURS, ROOT, functions, modules

MODULE_LINES = 300
FUNCTION_LINES = 40


@pytest.mark.parametrize("folder", OURS)
def test_modules_have_at_most_300_lines(folder: str) -> None:
    lengths = {module.place: len(module.text.splitlines()) for module in modules(folder)}

    assert {place: lines for place, lines in lengths.items() if lines > MODULE_LINES} == {}


@pytest.mark.parametrize("folder", [folder for folder in OURS if folder != "tests"])
def test_functions_have_at_most_40_lines(folder: str) -> None:
    lengths = {
        f"{module.place}:{function.lineno} {function.name}": (function.end_lineno or 0) - function.lineno + 1
        for module in modules(folder)
        for function in functions(module)
    }

    assert {place: lines for place, lines in lengths.items() if lines > FUNCTION_LINES} == {}


def test_modules_of_the_browser_half_have_at_most_300_lines() -> None:
    sources = (ROOT / "js_embed" / "src").rglob("*.ts")
    lengths = {path.name: len(path.read_text(encoding="utf-8").splitlines()) for path in sources}

    assert {name: lines for name, lines in lengths.items() if lines > MODULE_LINES} == {}
