"""When the server, the network or the browser's storage fails, a page is untouched and nobody's words are lost."""

from __future__ import annotations

import json

import httpx
import pytest
from playwright.async_api import BrowserContext, Page, Route

from tests.e2e.conftest import EVERYTHING, World
from tests.e2e.reading import comment, form, read, settle, thread, unreachable, watched, write

pytestmark = pytest.mark.asyncio(loop_scope="session")

FALLBACK = (
    '<p id="theirs">Their own words</p><transom-like></transom-like><transom-count></transom-count>'
    '<transom-comments><p id="fallback">Write to us instead</p></transom-comments>'
)
FORGED = "WyJibG9nIiwiMDAwMDAwMDAtMDAwMC03ZmVhLTlkNTItODk0YzI2OWYxNWUzIl0.aaaaaa.forged"
NO_STORAGE = """
for (const name of ['localStorage', 'sessionStorage', 'indexedDB', 'caches']) {
  Object.defineProperty(globalThis, name, { get() { throw new DOMException('not here', 'SecurityError') } });
}
Object.defineProperty(document, 'cookie', {
  get() { throw new DOMException('not here', 'SecurityError') },
  set() { throw new DOMException('not here', 'SecurityError') },
});
"""


async def test_a_server_that_is_away_leaves_the_page_as_it_was(world: World, page: Page) -> None:
    noticed = await watched(page)
    address = world.page(FALLBACK)

    with unreachable(world):
        await page.goto(address)
        await settle(page)

        assert await page.locator("#theirs").inner_text() == "Their own words"
        assert await page.locator("#fallback").is_visible()
    # What the browser itself says about the sheet and the script that did not come.
    assert all("Failed to load resource" in line for line in noticed.lines)
    assert len(noticed.lines) <= 2


@pytest.mark.parametrize("status", [0, 429, 500, 503])
async def test_one_retry_is_offered_and_works(world: World, page: Page, status: int) -> None:
    world.act("Alice", "comment", text="A word")
    noticed = await watched(page)
    problem = {
        "type": "about:blank",
        "title": "No",
        "status": status,
        "detail": "Not now.",
        "code": "not_now",
    }

    async def fail(route: Route) -> None:
        if status:
            headers = {"access-control-allow-origin": "*", "retry-after": "1"}
            body = json.dumps(problem)
            await route.fulfill(
                status=status, headers=headers, content_type="application/problem+json", body=body
            )
        else:
            await route.abort()

    await page.route("**/v1/**", fail)
    await page.goto(world.page(FALLBACK))
    await page.get_by_role("button").first.wait_for()
    await settle(page)
    offered = await page.get_by_role("button").count()
    fallback = await page.locator("#fallback").is_visible()
    lines = list(noticed.lines)
    await page.unroute_all()
    await page.get_by_role("button").first.click()
    await comment(page, "A word").wait_for()
    await page.locator("transom-like button").wait_for()

    assert offered == 1
    assert fallback
    # The browser's own line about each of the two addresses that failed, and none of ours.
    assert all("Failed to load resource" in line for line in lines)
    assert len(lines) <= 2


async def test_a_failed_post_keeps_the_words_and_works_when_it_is_sent_again(
    world: World, page: Page
) -> None:
    await read(page, world.page())
    await form(page).locator("textarea").fill("Worth keeping")
    await form(page).locator("[name=name]").fill("Charlie")

    with unreachable(world):
        await form(page).locator("button[value=comment]").click()
        await thread(page).locator("output", has_text="Not sent").first.wait_for()
        kept = await form(page).locator("textarea").input_value()
    await form(page).locator("button[value=comment]").click()
    await comment(page, "Worth keeping").wait_for()

    assert kept == "Worth keeping"
    assert await form(page).locator("textarea").input_value() == ""
    assert [each["name"] for each in world.comments()] == ["Charlie"]


async def test_a_post_whose_answer_was_lost_is_there_once(world: World, page: Page) -> None:
    await read(page, world.page())

    async def lose(route: Route) -> None:
        await route.fetch()
        await route.abort()

    await page.route("**/interactions", lose)
    await form(page).locator("textarea").fill("Said once")
    await form(page).locator("button[value=comment]").click()
    await thread(page).locator("output:not(:empty)").first.wait_for()
    await page.unroute_all()
    assert len(world.comments()) == 1

    await form(page).locator("button[value=comment]").click()
    await comment(page, "Said once").wait_for()

    assert len(world.comments()) == 1
    assert await thread(page).locator("article").count() == 1


async def test_a_double_click_posts_once_however_slow_the_answer(world: World, page: Page) -> None:
    noticed = await watched(page)
    await read(page, world.page())
    held: list[Route] = []

    async def hold(route: Route) -> None:
        held.append(route)

    await page.route("**/interactions", hold)
    await form(page).locator("textarea").fill("Said once")
    async with page.expect_request("**/interactions"):
        await form(page).locator("button[value=comment]").dblclick()
    await page.keyboard.press("Enter")
    await settle(page)
    await held[0].continue_()
    await comment(page, "Said once").wait_for()

    assert len(noticed.asked("/interactions")) == 1
    assert len(world.comments()) == 1


