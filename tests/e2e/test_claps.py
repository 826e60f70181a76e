"""Claps in a browser: shown at once, sent together, counted once, whatever happens meanwhile."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from urllib.parse import quote

import pytest
import pytest_asyncio
from playwright.async_api import Browser, BrowserContext, Page, Route, expect

from tests.e2e.clapping import BODY, COUNTED, address, answered, clap, counted, opened, shown
from tests.e2e.conftest import World
from tests.e2e.reading import seen, settle, unreachable, watched
from tests.e2e.test_accessibility import BOTH_SCHEMES, axe
from tests.e2e.test_live import PATIENCE
from tests.e2e.test_live import opened as follow

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_many_claps_are_shown_at_once_and_sent_in_one_request(world: World, page: Page) -> None:
    noticed = await watched(page)
    await opened(world, page)

    async with page.expect_response("**/interactions"):
        await clap(page, 12)
        assert await shown(page) == ("12", "12")
        assert noticed.asked("/interactions") == []
    await answered(page, 12)
    async with page.expect_response("**/interactions"):
        await clap(page, 3)
    await answered(page, 15)

    assert len(noticed.asked("/interactions")) == 2
    assert await seen(page, "violations") == []
    assert (await shown(page), counted(world)) == (("15", "15"), 15)
    assert noticed.lines == []


async def test_claps_during_a_request_go_with_the_next(world: World, page: Page) -> None:
    await opened(world, page)
    release = asyncio.Event()

    async def hold(route: Route) -> None:
        await release.wait()
        await route.continue_()

    await page.route("**/interactions", hold, times=1)
    async with page.expect_request("**/interactions"):
        await clap(page, 2)
    await clap(page, 5)
    assert await shown(page) == ("7", "7")
    release.set()
    await answered(page, 2)
    assert await shown(page) == ("7", "7")
    await answered(page, 7)

    assert (await shown(page), counted(world)) == (("7", "7"), 7)


async def test_what_was_clapped_just_before_leaving_arrives(world: World, page: Page) -> None:
    await opened(world, page)
    elsewhere = world.page("<p>Another page</p>", path="/other")

    await clap(page, 4)
    await page.goto(elsewhere)

    await page.wait_for_function(COUNTED, arg=[address(world), 4])

    await page.goto(world.blog + "/post")
    await answered(page, 4)
    assert (await shown(page), counted(world)) == (("4", "4"), 4)


async def test_claps_whose_answer_was_lost_count_once(world: World, page: Page) -> None:
    await opened(world, page)
    lost: list[Route] = []

    async def lose(route: Route) -> None:
        if not lost:
            lost.append(route)
            await route.fetch()
            await route.abort()
        else:
            await route.continue_()

    await page.route("**/interactions", lose)
    await clap(page, 6)
    await expect(page.locator("transom-claps [part=error]")).to_contain_text("Clap once more")
    assert await shown(page) == ("6", "6")
    await clap(page)
    await answered(page, 7)

    assert (await shown(page), counted(world)) == (("7", "7"), 7)


async def test_claps_that_could_not_be_sent_are_sent_when_the_page_is_opened_again(
    world: World, page: Page
) -> None:
    await opened(world, page)
    with unreachable(world):
        await clap(page, 5)
        await expect(page.locator("transom-claps [part=error]")).not_to_be_empty()
    await page.reload()
    await answered(page, 5)

    assert (await shown(page), counted(world)) == (("5", "5"), 5)


async def test_a_key_that_is_held_down_claps_once_and_the_focus_stays(world: World, page: Page) -> None:
    await opened(world, page)
    button = page.locator("#clap")
    await button.focus()

    for _ in range(20):
        await page.keyboard.down("Enter")
    await page.keyboard.up("Enter")
    await answered(page, 1)

    assert (await shown(page), counted(world)) == (("1", "1"), 1)
    await expect(button).to_be_focused()

    await page.keyboard.press("Space")
    await answered(page, 2)

    await expect(button).to_be_focused()


async def test_who_went_on_writing_elsewhere_is_left_there(world: World, page: Page) -> None:
    await opened(world, page)

    await clap(page, 2)
    await page.get_by_label("Elsewhere").fill("Words")
    await answered(page, 2)

    await expect(page.get_by_label("Elsewhere")).to_be_focused()


async def test_nobody_claps_beyond_the_cap(world: World, page: Page) -> None:
    await opened(world, page)

    await clap(page, 80)
    assert await shown(page) == ("50", "50")
    await expect(page.locator("#clap")).to_have_attribute("aria-disabled", "true")
    await answered(page, 50)
    await clap(page, 5)

    assert (await shown(page), counted(world)) == (("50", "50"), 50)
    await page.reload()
    await answered(page, 50)
    await expect(page.locator("#clap")).to_have_attribute("aria-disabled", "true")


async def test_all_is_taken_back_what_was_not_sent_yet_too(world: World, page: Page) -> None:
    world.act("Bob", "clap", widget="claps", n="3")
    await opened(world, page)
    back = page.locator("#unclap button")

    await clap(page, 4)
    await answered(page, 4)
    await clap(page, 2)
    await back.click()
    await expect(page.locator("#claps")).to_be_focused()
    await page.evaluate("() => dispatchEvent(new Event('pagehide'))")
    await settle(page)

    assert (await shown(page), counted(world)) == (("3", "0"), 3)
    await expect(back).to_be_hidden()
    await page.reload()
    await expect(page.locator("#clap")).to_contain_text("3")
    assert counted(world) == 3


async def test_others_claps_come_in_and_ones_own_stay(world: World, page: Page) -> None:
    await follow(page, world.page("<transom-claps></transom-claps><transom-comments></transom-comments>"))
    await clap(page, 2)
    await answered(page, 2)

    world.act("Bob", "clap", widget="claps", n="7")

    await expect(page.locator("[part=claps-count]")).to_have_text("9", timeout=PATIENCE)
    assert await shown(page) == ("9", "2")
    await expect(page.locator("#unclap button")).to_be_visible()


async def test_a_large_number_is_written_as_its_language_does(world: World, page: Page) -> None:
    people = [f"Person {number}" for number in range(25)]
    for person in people:
        world.act(person, "clap", widget="claps", n="50")
    for language, before, after in (
        ("en", "1,250", "1,251"),
        ("de", "1.250", "1.251"),
        ("ar", "1,250", "1,251"),
    ):
        await page.goto(world.page(f'<transom-claps lang="{language}"></transom-claps>'))
        count = page.locator("[part=claps-count]")
        await expect(count).to_have_text(before)
        await clap(page)
        await expect(count).to_have_text(after)
        await page.locator("#unclap button").click()
        await expect(page.locator("#unclap")).to_be_hidden()
        await expect(count).to_have_text(before)


@pytest.mark.parametrize("language", ["en", "de", "ar"])
async def test_nothing_moves_and_nothing_sticks_out_of_a_small_screen(
    world: World, page: Page, language: str
) -> None:
    await page.set_viewport_size({"width": 320, "height": 640})
    await watched(page)
    document = BOTH_SCHEMES.replace('lang="en"', f'lang="{language}"')
    await page.goto(world.page(BODY, document=document))
    await page.locator("#clap").wait_for()
    await clap(page, 50)
    await answered(page, 50)
    await settle(page)
    box = await page.locator("#unclap button").bounding_box()

    assert await seen(page, "shifts") == []
    assert await page.evaluate("() => document.documentElement.scrollWidth") <= 320
    assert box
    assert box["height"] >= 24


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_axe_finds_nothing_wrong(world: World, page: Page, scheme: str) -> None:
    await page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    await page.goto(world.page(BODY, document=BOTH_SCHEMES))
    await page.locator("#clap").wait_for()
    empty = await axe(page)
    await clap(page, 50)
    await answered(page, 50)
    full = await axe(page)
    spoken = await page.locator("transom-claps").aria_snapshot()

    assert empty == full == []
    assert '- button "Clap 50" [disabled]' in spoken
    assert '- button "Take back 50"' in spoken


async def test_who_wants_less_motion_sees_none(world: World, page: Page) -> None:
    await page.emulate_media(reduced_motion="reduce")
    await opened(world, page)
    await page.locator("#clap").hover()
    await page.mouse.down()

    assert (
        await page.locator("transom-claps svg").evaluate("(it) => getComputedStyle(it).transform") == "none"
    )


@pytest_asyncio.fixture(loop_scope="session")
async def plain(browser: Browser) -> AsyncIterator[BrowserContext]:
    """A reader whose browser runs no script."""
    context = await browser.new_context(java_script_enabled=False)
    context.set_default_timeout(8_000)
    yield context
    await context.close()


async def test_without_scripts_each_press_adds_one(world: World, plain: BrowserContext) -> None:
    page = await plain.new_page()
    subject = quote(world.key(), safe="")
    await page.goto(f"{world.server}/v1/blog/thread?subject={subject}&widgets=claps,reactions&format=page")

    for number in range(1, 4):
        await page.locator("#clap").click()
        await expect(page.locator("[part=claps-mine]")).to_have_text(f"{number}")
    await page.locator("[part=reaction]").nth(1).click()
    await expect(page.locator("[aria-pressed=true]")).to_have_count(1)
    await page.locator("#unclap button").click()
    await expect(page.locator("#unclap")).to_be_hidden()

    assert counted(world) == 0
