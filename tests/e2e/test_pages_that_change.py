"""Pages that change under the elements, go back and forth, and have a word in what is posted."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.async_api import Page, async_playwright

from tests.e2e.conftest import FLAGS, World
from tests.e2e.reading import comment, read, settle, thread, watched, write

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_an_app_that_changes_its_address_gets_the_other_pages_thread(world: World, page: Page) -> None:
    world.act("Alice", "comment", text="About the first", path="/first")
    world.act("Alice", "comment", text="About the second", path="/second")
    await read(page, world.page(path="/first"))
    await comment(page, "About the first").wait_for()

    await page.evaluate("() => { history.pushState(null, '', '/second'); transom.refresh(); }")
    await comment(page, "About the second").wait_for()
    await page.locator("transom-like button").click()
    await page.locator("transom-like [aria-pressed=true]:not(form[aria-busy] *)").wait_for()

    assert await comment(page, "About the first").count() == 0
    assert (world.likes("/first"), world.likes("/second")) == (0, 1)


async def test_refresh_brings_what_others_wrote_since(world: World, page: Page) -> None:
    await read(page, world.page())

    world.act("Alice", "comment", text="Written since")
    await page.evaluate("() => transom.refresh()")

    await comment(page, "Written since").wait_for()


async def test_a_page_out_of_the_back_forward_cache_still_works(world: World, chromium: str) -> None:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=chromium, args=FLAGS, ignore_default_args=["--disable-back-forward-cache"]
        )
        page = await browser.new_page()
        await page.add_init_script(
            "addEventListener('pageshow', ({ persisted }) => { window.persisted = persisted });"
        )
        await read(page, world.page())
        await settle(page)
        await thread(page).locator("#compose textarea").fill("Half a thought")
        world.page("<p>Elsewhere</p>", path="/elsewhere")
        await page.goto(f"{world.blog}/elsewhere")
        await page.go_back(wait_until="commit")
        await thread(page).locator("#compose").wait_for()

        assert await page.evaluate("() => window.persisted")
        assert await thread(page).locator("#compose textarea").input_value() == "Half a thought"
        await write(page, "A whole thought")
        assert len(world.comments()) == 1
        await browser.close()


async def test_a_page_can_refuse_a_post_before_it_is_made(world: World, page: Page) -> None:
    noticed = await watched(page)
    await read(page, world.page())
    heard = await page.evaluate_handle(
        """() => {
          const heard = [];
          document.addEventListener('transom-before-post', (event) => {
            heard.push(event.detail);
            heard.length === 1 && event.preventDefault();
          });
          return heard;
        }"""
    )

    await thread(page).locator("#compose textarea").fill("Not yet")
    await thread(page).locator("#compose button[value=comment]").click()
    await settle(page)
    refused = list(noticed.asked("/interactions"))
    kept = await thread(page).locator("#compose textarea").input_value()
    await write(page, "Not yet")
    details: list[dict[str, Any]] = await heard.json_value()

    assert refused == []
    assert kept == "Not yet"
    assert [(each["widget"], each["action"]) for each in details] == [("comments", "comment")] * 2


async def test_a_page_can_wait_until_the_widgets_are_there(world: World, page: Page) -> None:
    await page.goto(world.page())

    assert await page.evaluate("async () => { await transom.ready; return true }")
    assert await page.evaluate("() => !!document.querySelector('transom-comments, transom-like').shadowRoot")


async def test_a_page_hears_what_was_posted(world: World, page: Page) -> None:
    await read(page, world.page())
    heard = await page.evaluate_handle(
        """() => {
          const heard = [];
          document.addEventListener('transom-posted', ({ detail, target }) => heard.push([target, detail]));
          return heard;
        }"""
    )

    await write(page, "A word")
    told = await heard.evaluate(
        "(heard) => heard.map(([target, { widget, action, verdict, id }]) =>"
        " [target.localName, widget, action, verdict, id])"
    )

    published = world.comments()[0]["id"]
    assert told == [["transom-comments", "comments", "comment", "publish", published]]
