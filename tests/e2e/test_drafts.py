"""What was typed outlives the page that it was typed in, and is posted once, whatever happens in between."""

from __future__ import annotations

import json

import pytest
from playwright.async_api import Page, Route

from tests.e2e.conftest import World
from tests.e2e.reading import comment, form, read, settle, storage, thread, write

pytestmark = pytest.mark.asyncio(loop_scope="session")

KEPT = "() => Object.values(sessionStorage).map((text) => JSON.parse(text).once)"


async def lose(route: Route) -> None:
    """Let a request arrive, and its answer never."""
    await route.fetch()
    await route.abort()


async def send(page: Page) -> None:
    """Send the form at the top."""
    await form(page).locator("button[value=comment]").click()


async def test_a_first_post_whose_answer_was_lost_is_there_once_after_a_reload(
    world: World, page: Page
) -> None:
    await read(page, world.page())
    await page.route("**/interactions", lose)
    await form(page).locator("textarea").fill("Said once")
    await form(page).locator("[name=name]").fill("Charlie")
    await send(page)
    await form(page).locator("[part=error]").wait_for()
    await page.unroute_all()

    await page.reload()
    await comment(page, "Said once").wait_for()
    kept = await form(page).locator("textarea").input_value()
    await send(page)
    await thread(page).locator("article summary").first.wait_for()  # it is theirs now

    assert kept == "Said once"
    assert await form(page).locator("textarea").input_value() == ""
    assert [each["name"] for each in world.comments()] == ["Charlie"]
    assert await thread(page).locator("article").count() == 1
    assert (await storage(page))["session"] == []


async def test_so_it_is_when_the_session_had_expired_as_well(world: World, page: Page) -> None:
    await read(page, world.page())
    await write(page, "Before")
    await page.evaluate("() => { for (const name in localStorage) localStorage[name] = 'long expired' }")

    async def lose_the_second(route: Route) -> None:
        answer = await route.fetch()
        if answer.ok:
            await route.abort()
        else:
            await route.fulfill(response=answer)

    await page.route("**/interactions", lose_the_second)
    await form(page).locator("textarea").fill("Said once")
    await send(page)
    await form(page).locator("[part=error]").wait_for()
    await page.unroute_all()
    await page.reload()
    await comment(page, "Said once").wait_for()
    await send(page)
    await comment(page, "Said once").locator("summary").first.wait_for()

    assert len(world.comments()) == 2


async def test_another_text_is_another_post(world: World, page: Page) -> None:
    await read(page, world.page())
    await page.route("**/interactions", lose)
    await form(page).locator("textarea").fill("A first thought")
    first = await page.evaluate(KEPT)
    await send(page)
    await form(page).locator("[part=error]").wait_for()
    await page.unroute_all()

    await form(page).locator("textarea").fill("A second thought")
    second = await page.evaluate(KEPT)
    await send(page)
    await comment(page, "A second thought").wait_for()
    await write(page, "A second thought, again")

    assert first != second
    assert len(first) == len(second) == 1
    assert len(world.comments()) == 3


async def test_a_half_written_reply_is_open_after_a_reload(world: World, page: Page) -> None:
    told = world.act("Alice", "comment", text="A word")
    await read(page, world.page())
    await comment(page, "A word").locator("[data-reply]").click()
    await thread(page).locator("form[id^=r-] textarea").fill("Half an ans")

    await page.reload()
    reply = thread(page).locator("form[id^=r-]")
    await reply.wait_for()
    await settle(page)
    text, focus = await reply.locator("textarea").input_value(), "() => document.activeElement.localName"
    focused = await page.evaluate(focus)
    await reply.locator("textarea").press_sequentially("wer")
    await reply.locator("button[value=comment]").click()
    await comment(page, "wer").wait_for()

    assert text == "Half an ans"
    assert focused == "body"  # nobody's place on the page is taken
    assert [each["parent"] for each in world.comments() if each["parent"]] == [told["id"]]
    assert (await storage(page))["session"] == []


async def test_a_reply_that_was_closed_comes_back_with_its_words(world: World, page: Page) -> None:
    world.act("Alice", "comment", text="A word")
    await read(page, world.page())
    opener, reply = comment(page, "A word").locator("[data-reply]"), thread(page).locator("form[id^=r-]")

    await opener.click()
    await reply.locator("textarea").fill("Half an answer")
    await page.keyboard.press("Escape")
    await reply.wait_for(state="detached")
    await opener.click()
    back = await reply.locator("textarea").input_value()
    await reply.locator("button[type=reset]").click()
    await reply.wait_for(state="detached")
    await opener.click()

    assert back == "Half an answer"
    assert await reply.locator("textarea").input_value() == ""


async def test_a_reply_keeps_its_key_as_well(world: World, page: Page) -> None:
    world.act("Alice", "comment", text="A word")
    await read(page, world.page())
    sent: list[str] = []
    page.on(
        "request",
        lambda it: sent.append(json.dumps(it.post_data)) if it.url.endswith("/interactions") else None,
    )
    await page.route("**/interactions", lose)
    await comment(page, "A word").locator("[data-reply]").click()
    reply = thread(page).locator("form[id^=r-]")
    await reply.locator("textarea").fill("An answer")
    await reply.locator("button[value=comment]").click()
    await reply.locator("[part=error]").wait_for()
    await page.unroute_all()

    await page.reload()
    await reply.locator("button[value=comment]").click()
    await reply.wait_for(state="detached")

    assert len(sent) == 2
    assert len(world.comments()) == 2
