"""Everything can be done by keyboard, and what became of it is said."""

from __future__ import annotations

import pytest
from playwright.async_api import Page

from tests.e2e.conftest import World
from tests.e2e.reading import comment, filled, form, read, said, thread, unreachable, write

pytestmark = pytest.mark.asyncio(loop_scope="session")

FOCUSED = """(() => {
  let it = document.activeElement;
  while (it?.shadowRoot?.activeElement) it = it.shadowRoot.activeElement;
  return it;
})()"""


async def test_the_keyboard_alone_is_enough(world: World, page: Page) -> None:
    await filled(world, 55)
    await read(page, world.page())
    await page.evaluate("() => document.body.focus()")

    await tab_to(page, "transom-like button, .like button")
    await page.keyboard.press("Space")
    await page.locator("transom-like [aria-pressed=true]:not(form[aria-busy] *)").wait_for()
    after_like = await focused(page)
    await tab_to(page, "#compose textarea")
    await page.keyboard.type("Typed by hand")
    await tab_to(page, "#compose [name=name]")
    await page.keyboard.type("Charlie")
    await tab_to(page, "#compose button[value=comment]")
    await page.keyboard.press("Enter")
    await comment(page, "Typed by hand").wait_for()
    await on(page, "article")
    assert await text_of(page) == await comment(page, "Typed by hand").inner_text()

    await tab_to(page, "article [data-reply]")
    await page.keyboard.press("Enter")
    await on(page, "form[id^=r-] textarea")
    await page.keyboard.press("Escape")
    await on(page, "[data-reply]")
    assert await thread(page).locator("form[id^=r-]").count() == 0
    await page.keyboard.press("Enter")
    await on(page, "form[id^=r-] textarea")
    await page.keyboard.type("An answer")
    await tab_to(page, "form[id^=r-] button[value=comment]")
    await page.keyboard.press("Enter")
    await comment(page, "An answer").wait_for()
    await on(page, "article article")

    await tab_to(page, "article article summary")
    await page.keyboard.press("Enter")
    await tab_to(page, "form[id^=e-] textarea")
    await page.keyboard.press("End")
    await page.keyboard.type(", better")
    await tab_to(page, "form[id^=e-] button[value=edit]")
    await page.keyboard.press("Enter")
    await comment(page, "An answer, better").wait_for()
    await on(page, "article article")

    await tab_to(page, "details:nth-of-type(2) summary")
    await page.keyboard.press("Enter")
    await tab_to(page, "form[id^=d-] button[value=delete]")
    await page.keyboard.press("Enter")
    await thread(page).locator("[part=tombstone]").wait_for()
    await on(page, "article article")

    assert after_like == "button"


async def test_the_keyboard_brings_more_and_stands_at_the_first_of_it(world: World, page: Page) -> None:
    await filled(world, 60)
    await read(page, world.page())
    more = thread(page).get_by_text("Show more comments")

    await more.focus()
    await page.keyboard.press("Enter")
    await thread(page).locator("article").nth(50).wait_for(state="attached")
    await on(page, "article")

    assert (
        await page.evaluate(
            f"() => [...{FOCUSED}.getRootNode().querySelectorAll('article')].indexOf({FOCUSED})"
        )
        == 50
    )


async def test_escape_closes_what_is_open_and_goes_back_to_where_it_was_opened(
    world: World, page: Page
) -> None:
    await read(page, world.page())
    own = await write(page, "A word of my own")
    for summary in (own.locator("summary").first, own.locator("summary").last):
        await summary.focus()
        await page.keyboard.press("Enter")
        await own.locator("details[open]").wait_for()
        await tab_to(page, "details[open] form *")
        await page.keyboard.press("Escape")
        await own.locator("details[open]").wait_for(state="detached")
        assert await focused(page) == "summary"


async def test_the_outcome_is_said_to_who_cannot_see_it(world: World, page: Page) -> None:
    await read(page, world.page())

    own = await write(page, "A word")
    posted = await said(page)
    await own.locator("summary").last.click()
    await own.locator("button[value=delete]").click()
    await thread(page).locator("[part=tombstone]").wait_for()
    deleted = await said(page)
    with unreachable(world):
        await form(page).locator("textarea").fill("Lost?")
        await form(page).locator("button[value=comment]").click()
        await thread(page).locator("output", has_text="Not sent").first.wait_for()

    assert posted == "Your comment is posted."
    assert "Your comment is deleted." in deleted
    assert await page.evaluate(
        "() => [...document.querySelector('transom-comments').shadowRoot.querySelectorAll('output')]"
        ".every((it) => !it.closest('[aria-hidden], [hidden]'))"
    )


async def focused(page: Page) -> str:
    """The name of the element that has the focus, in whichever shadow."""
    name: str = await page.evaluate(f"() => {FOCUSED}?.localName ?? ''")
    return name


async def text_of(page: Page) -> str:
    """What stands in the element that has the focus."""
    text: str = await page.evaluate(f"() => {FOCUSED}.innerText")
    return text


async def on(page: Page, selector: str) -> None:
    """Wait until the focus is on such an element."""
    await page.wait_for_function(f"(selector) => {FOCUSED}?.matches(selector)", arg=selector)


async def tab_to(page: Page, selector: str) -> None:
    """Press Tab until the focus is on such an element; a person would not press it more than ten times."""
    passed = []
    for _ in range(10):
        await page.keyboard.press("Tab")
        if await page.evaluate(f"(selector) => !!{FOCUSED}?.matches(selector)", selector):
            return
        passed.append(await page.evaluate(f"() => {FOCUSED}?.outerHTML.slice(0, 80)"))
    pytest.fail(f"Tab never came to {selector}; it passed {passed}")
