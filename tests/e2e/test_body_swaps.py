"""Pages that swap their bodies instead of loading: Turbo, view transitions, and loaders that look for globals."""

from __future__ import annotations

import pytest
from playwright.async_api import Page, expect

from tests.e2e.conftest import DOCUMENT, EVERYTHING, World
from tests.e2e.reading import comment, read, settle, thread, watched, write
from tools.paths import EMBED

pytestmark = pytest.mark.asyncio(loop_scope="session")

TURBO = EMBED / "node_modules" / "@hotwired" / "turbo" / "dist" / "turbo.es2017-umd.js"
SWAPPED = DOCUMENT.replace(
    "</head>",
    '<meta name="view-transition" content="same-origin"><script src="/turbo.js"></script>'
    '<link rel="canonical" href="{path}"></head>',
)
LINKS = '<nav><a href="/first">First</a> <a href="/second">Second</a></nav>'


async def test_turbo_brings_each_page_its_own_thread_and_each_act_is_done_once(
    world: World, page: Page
) -> None:
    world.pages.documents["/turbo.js"] = (TURBO.read_text(encoding="utf-8"), None)
    for path in ("/first", "/second"):
        world.act("Alice", "comment", text=f"About {path}", path=path)
        world.page(LINKS + EVERYTHING, path, document=SWAPPED.replace("{path}", path))
    noticed = await watched(page)

    await read(page, f"{world.blog}/first")
    await page.evaluate("() => { window.same = true }")
    for path, link in (("/second", "Second"), ("/first", "First"), ("/second", "Second")):
        await page.get_by_role("link", name=link).click()
        await comment(page, f"About {path}").wait_for()
        await expect(thread(page).locator("article")).to_have_count(1)
    await page.locator("transom-like button").click()
    await expect(page.locator("transom-like button")).to_have_attribute("value", "unlike")
    await write(page, "Said once")
    await page.go_back()
    await comment(page, "About /first").wait_for()
    await settle(page)

    assert await page.evaluate("() => window.same")  # it was one document all the time
    assert len(noticed.asked("/interactions")) == 2
    assert (world.likes("/first"), world.likes("/second")) == (0, 1)
    assert [len(world.comments(path)) for path in ("/first", "/second")] == [1, 2]
    assert noticed.lines == []


async def test_what_is_half_written_waits_on_its_own_page(world: World, page: Page) -> None:
    world.pages.documents["/turbo.js"] = (TURBO.read_text(encoding="utf-8"), None)
    for path in ("/first", "/second"):
        world.page(LINKS + EVERYTHING, path, document=SWAPPED.replace("{path}", path))
    text = thread(page).locator("#compose textarea")

    await read(page, f"{world.blog}/first")
    await text.fill("Half a thought about the first")
    await page.get_by_role("link", name="Second").click()
    await page.wait_for_url("**/second")
    await expect(text).to_have_value("")
    await page.get_by_role("link", name="First").click()

    await expect(text).to_have_value("Half a thought about the first")


async def test_a_view_transition_that_swaps_the_elements_leaves_them_working(
    world: World, page: Page
) -> None:
    world.act("Alice", "comment", text="A word")
    noticed = await watched(page)
    await read(page, world.page())

    for _ in range(3):
        await page.evaluate(
            """async (html) => {
              const main = document.querySelector('main');
              await document.startViewTransition(() => { main.innerHTML = html }).finished;
            }""",
            EVERYTHING,
        )
        await comment(page, "A word").wait_for()
    await page.locator("transom-like button").click()
    await expect(page.locator("transom-like button")).to_have_attribute("value", "unlike")

    assert len(noticed.asked("/interactions")) == 1
    assert world.likes() == 1


async def test_a_loader_of_modules_is_not_spoken_to(world: World, page: Page) -> None:
    loader = (
        "<script>window.heard = []; window.define = (...all) => heard.push(all); define.amd = {};"
        " window.module = { exports: {} }; window.exports = module.exports;</script>"
    )
    noticed = await watched(page)

    await read(page, world.page(document=DOCUMENT.replace("<meta", f"{loader}<meta", 1)))

    assert await page.evaluate("() => [heard.length, Object.keys(module.exports).length]") == [0, 0]
    assert noticed.lines == []
