"""The browser half of page identity in a real browser, on a page that needs no network.

The fixtures live as long as one module: while Playwright runs, no test of another module can have a loop.
"""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import sync_playwright

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, Page

EMBED = Path(__file__).resolve().parents[2] / "js_embed"
FLAGS = ("--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update")


@pytest.fixture(scope="module")
def identity_script() -> str:
    """`identity.ts` as a plain script that defines `identity`."""
    programs = sorted(EMBED.glob("node_modules/@esbuild/*/bin/esbuild"))
    if not programs:
        pytest.fail("The build tools of the browser half are not there: `make test` fetches them.")
    source = str(EMBED / "src" / "identity.ts")
    options = ("--bundle", "--format=iife", "--global-name=identity", "--target=es2022", "--minify")
    made = subprocess.run([programs[0], source, *options], capture_output=True, check=True, text=True)
    return f"{made.stdout};globalThis.identity = identity;"


@pytest.fixture(scope="module")
def browser(chromium: str) -> Iterator[Browser]:
    """The browser that all tests drive."""
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=chromium, args=list(FLAGS))
        yield launched
        launched.close()


@pytest.fixture(scope="module")
def page(browser: Browser, identity_script: str) -> Iterator[Page]:
    """A page whose scripts know `identity`."""
    context = browser.new_context()
    context.add_init_script(identity_script)
    opened = context.new_page()
    opened.route(
        "**/*",
        lambda route: route.fulfill(body="<!doctype html><title>A page</title>", content_type="text/html"),
    )
    opened.goto("https://example.com/here//?fbclid=1&p=2#part")
    yield opened
    context.close()
