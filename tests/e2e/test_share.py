"""A page is passed on by the browser's own sheet, else as a link; who comes by it is counted, and kept nowhere."""

from __future__ import annotations

import json

import pytest
from playwright.async_api import Browser, BrowserContext, Page

from tests import databases
from tests.e2e.conftest import World
from tests.e2e.reading import cookies, seen, settle, storage, watched
from tests.e2e.test_accessibility import BOTH_SCHEMES, axe
from widget_server.opening import DATABASE

pytestmark = pytest.mark.asyncio(loop_scope="session")

BODY = "<p><transom-share></transom-share></p><p>What comes after it.</p>"

SHEET = "navigator.share = async (data) => { globalThis.sheet = data; };"
CLOSED = "navigator.share = async () => { throw new DOMException('', 'AbortError'); };"
NO_SHEET = "navigator.share = async () => { throw new DOMException('', 'NotAllowedError'); };"
NO_CLIPBOARD = "Object.defineProperty(Navigator.prototype, 'clipboard', { value: undefined });"


def rows(world: World) -> list[tuple[str, str]]:
    """What the record knows of sharing: what was done, and how."""
    found = databases.rows(
        world.settings.data / DATABASE,
        "select kind, data from interactions where widget = 'share' order by interaction",
    )
    return [(kind, json.loads(data).get("value", "")) for kind, data in found]


async def counted(page: Page, count: int) -> None:
    """Wait until the button shows a number."""
    await page.locator(f"transom-share data[value='{count}']").first.wait_for(state="attached")


async def ready(page: Page, address: str) -> None:
    """Open a page and wait until one can share it."""
    await page.goto(address)
    await page.locator("transom-share button:enabled").first.wait_for()


async def shared_link(page: Page, address: str) -> str:
    """Pass a page on by the sheet; gives the link."""
    await page.add_init_script(SHEET)
    await ready(page, address)
    await page.locator("transom-share button").first.click()
    await counted(page, 1)
    link: str = await page.evaluate("() => sheet.url")
    return link


async def test_the_sheet_gets_the_page_and_is_counted(world: World, page: Page) -> None:
    noticed = await watched(page)
    await page.add_init_script(SHEET)
    await ready(page, world.page(BODY, strict=True) + "?utm_source=mail#part")

    await page.keyboard.press("Tab")
    await page.keyboard.press("Enter")
    await counted(page, 1)
    sheet = await page.evaluate("() => sheet")

    assert sheet["title"] == "A page"
    address, _, code = sheet["url"].partition("#via=")
    assert (address, len(code)) == (f"{world.blog}/post?utm_source=mail", 13)
    assert rows(world) == [("share", "sheet")]
    assert await page.evaluate("() => document.activeElement.localName") == "transom-share"
    assert await seen(page, "violations") == []
    assert noticed.lines == []
    assert noticed.hosts == {world.server.partition("//")[2], world.blog.partition("//")[2]}


async def test_a_sheet_that_is_closed_is_no_share(world: World, page: Page) -> None:
    await page.add_init_script(CLOSED)
    noticed = await watched(page)
    await ready(page, world.page(BODY))
    await page.locator("transom-share button").first.click()
    await settle(page)

    assert noticed.asked("/interactions") == []
    assert await page.locator("transom-share output:not(:empty)").count() == 0
    assert rows(world) == []


@pytest.mark.parametrize("sheet", ["", NO_SHEET], ids=["no sheet", "a sheet that may not be opened"])
async def test_where_there_is_no_sheet_the_link_is_copied_and_said_to_be(
    world: World, page: Page, reader: BrowserContext, sheet: str
) -> None:
    await reader.grant_permissions(["clipboard-read", "clipboard-write"], origin=world.blog)
    await page.add_init_script(sheet)
    await ready(page, world.page(BODY, strict=True))
    await page.locator("transom-share button").first.click()
    await page.get_by_text("Link copied").wait_for()
    await counted(page, 1)
    first = await page.evaluate("() => navigator.clipboard.readText()")
    await page.locator("transom-share button").first.click()
    await counted(page, 2)
    second = await page.evaluate("() => navigator.clipboard.readText()")

    assert first.startswith(f"{world.blog}/post#via=")
    assert first != second
    assert rows(world) == [("share", "copy"), ("share", "copy")]


