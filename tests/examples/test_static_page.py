"""The tutorial, followed to the letter: an example's folder, its commands, and a reader's browser."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.async_api import Page, async_playwright, expect

from tests.docs.blocks import BLOCK, agrees, run, steps
from tests.docs.conftest import wait_for
from tools.paths import ROOT
from tools.ports import free_port

TUTORIAL = ROOT / "docs" / "tutorial" / "first-page.md"
EXAMPLE = ROOT / "examples" / "static_page"

SERVED = re.compile(BLOCK.pattern.replace("run", "serve"), BLOCK.flags)
QUOTED = re.compile(r"<!-- of the example -->\n+```html\n(.*?)^```", re.DOTALL | re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Followed:
    """Where the tutorial has led: the page's address, and a folder in which its commands go on."""

    page: str
    folder: Path
    environment: dict[str, str]
    moved: dict[str, str]


@pytest.fixture
def followed(tmp_path: Path) -> Iterator[Followed]:
    """A site and both servers, made by the tutorial's own commands on ports that are free."""
    moved = {"8400": str(free_port()), "8000": str(free_port())}
    copy_moved(EXAMPLE, tmp_path / "examples" / "static_page", moved)
    kept = {name: value for name, value in os.environ.items() if not name.startswith("TRANSOM_")}
    environment = {
        **kept,
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{kept.get('PATH', '')}",
        "TRANSOM_PUBLIC_URL": f"http://127.0.0.1:{moved['8400']}",
    }
    done = Followed(f"http://127.0.0.1:{moved['8000']}/", tmp_path, environment, moved)
    with ExitStack() as servers:
        follow(done)
        for step in steps(TUTORIAL, SERVED):
            command = replaced(step.command, moved)
            command += f" --port {moved['8400']}" if command == "transom serve" else ""
            servers.enter_context(served(command, done))
        wait_for(f"http://127.0.0.1:{moved['8400']}/readyz")
        wait_for(done.page)
        yield done


@pytest.fixture
async def reader(chromium: str) -> AsyncIterator[Page]:
    """A reader with nothing remembered."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=chromium, args=["--no-sandbox", "--disable-gpu"]
        )
        page = await browser.new_page(locale="en-GB")
        yield page
        await browser.close()


async def test_who_follows_the_tutorial_has_a_social_page(followed: Followed, reader: Page) -> None:
    await reader.goto(followed.page)
    like = reader.locator("transom-like").first.get_by_role("button")
    await expect(like).to_have_attribute("aria-pressed", "false")
    assert await reader.evaluate("localStorage.length") == 0

    await like.click()
    await expect(like).to_have_attribute("aria-pressed", "true")
    thread = reader.locator("transom-comments")
    await thread.get_by_role("textbox", name="Your comment").fill("The first one here")
    await thread.get_by_role("button", name="Post comment").click()
    comment = thread.get_by_role("article")
    await expect(comment).to_contain_text("The first one here")
    await reader.reload()

    await expect(like).to_have_attribute("aria-pressed", "true")
    await expect(like).to_contain_text("1")
    await expect(comment).to_contain_text("The first one here")
    await expect(comment.get_by_text("Edit", exact=True)).to_be_visible()


def test_the_tutorial_quotes_the_example() -> None:
    page = (EXAMPLE / "index.html").read_text(encoding="utf-8")
    quoted = QUOTED.findall(TUTORIAL.read_text(encoding="utf-8"))
    lines = [line.strip() for block in quoted for line in block.splitlines()]

    assert lines
    assert [line for line in lines if line not in page] == []


def follow(done: Followed) -> None:
    """Run the commands that end, and hold them to what the tutorial shows."""
    wanted = steps(TUTORIAL)
    moved = [type(step)(replaced(step.command, done.moved), step.shown) for step in wanted]
    for step, said in zip(moved, run(moved, done.folder, done.environment), strict=True):
        assert step.shown is None or agrees(replaced(step.shown, done.moved), said), said


@contextmanager
def served(command: str, done: Followed) -> Iterator[None]:
    """A command that runs until it is stopped."""
    words = shlex.split(command)
    program = shutil.which(words[0], path=done.environment["PATH"])
    assert program, f"{words[0]} is not on the PATH"
    process = subprocess.Popen(
        [program, *words[1:]],
        cwd=done.folder,
        env=done.environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    with process:
        try:
            yield
        finally:
            process.terminate()


def copy_moved(source: Path, target: Path, moved: dict[str, str]) -> None:
    """Copy an example, with other ports."""
    for file in (each for each in source.rglob("*") if each.is_file()):
        copied = target / file.relative_to(source)
        copied.parent.mkdir(parents=True, exist_ok=True)
        copied.write_text(replaced(file.read_text(encoding="utf-8"), moved), encoding="utf-8")


def replaced(text: str, moved: dict[str, str]) -> str:
    """A text with the ports of this test."""
    for before, after in moved.items():
        text = text.replace(f":{before}", f":{after}").replace(f" {before} ", f" {after} ")
    return text
