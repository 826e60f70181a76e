"""A plug-in whose browser module is broken: its widget stays as the server made it, and the page goes on."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.async_api import Page, expect

from tests.e2e.conftest import EVERYTHING, World, build_world

pytestmark = pytest.mark.asyncio(loop_scope="session")

WAVE = """
from widget_server.widgets.like import Like

class Wave(Like):
    name = "{name}"
    version = "1"
    title = "Wave"
    package = __name__
"""
FRAGMENT = """<form id="{name}" method="post" action="{{{{ action }}}}">
<button name="action" value="like">Wave <data>{{{{ count }}}}</data></button></form>"""

SCRIPTS = {
    "half": "export default (element, box) => {",
    "throws": "throw new Error('not today');",
    "fails": "export default () => { throw new Error('not now'); };",
    "empty": "export const nothing = 1;",
    "rejects": "export default async () => { throw new Error('later'); };",
    "sound": "export default (element, box) => { box.dataset.enhanced = 'yes'; };",
}


@pytest.fixture
def broken_world(tmp_path: Path) -> Iterator[World]:
    """A server with a widget for each way in which a script can be broken, and one whose script is sound."""
    named = []
    for name, script in SCRIPTS.items():
        folder = tmp_path / "plugins" / name
        folder.mkdir(parents=True)
        (folder / f"{name}.py").write_text(WAVE.format(name=name))
        (folder / "fragment.html").write_text(FRAGMENT.format(name=name))
        (folder / "script.js").write_text(script)
        named.append(f"{folder / name}.py:Wave")
    yield from build_world(tmp_path, named)


async def test_a_broken_script_costs_its_own_widget_what_it_would_have_added_and_nobody_else(
    broken_world: World, page: Page
) -> None:
    tags = "".join(f'<transom-widget kind="{name}"></transom-widget>' for name in SCRIPTS)
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(error.message))

    await page.goto(broken_world.page(tags + EVERYTHING))

    for name in SCRIPTS:
        button = page.locator(f"transom-widget[kind={name}]").get_by_role("button")
        await button.click()
        await expect(button).to_have_text("Wave 1")
    await expect(page.locator("transom-widget[kind=sound] [data-enhanced=yes]")).to_have_count(1)
    await page.locator("transom-like").get_by_role("button").click()
    await expect(page.locator("transom-like").get_by_role("button")).to_have_attribute("aria-pressed", "true")
    await page.locator("transom-comments").get_by_label("Comment").first.fill("All is well")
    await page.locator("transom-comments").get_by_role("button", name="Post").click()
    await expect(page.locator("transom-comments article")).to_have_count(1)
    assert broken_world.likes() == 1
    for word in ("not today", "not now", "later"):
        assert any(word in each for each in complaints), (word, complaints)