async def test_where_nothing_may_be_copied_there_is_a_field_to_copy_from(world: World, page: Page) -> None:
    await page.add_init_script(NO_CLIPBOARD)
    await ready(page, world.page(BODY))
    field = page.locator("transom-share input[readonly]")
    before = await field.is_visible()
    await page.locator("transom-share button").first.click()
    await field.wait_for()
    link = await field.input_value()

    assert not before
    assert link.startswith(f"{world.blog}/post#via=")
    assert await field.evaluate("(it) => it.selectionEnd - it.selectionStart") == len(link)
    assert rows(world) == []

    await page.keyboard.press("ControlOrMeta+C")
    await counted(page, 1)
    await page.keyboard.press("ControlOrMeta+C")
    await settle(page)

    assert rows(world) == [("share", "link")]


async def test_who_comes_by_a_link_is_counted_once_for_a_page_and_nothing_is_kept(
    world: World, page: Page, browser: Browser
) -> None:
    several = BODY + '<p><transom-share subject="photo:17"></transom-share></p>'
    link = await shared_link(page, world.page(several))
    other = await browser.new_context()
    friend = await other.new_page()
    noticed = await watched(friend)
    async with friend.expect_response("**/interactions"):
        await ready(friend, link)
    await settle(friend)

    assert [kind for kind, _ in rows(world)] == ["share", "arrive"]
    assert len(noticed.asked("/interactions")) == 1
    assert await storage(friend) == {
        "local": [],
        "session": [],
        "databases": [],
        "caches": [],
        "workers": [],
    }
    assert await cookies(other) == []
    assert noticed.lines == []

    async with friend.expect_response("**/interactions"):
        await friend.reload()

    assert [kind for kind, _ in rows(world)] == ["share", "arrive", "arrive"]
    assert databases.rows(world.settings.data / DATABASE, "select count(*) from people") == [(1,)]
    await other.close()


async def test_nobody_comes_by_an_own_link(world: World, page: Page) -> None:
    link = await shared_link(page, world.page(BODY))
    again = await page.context.new_page()
    async with again.expect_response("**/interactions") as answer:
        await ready(again, link)

    assert (await answer.value).ok
    assert [kind for kind, _ in rows(world)] == ["share"]


async def test_the_mark_in_the_link_makes_no_other_page(world: World, page: Page) -> None:
    link = await shared_link(page, world.page(BODY))
    await page.goto("about:blank")
    await page.goto(link)
    await counted(page, 1)

    assert await page.evaluate("() => document.querySelector('transom-share').subject") == world.key()


async def test_a_share_that_cannot_be_counted_says_so_and_may_be_tried_again(
    world: World, page: Page
) -> None:
    await page.add_init_script(SHEET)
    await ready(page, world.page(BODY))
    await page.route("**/interactions", lambda route: route.abort())
    await page.locator("transom-share button").first.click()
    await page.get_by_text("The share could not be counted.").wait_for()
    await page.unroute("**/interactions")
    await page.locator("transom-share button").first.click()
    await counted(page, 1)

    assert await page.locator("transom-share [part=error]:not(:empty)").count() == 0


@pytest.mark.parametrize("language", ["en", "ar"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_axe_finds_nothing_wrong_and_nothing_moves(
    world: World, page: Page, scheme: str, language: str
) -> None:
    await page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    await page.set_viewport_size({"width": 320, "height": 640})
    await page.add_init_script(NO_CLIPBOARD)
    await watched(page)
    document = BOTH_SCHEMES.replace('lang="en"', f'lang="{language}" dir="auto"')
    await ready(page, world.page(BODY, document=document))
    await settle(page)
    shift = await seen(page, "shift")
    at_rest = await axe(page)
    await page.locator("transom-share button").first.click()
    await page.locator("transom-share input[readonly]").wait_for()
    opened = await axe(page)

    assert (at_rest, opened, shift) == ([], [], 0)
    assert await page.evaluate("() => document.documentElement.scrollWidth") <= 320
