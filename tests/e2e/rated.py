"""What the browser's tests of ratings share."""

from __future__ import annotations

from playwright.async_api import Locator, Page, expect

ELEMENT = "<transom-rating></transom-rating>"


def rating(page: Page) -> Locator:
    """The element."""
    return page.locator("transom-rating")


def star(page: Page, number: int) -> Locator:
    """One of the five buttons."""
    return rating(page).get_by_role("button", name=f"{number} of 5 stars")


async def opened(page: Page, address: str) -> None:
    """Open a page and wait for its rating."""
    await page.goto(address)
    await rating(page).locator("#score").wait_for()


async def rate(page: Page, number: int) -> None:
    """Press a star, and wait until the server has told what it comes to."""
    await star(page, number).click()
    await expect(star(page, number)).to_have_attribute("aria-pressed", "true")


async def review(page: Page, number: int, text: str, name: str = "") -> Locator:
    """Write a review and wait until it stands there."""
    await rating(page).locator("#write summary").click()
    form = rating(page).locator("#review")
    await form.get_by_role("radio", name=f"{number} of 5 stars").check()
    await form.locator("textarea").fill(text)
    if name:
        await form.locator("[name=name]").fill(name)
    await form.locator("button[value=review]").click()
    posted = rating(page).locator("article", has_text=text)
    await posted.wait_for()
    return posted
