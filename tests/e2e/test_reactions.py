"""Reactions in a browser: what a reader can do, by mouse and by keyboard, and what is said about it."""

from __future__ import annotations

import asyncio

import pytest
from playwright.async_api import Locator, Page, Route, expect

from tests.e2e.conftest import World
from tests.e2e.reading import seen, settle, watched
from tests.e2e.test_accessibility import BOTH_SCHEMES, axe

pytestmark = pytest.mark.asyncio(loop_scope="session")

BODY = "<transom-reactions></transom-reactions><p>What comes below.</p>"
PRESSED = "[aria-pressed=true]:not(form[aria-busy] *)"


async def test_a_reaction_is_given_changed_and_taken_back(world: World, page: Page) -> None:
    react(world, "Bob", "❤️")
    noticed = await watched(page)
    await page.goto(world.page(BODY, strict=True))

    await button(page, "😂").click()
    await expect(pressed(page)).to_have_accessible_name("😂 1 person")
    await button(page, "❤️").click()
    await expect(pressed(page)).to_have_accessible_name("❤️ 2 people")
    await expect(button(page, "😂")).to_have_accessible_name("😂 nobody yet")
    await page.reload()
    await expect(pressed(page)).to_have_accessible_name("❤️ 2 people")
    await pressed(page).click()
    await expect(button(page, "❤️")).to_have_accessible_name("❤️ 1 person")

    await expect(pressed(page)).to_have_count(0)
    assert (noticed.lines, await seen(page, "violations")) == ([], [])


async def test_the_keyboard_stays_on_the_button_that_was_pressed(world: World, page: Page) -> None:
    await page.goto(world.page(BODY))
    await button(page, "👍").focus()

    for _ in range(3):
        await page.keyboard.press("Tab")
    await page.keyboard.press("Space")
    await pressed(page).wait_for()
    await expect(button(page, "😮")).to_be_focused()
    await page.keyboard.press("Shift+Tab")
    await page.keyboard.press("Enter")

    await expect(pressed(page)).to_have_accessible_name("😂 1 person")
    await expect(button(page, "😂")).to_be_focused()
    await expect(page.locator("transom-reactions output")).to_have_text("Your reaction is counted.")


async def test_it_is_shown_before_the_server_has_answered_and_taken_back_where_that_fails(
    world: World, page: Page
) -> None:
    react(world, "Bob", "❤️")
    await page.goto(world.page(BODY))
    await button(page, "❤️").click()
    await pressed(page).wait_for()
    looks = [await look(button(page, emoji)) for emoji in ("❤️", "😮")]
    release = asyncio.Event()

    async def fail(route: Route) -> None:
        await release.wait()
        await route.abort()

    await page.route("**/interactions", fail)
    await page.emulate_media(reduced_motion="reduce")

    await button(page, "😮").click()
    await page.locator("form[aria-busy]").wait_for()
    await page.mouse.move(0, 0)
    assert [await look(button(page, emoji)) for emoji in ("😮", "❤️")] == looks
    release.set()
    await expect(page.locator("transom-reactions [part=error]")).to_be_visible()

    assert [await look(button(page, emoji)) for emoji in ("❤️", "😮")] == looks
    await expect(pressed(page)).to_have_accessible_name("❤️ 2 people")


async def test_two_subjects_on_one_page_are_told_apart(world: World, page: Page) -> None:
    comment = world.act("Bob", "comment", text="Hello")["id"]
    await page.goto(
        world.page(
            f'<transom-reactions subject="comment:{comment}"></transom-reactions>'
            '<transom-reactions subject="photo:17"></transom-reactions>'
        )
    )
    first, second = page.locator("transom-reactions").first, page.locator("transom-reactions").last

    await first.get_by_role("button").first.click()
    await first.locator(PRESSED).wait_for()
    await second.get_by_role("button").last.click()
    await second.locator(PRESSED).wait_for()
    await page.reload()

    await expect(first.locator(PRESSED)).to_have_accessible_name("👍 1 person")
    await expect(second.locator(PRESSED)).to_have_accessible_name("😢 1 person")


@pytest.mark.parametrize("width", [320, 1_000])
@pytest.mark.parametrize("language", ["en", "ar"])
async def test_nothing_moves_while_it_is_filled_and_used(
    world: World, page: Page, width: int, language: str
) -> None:
    await page.set_viewport_size({"width": width, "height": 640})
    await watched(page)
    document = BOTH_SCHEMES.replace('lang="en"', f'lang="{language}" dir="auto"')

    await page.goto(world.page(BODY, document=document))
    for number in range(12):
        react(world, f"Person {number}", "👍")
    await button(page, "👍").click()
    await pressed(page).wait_for()
    await settle(page)
    small = await page.evaluate(
        """() => [...document.querySelector('transom-reactions').shadowRoot.querySelectorAll('button')]
             .map((it) => it.getBoundingClientRect()).filter(({ width, height }) => width < 24 || height < 24)"""
    )

    assert await pressed(page).locator("data").text_content() == "13"
    assert (await seen(page, "shifts"), small) == ([], [])
    assert await page.evaluate("() => document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_axe_finds_nothing_wrong(world: World, page: Page, scheme: str) -> None:
    await page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    await page.goto(world.page(BODY, document=BOTH_SCHEMES))
    await button(page, "👍").wait_for()
    empty = await axe(page)
    await button(page, "❤️").click()
    await pressed(page).wait_for()
    own = await axe(page)
    await page.route("**/interactions", lambda route: route.abort())
    await button(page, "😢").click()
    await page.locator("[part=error]").wait_for()
    failed = await axe(page)
    spoken = await page.locator("transom-reactions").aria_snapshot()

    assert (empty, own, failed) == ([], [], [])
    assert 'list "Reactions"' in spoken
    assert 'button "❤️ 1 person" [pressed]' in spoken


def react(world: World, person: str, emoji: str) -> None:
    """Somebody else reacts to the page."""
    world.act(person, "react", widget="reactions", emoji=emoji)


def button(page: Page, emoji: str) -> Locator:
    """The button of an emoji."""
    return page.locator("transom-reactions button", has_text=emoji)


def pressed(page: Page) -> Locator:
    """The buttons that the server knows to be pressed."""
    return page.locator(f"transom-reactions {PRESSED}")


async def look(place: Locator) -> list[str]:
    """The colours of a button."""
    found: list[str] = await place.evaluate(
        "(it) => { const { backgroundColor, borderTopColor } = getComputedStyle(it);"
        " return [backgroundColor, borderTopColor]; }"
    )
    return found