@pytest.mark.parametrize("status", [429, 503])
async def test_a_refusal_is_told_in_the_servers_words(world: World, page: Page, status: int) -> None:
    await read(page, world.page())
    detail = "Too much at once; please wait a minute."
    problem = {"type": "about:blank", "title": "No", "status": status, "detail": detail, "code": "busy"}

    async def refuse(route: Route) -> None:
        headers = {"access-control-allow-origin": world.blog, "retry-after": "60"}
        await route.fulfill(status=status, headers=headers, body=json.dumps(problem))

    await page.route("**/interactions", refuse)
    await form(page).locator("textarea").fill("In a hurry")
    await form(page).locator("button[value=comment]").click()
    await thread(page).locator("output", has_text=detail).first.wait_for()
    kept = await form(page).locator("textarea").input_value()
    await page.locator("transom-like button").click()
    await page.locator("transom-like output", has_text=detail).wait_for()

    assert kept == "In a hurry"
    assert await page.locator("transom-like [aria-pressed=false]").count() == 1


async def test_typed_words_survive_a_reload_in_every_form(world: World, page: Page) -> None:
    told = world.act("Alice", "comment", text="A word")
    await read(page, world.page())
    await write(page, "My own")

    await form(page).locator("textarea").fill("A new one")
    await comment(page, "A word").locator("[data-reply]").click()
    await thread(page).locator("form[id^=r-] textarea").fill("A reply")
    await comment(page, "My own").locator("summary").first.click()
    await thread(page).locator("form[id^=e-] textarea").fill("My own, changed")
    await page.reload()
    await thread(page).locator("form[id^=e-] textarea").wait_for()
    await comment(page, "A word").locator("[data-reply]").click()

    assert await form(page).locator("textarea").input_value() == "A new one"
    assert await thread(page).locator("form[id^=r-] textarea").input_value() == "A reply"
    assert await thread(page).locator("form[id^=e-] textarea").input_value() == "My own, changed"
    await thread(page).locator("form[id^=r-] button[value=comment]").click()
    await comment(page, "A reply").wait_for()
    assert [each["parent"] for each in world.comments() if each["parent"]] == [told["id"]]


@pytest.mark.parametrize("token", ["", "nonsense", FORGED])
async def test_a_token_that_is_no_longer_good_costs_no_words(world: World, page: Page, token: str) -> None:
    spoil = "(token) => { for (const key of Object.keys(localStorage)) localStorage.setItem(key, token) }"
    await read(page, world.page())
    await write(page, "Who wrote this?")
    await page.evaluate(spoil, token)
    await page.reload()
    await comment(page, "Who wrote this?").wait_for()
    await settle(page)
    await write(page, "With a new token")

    await page.evaluate(spoil, token)
    own = await write(page, "Still here")

    await own.locator("summary").first.wait_for()
    assert await page.evaluate("() => Object.values(localStorage)[0]") not in {None, token}


async def test_without_storage_and_cookies_one_reads_and_posts_as_long_as_the_page_is_open(
    world: World, page: Page
) -> None:
    world.act("Alice", "comment", text="A word")
    noticed = await watched(page)
    await page.add_init_script(NO_STORAGE)

    await read(page, world.page())
    await comment(page, "A word").wait_for()
    first = await write(page, "My first", "Charlie")
    await write(page, "My second", "Charlie")
    await first.locator("summary").first.click()
    await first.locator("form[id^=e-] textarea").fill("My first, changed")
    await first.locator("button[value=edit]").click()
    await comment(page, "My first, changed").wait_for()

    assert noticed.lines == []
    assert len(world.comments()) == 3


async def test_full_storage_costs_no_words(world: World, page: Page) -> None:
    await page.add_init_script(
        "Storage.prototype.setItem = () => { throw new DOMException('full', 'QuotaExceededError') };"
    )
    await read(page, world.page())

    own = await write(page, "Said all the same")

    await own.locator("summary").first.wait_for()


async def test_two_people_on_one_page_never_see_what_is_the_others(
    world: World, reader: BrowserContext, page: Page
) -> None:
    browser = reader.browser
    assert browser
    other = await browser.new_context(locale="en-GB", timezone_id="Europe/Berlin")
    theirs = await other.new_page()
    address = world.page()

    for tab in (page, theirs):
        await read(tab, address)
    mine = await write(page, "Charlie's word", "Charlie")
    await page.locator("transom-like button").click()
    await page.locator("transom-like [aria-pressed=true]:not(form[aria-busy] *)").wait_for()
    await write(theirs, "Dana's word", "Dana")
    await mine.locator("summary").first.click()
    for tab in (page, theirs):
        await tab.reload()
        await thread(tab).locator("article summary").first.wait_for()

    assert await page.locator("transom-like [aria-pressed=true]").count() == 1
    assert await theirs.locator("transom-like [aria-pressed=false]").count() == 1
    assert await theirs.locator("transom-like data").inner_text() == "1"
    for tab, own, foreign in ((page, "Charlie", "Dana"), (theirs, "Dana", "Charlie")):
        assert await comment(tab, f"{own}'s word").locator("summary").count() == 2
        assert await comment(tab, f"{foreign}'s word").locator("summary").count() == 0
        assert await form(tab).locator("[name=name]").input_value() == own
    async with httpx.AsyncClient() as client:
        query = {"subject": world.key(), "format": "fragments", "widgets": "like,comments,count"}
        shared = await client.get(f"{world.server}/v1/blog/page", params=query)
    assert "summary>" not in shared.text
    await other.close()


async def test_a_held_comment_is_seen_by_its_author_alone_after_a_reload_too(
    held_world: World, reader: BrowserContext, page: Page
) -> None:
    browser = reader.browser
    assert browser
    other = await browser.new_context()
    theirs = await other.new_page()
    address = held_world.page(EVERYTHING)

    await read(page, address)
    await write(page, "Held back", "Charlie")
    await page.reload()
    await comment(page, "Held back").wait_for()
    await read(theirs, address)
    await settle(theirs)

    assert await comment(page, "Held back").locator("[part=note]").count() == 1
    assert await thread(theirs).locator("article").count() == 0
    await other.close()
