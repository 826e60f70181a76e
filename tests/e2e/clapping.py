"""How a reader claps, and what comes of it: shared by the tests of claps."""

from __future__ import annotations

from urllib.parse import quote

import httpx
from playwright.async_api import Locator, Page, expect

from tests.e2e.conftest import World
from tests.e2e.reading import settle

BODY = '<p><transom-claps></transom-claps></p><p><textarea aria-label="Elsewhere"></textarea></p>'
TIMES = "(it, n) => { for (let i = 0; i < n; i++) it.click() }"
COUNTED = """async ([address, n]) => (await (await fetch(address)).json()).widgets.claps.count === n"""


async def opened(world: World, page: Page) -> None:
    """Open a page with claps, and wait for what their own module does."""
    async with page.expect_response("**/claps.js"):
        await page.goto(world.page(BODY, strict=True))
    await page.locator("#clap").wait_for()
    await settle(page)


async def clap(page: Page, times: int = 1) -> None:
    """Press the button so often, faster than any hand."""
    await settle(page)
    await page.locator("#clap").evaluate(TIMES, times)


async def answered(page: Page, mine: int) -> None:
    """Wait until the server has so many of one's own."""
    await expect(page.locator("[part=claps-mine]")).to_have_attribute("value", f"{mine}")


async def shown(page: Page) -> tuple[str, str]:
    """What the widget shows: everybody's, and one's own."""
    return await text(page.locator("[part=claps-count]")), await text(page.locator("[part=claps-mine]"))


async def text(place: Locator) -> str:
    """What stands there."""
    return await place.text_content() or ""


def address(world: World) -> str:
    """Where the counts of the page are read."""
    return f"{world.server}/v1/blog/page?subject={quote(world.key(), safe='')}&widgets=claps"


def counted(world: World) -> int:
    """How many the server has."""
    count: int = httpx.get(address(world)).json()["widgets"]["claps"]["count"]
    return count
