"""What machines are told of a rating breaks no policy, and all of it works without scripts."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import quote

import pytest
import pytest_asyncio
from playwright.async_api import Browser, BrowserContext, Page, expect

from tests.e2e.conftest import DOCUMENT, World
from tests.e2e.rated import ELEMENT, opened, rate, rating, review
from tests.e2e.reading import seen, watched

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def data(page: Page) -> list[dict[str, Any]]:
    """What the page tells machines."""
    blocks = await page.locator('script[type="application/ld+json"]').all_text_contents()
    return [json.loads(block) for block in blocks]


@pytest.mark.parametrize("listed", ["", "; trusted-types transom", "; trusted-types theirs"])
async def test_the_strictest_policy_lets_machines_be_told_and_nothing_breaks_it(
    world: World, page: Page, listed: str
) -> None:
    noticed = await watched(page)
    policy = (
        f"default-src 'none'; script-src {world.server}; connect-src {world.server}; style-src {world.server};"
        f" img-src {world.server}; require-trusted-types-for 'script'{listed}"
    )
    text = DOCUMENT.replace("{server}", world.server).replace("{body}", ELEMENT)
    world.pages.documents["/post"] = (text, policy)
    await opened(page, f"{world.blog}/post")
    before = await data(page)

    await rate(page, 4)
    await page.locator("transom-rating > script").wait_for(state="attached")
    one = await data(page)
    await review(page, 2, "It broke </script><b>", "Charlie")
    await expect(rating(page).locator(".mean b")).to_have_text("2.0")
    two = await data(page)
    await page.reload()
    await page.locator("transom-rating > script").wait_for(state="attached")
    again = await data(page)
    await rating(page).evaluate("(it) => document.body.append(it)")
    moved = await data(page)
    await rating(page).get_by_role("button", name="Take back").click()
    await page.locator("transom-rating > script").wait_for(state="detached")

    [block] = one
    assert (before, block["@context"], block["name"]) == ([], "https://schema.org", "A page")
    assert block["aggregateRating"]["ratingValue"] == 4
    assert two == again == moved
    assert (two[0]["aggregateRating"]["ratingValue"], two[0]["aggregateRating"]["reviewCount"]) == (2, 1)
    assert await seen(page, "violations") == []
    assert noticed.lines == []


async def test_what_machines_are_told_goes_with_the_subject_and_the_element(world: World, page: Page) -> None:
    world.act("Alice", "rate", stars="5")
    await opened(page, world.page(f"{ELEMENT}<transom-like></transom-like>"))
    await page.locator("transom-rating > script").wait_for(state="attached")
    assert len(await data(page)) == 1

    await rating(page).evaluate("(it) => it.setAttribute('subject', 'something else')")
    assert await data(page) == []
    await rating(page).evaluate("(it) => it.removeAttribute('subject')")
    await page.locator("transom-rating > script").wait_for(state="attached")
    await rating(page).evaluate("(it) => it.remove()")
    assert await data(page) == []


@pytest_asyncio.fixture(loop_scope="session")
async def plain(browser: Browser) -> AsyncIterator[BrowserContext]:
    """A reader whose browser runs no script."""
    context = await browser.new_context(java_script_enabled=False)
    context.set_default_timeout(8_000)
    yield context
    await context.close()


async def test_without_scripts_one_rates_reviews_changes_and_takes_back(
    world: World, plain: BrowserContext
) -> None:
    world.act("Alice", "review", stars="5", text="A fine thing")
    page = await plain.new_page()
    noticed = await watched(page)
    query = f"subject={quote(world.key(), safe='')}&widget=rating&format=page"
    await page.goto(f"{world.server}/v1/blog/thread?{query}")

    await page.get_by_role("button", name="4 of 5 stars").click()
    await page.locator("#unrate button").wait_for()
    await page.locator("#write summary").click()
    await expect(page.get_by_role("radio", name="4 of 5 stars")).to_be_checked()
    await page.locator("#review textarea").fill("Well made")
    await page.locator("#review [name=name]").fill("Charlie")
    await page.locator("#review button[value=review]").click()
    own = page.locator("article", has_text="Well made")
    await own.wait_for()
    assert (await page.locator("#heading").text_content()) == "2 reviews"

    await page.locator("#write summary").click()
    await page.get_by_role("radio", name="1 of 5 stars").check()
    await page.locator("#review textarea").fill("It broke")
    await page.locator("#review button[value=review]").click()
    own = page.locator("article", has_text="It broke")
    await own.wait_for()
    await expect(own.get_by_role("img", name="1 of 5 stars")).to_be_visible()
    await own.locator("footer summary").click()
    await own.locator("button[value=delete]").click()
    await own.wait_for(state="detached")
    await page.locator("#unrate button").click()
    await page.locator("#unrate button").wait_for(state="hidden")

    assert (await page.locator(".mean").text_content() or "").split() == ["5.0", "of", "5", "1", "rating"]
    assert noticed.lines == []
