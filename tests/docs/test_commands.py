"""What a page says that it runs does what the page says."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.docs.blocks import agrees, run, steps, steps_of
from tests.docs.conftest import Demo
from tools.docs import kept_pages
from tools.paths import ROOT

TUTORIALS = ROOT / "docs" / "tutorial"
PAGES = {
    page.relative_to(ROOT).as_posix(): page
    for page in kept_pages()
    if steps(page)
    and TUTORIALS not in page.parents  # tests/examples follows those, with servers of their own
}


@pytest.mark.parametrize("name", PAGES)
def test_the_commands_of_a_page_answer_what_the_page_shows(name: str, demo: Demo) -> None:
    wanted = steps(PAGES[name])
    if any("curl" in step.command for step in wanted) and shutil.which("curl") is None:
        pytest.skip("this page's commands need curl, which is not on this machine")
    port = str(demo.port)
    moved = [
        type(step)(step.command.replace("8400", port), step.shown and step.shown.replace("8400", port))
        for step in wanted
    ]
    said = run(moved, demo.folder, demo.environment)

    assert [
        (step.command, answer)
        for step, answer in zip(moved, said, strict=True)
        if step.shown is not None and not agrees(step.shown, answer)
    ] == []


def test_the_readme_and_the_how_tos_have_commands_that_run() -> None:
    assert {"README.md", "docs/how-to/back-up.md", "docs/explanation/privacy.md"} <= set(PAGES)


def test_a_block_is_read_as_commands_and_their_output() -> None:
    first, second, third = steps_of("$ one \\\n  two\nsaid\n\n$ three\n$ four\n…\nend\n")

    assert (first.command, first.shown) == ("one \\\n  two", "said")
    assert (second.command, second.shown) == ("three", None)
    assert agrees(third.shown or "", "anything\nat all\nend")
    assert not agrees(third.shown or "", "anything\nat all\nnot the end")


def test_a_command_that_fails_is_a_fault_of_the_page(tmp_path: Path) -> None:
    with pytest.raises(AssertionError, match="no such thing"):
        run(list(steps_of("$ echo no such thing; false\n$ echo two\n")), tmp_path, {"PATH": ""})
