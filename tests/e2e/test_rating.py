"""A rating is given, seen and taken back by everybody: by keyboard, in words, without scripts, under any policy."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.async_api import Browser, Page, expect

from tests.e2e.conftest import DOCUMENT, World
from tests.e2e.rated import ELEMENT, opened, rate, rating, review, star
from tests.e2e.reading import settle, watched
from tests.e2e.test_accessibility import BOTH_SCHEMES, axe

pytestmark = pytest.mark.asyncio(loop_scope="session")

FOCUSED = "(host) => host.shadowRoot.activeElement?.getAttribute('aria-label')"


async def test_by_keyboard_one_rates_hears_it_and_stays_where_one_is(world: World, page: Page) -> None:
    world.act("Alice", "rate", stars="5")
    await opened(page, world.page(ELEMENT))

    await star(page, 1).focus()
    for key in ("Tab", "Tab", "Enter"):
        await page.keyboard.press(key)
    await expect(star(page, 3)).to_have_attribute("aria-pressed", "true")
    await expect(rating(page).locator("#rate output")).to_have_text("Thank you for your rating.")
    spoken = await rating(page).aria_snapshot()
    after = await rating(page).evaluate(FOCUSED)

    assert after == "3 of 5 stars"
    for line in (
        'group "Your rating"',
        'button "3 of 5 stars" [pressed]',
        'button "4 of 5 stars"',
        "4.0 of 5",
        "2 ratings",
        'button "Take back"',
    ):
        assert line in spoken

    await rating(page).get_by_role("button", name="Take back").focus()
    await page.keyboard.press("Enter")
    await expect(rating(page).locator("#rate output")).to_have_text("Your rating is taken back.")
    await expect(rating(page).locator("[aria-pressed=true]")).to_have_count(0)
    await expect(rating(page).locator(".mean")).to_contain_text("1 rating")
    assert await rating(page).evaluate(FOCUSED) == "1 of 5 stars"


async def test_what_was_given_is_there_after_a_reload_and_filled_as_far(world: World, page: Page) -> None:
    for person, stars in (("Alice", "5"), ("Bob", "4")):
        world.act(person, "rate", stars=stars)
    await opened(page, world.page(ELEMENT))
    await rate(page, 2)

    await page.reload()

    await expect(star(page, 2)).to_have_attribute("aria-pressed", "true")
    await expect(rating(page).locator(".mean b")).to_have_text("3.7")
    await expect(rating(page).locator(".mean svg svg")).to_have_attribute("width", "74.0%")
    filled = "(all) => all.map((it) => getComputedStyle(it).fill !== 'none')"
    await settle(page)
    assert await rating(page).locator(".rate .pick svg").evaluate_all(filled) == [True, True, *[False] * 3]


async def test_a_review_is_written_changed_and_deleted(world: World, page: Page) -> None:
    world.act("Alice", "review", stars="5", text="A fine **thing**")
    await opened(page, world.page(ELEMENT))

    own = await review(page, 4, "Well made", "Charlie")
    await expect(rating(page).locator("#heading")).to_have_text("2 reviews")
    await expect(own).to_contain_text("Charlie")
    await expect(star(page, 4)).to_have_attribute("aria-pressed", "true")
    await expect(rating(page).locator(".mean b")).to_have_text("4.5")

    await page.reload()
    await expect(rating(page).locator("#write summary")).to_have_text("Change your review")
    await rating(page).locator("#write summary").click()
    form = rating(page).locator("#review")
    await expect(form.locator("textarea")).to_have_value("Well made")
    await expect(form.get_by_role("radio", name="4 of 5 stars")).to_be_checked()
    await rating(page).locator("#write summary").click()
    better = await review(page, 2, "It broke")
    await expect(rating(page).locator("article")).to_have_count(2)
    await expect(better.get_by_role("img", name="2 of 5 stars")).to_be_visible()
    assert [each["name"] for each in (await shown(page, world))["reviews"]] == ["Charlie", "Alice"]

    await better.locator("footer summary").click()
    await better.locator("button[value=delete]").click()
    await expect(rating(page).locator("article")).to_have_count(1)
    await expect(rating(page).locator("#heading")).to_have_text("1 review")
    await expect(star(page, 2)).to_have_attribute("aria-pressed", "true")
    assert await rating(page).evaluate("(host) => host.shadowRoot.activeElement.id") == "write"


async def shown(page: Page, world: World) -> dict[str, Any]:
    """What everybody sees, as JSON."""
    answer = await page.request.get(
        f"{world.server}/v1/blog/page", params={"subject": world.key(), "widgets": "rating"}
    )
    found: dict[str, Any] = (await answer.json())["widgets"]["rating"]
    return found


async def test_a_draft_comes_back_with_its_stars(world: World, page: Page) -> None:
    await opened(page, world.page(ELEMENT))
    await rating(page).locator("#write summary").click()
    await rating(page).locator("#review").get_by_role("radio", name="3 of 5 stars").check()
    await rating(page).locator("#review textarea").fill("Half a thought")

    await page.reload()

    await expect(rating(page).locator("#review textarea")).to_have_value("Half a thought")
    await expect(rating(page).locator("#review textarea")).to_be_visible()
    await expect(rating(page).get_by_role("radio", name="3 of 5 stars")).to_be_checked()


async def test_a_held_review_is_its_writers_alone_until_it_is_let_through(
    held_world: World, page: Page, browser: Browser
) -> None:
    await opened(page, held_world.page(ELEMENT))
    own = await review(page, 5, "May I?", "Charlie")
    await expect(own.locator("[part=note]")).to_contain_text("Waiting for a moderator")
    await page.reload()
    await expect(rating(page).locator("article", has_text="May I?")).to_be_visible()

    stranger = await (await browser.new_context()).new_page()
    await opened(stranger, held_world.blog + "/post")
    await expect(rating(stranger).locator("article")).to_have_count(0)
    await expect(rating(stranger).locator(".mean")).to_contain_text("1 rating")
    await stranger.context.close()


async def test_further_reviews_come_on_demand(world: World, page: Page) -> None:
    for number in range(55):
        world.act(f"Guest {number}", "review", stars=str(1 + number % 5), text=f"Word {number}")
    await opened(page, world.page(ELEMENT))
    await expect(rating(page).locator("article")).to_have_count(50)

    await rating(page).get_by_role("button", name="Show more reviews").click()

    await expect(rating(page).locator("article")).to_have_count(55)
    await expect(rating(page).get_by_role("button", name="Show more reviews")).to_have_count(0)


@pytest.mark.parametrize("language", ["en", "ar"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_axe_finds_nothing_wrong_in_any_state(
    world: World, page: Page, scheme: str, language: str
) -> None:
    await page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    address = world.page(ELEMENT, document=BOTH_SCHEMES.replace('lang="en"', f'lang="{language}" dir="auto"'))
    await opened(page, address)
    empty = await axe(page)
    world.act("Alice", "review", stars="4", text="A **word** of `code`, a [link](https://example.org/)")
    await opened(page, address)
    await rating(page).locator("#rate button[value='4']").click()
    await rating(page).locator("#unrate button").wait_for()
    await rating(page).locator("#write summary").click()
    await rating(page).locator("#review textarea").fill("A word of my own")
    writing = await axe(page)
    await rating(page).locator("#review button[value=review]").click()
    await rating(page).locator("article footer summary").click()
    deleting = await axe(page)

    assert {"empty": empty, "writing": writing, "deleting": deleting} == {
        "empty": [],
        "writing": [],
        "deleting": [],
    }


@pytest.mark.parametrize("language", ["en", "de", "fr", "ar"])
async def test_a_small_screen_needs_no_scrolling_and_every_target_is_large_enough(
    world: World, page: Page, language: str
) -> None:
    small = """(host) => [...host.shadowRoot.querySelectorAll('button, summary, input:not([type=hidden]), textarea')]
      .map((it) => [it, it.getBoundingClientRect()])
      .filter(([it, { width, height, left, right }]) =>
        width && (width < 24 || height < 24 || left < 0 || right > innerWidth))
      .map(([it, { width, height }]) => `${it.outerHTML} ${width}x${height}`)"""
    await page.set_viewport_size({"width": 320, "height": 640})
    world.act("Alice", "review", stars="4", text="code_that_is_very_long_and_has_no_place_to_break()" * 3)
    address = world.page(ELEMENT, document=DOCUMENT.replace('lang="en"', f'lang="{language}" dir="auto"'))
    await opened(page, address)
    await rating(page).locator("#rate button[value='4']").click()
    await rating(page).locator("#unrate button").wait_for()
    await rating(page).locator("#write summary").click()
    await settle(page)

    assert await page.evaluate("() => document.documentElement.scrollWidth") <= 320
    assert await rating(page).evaluate(small) == []


async def test_nothing_moves_when_one_rates(world: World, page: Page) -> None:
    await watched(page)
    await opened(page, world.page(f"{ELEMENT}<p id='below'>Below</p>"))
    where = "() => document.querySelector('#below').getBoundingClientRect().top"
    before = await page.evaluate(where)

    await rate(page, 5)
    await settle(page)

    assert await page.evaluate(where) == before
