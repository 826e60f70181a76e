"""An open page hears of what others do, and shows it without moving what its reader reads."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, Locator, Page, Route, expect

from tests.e2e.conftest import EVERYTHING, World, build_world
from tests.e2e.reading import comment, filled, read, seen, settle, thread, unreachable, watched, write
from tests.e2e.test_accessibility import BOTH_SCHEMES, axe

pytestmark = pytest.mark.asyncio(loop_scope="session")

PATIENCE = 20_000  # ms; the module comes some seconds after the page
HIDDEN = """(state) => {
  Object.defineProperty(document, 'hidden', { value: state === 'hidden', configurable: true });
  document.dispatchEvent(new Event('visibilitychange'));
}"""


@pytest.fixture
def quiet_world(tmp_path: Path) -> Iterator[World]:
    """A world whose site does without live updates."""
    yield from build_world(tmp_path, live=False)


def news(page: Page) -> Locator:
    """The button that offers what is new."""
    return thread(page).locator("#news button")


async def opened(page: Page, address: str) -> None:
    """Open a page, and wait until it follows its thread."""
    async with page.expect_response(lambda answer: "/live?" in answer.url, timeout=PATIENCE) as told:
        await read(page, address)
    assert (await told.value).ok


async def test_what_somebody_else_writes_is_offered_and_comes_when_asked_for(
    world: World, page: Page, browser: Browser
) -> None:
    await filled(world, 30)
    noticed = await watched(page)
    await opened(page, world.page(strict=True))
    await thread(page).locator("article").nth(12).scroll_into_view_if_needed()
    await settle(page)
    height, moved = await page.evaluate("() => scrollY"), await seen(page, "shift")
    others = await browser.new_context()
    other = await others.new_page()
    await read(other, world.blog + "/post")
    await write(other, "From another browser", "Dana")

    await expect(news(page)).to_have_text("1 new comment", timeout=PATIENCE)
    world.act("Erin", "comment", text="And one more")
    await expect(news(page)).to_have_text("2 new comments", timeout=PATIENCE)
    assert await comment(page, "From another browser").count() == 0
    assert (await page.evaluate("() => scrollY"), await seen(page, "shift")) == (height, moved)

    await news(page).click()

    await expect(comment(page, "And one more")).to_be_focused()
    await expect(comment(page, "And one more")).to_be_in_viewport()
    texts = await thread(page).locator("#list > article > [part=text]").all_inner_texts()
    assert texts[:2] == ["And one more", "From another browser"]
    assert await news(page).count() == 0
    assert await seen(page, "violations") == []
    assert noticed.lines == []
    await others.close()


async def test_counts_follow_and_so_do_edits_and_deletions(world: World, page: Page) -> None:
    first = world.act("Alice", "comment", text="As it was")["id"]
    await watched(page)
    await opened(page, world.page())
    await settle(page)
    moved = await seen(page, "shift")

    world.act("Dana", "like")
    await expect(page.locator("transom-like data")).to_have_attribute("value", "1", timeout=PATIENCE)
    world.act("Alice", "edit", id=first, text="As it is")
    await comment(page, "As it is").wait_for(timeout=PATIENCE)
    world.act("Dana", "comment", text="Another one")
    await expect(page.locator("transom-count data")).to_have_attribute("value", "2", timeout=PATIENCE)
    assert await thread(page).locator("#heading").inner_text() == "2 comments"
    assert await seen(page, "shift") == pytest.approx(moved, abs=0.001)

    await news(page).click()
    await expect(comment(page, "Another one")).to_be_focused()
    world.act("Alice", "delete", id=first)
    await expect(comment(page, "As it is")).to_have_count(0, timeout=PATIENCE)
    await expect(page.locator("transom-count data")).to_have_attribute("value", "1", timeout=PATIENCE)


async def test_replies_are_offered_too_and_stand_where_they_belong(world: World, page: Page) -> None:
    root = world.act("Alice", "comment", text="A question")["id"]
    world.act("Alice", "comment", text="Something else")
    await opened(page, world.page())
    answer = world.act("Dana", "comment", text="An answer", parent=root)["id"]
    world.act("Erin", "comment", text="A remark on it", parent=answer)

    await expect(news(page)).to_have_text("2 new comments", timeout=PATIENCE)
    await news(page).press("Enter")

    await expect(comment(page, "An answer")).to_be_focused()
    below = comment(page, "A question").locator("> article").and_(comment(page, "An answer"))
    await expect(below.locator("> article")).to_contain_text("A remark on it")


async def test_what_was_loaded_by_more_stays(world: World, page: Page) -> None:
    root = world.act("Alice", "comment", text="A question")["id"]
    answer = world.act("Dana", "comment", text="An answer", parent=root)["id"]
    for number in range(24):
        world.act(f"Person {number}", "comment", text=f"Remark {number}.", parent=answer)
    await opened(page, world.page())
    await thread(page).get_by_text("Show 5 more replies").click()
    await comment(page, "Remark 23.").wait_for()
    world.act("Dana", "edit", id=answer, text="A better answer")

    await comment(page, "A better answer").wait_for(timeout=PATIENCE)
    assert await thread(page).locator("article").count() == 26


async def test_ones_own_comments_are_no_news(world: World, page: Page) -> None:
    world.act("Alice", "comment", text="The first")
    await opened(page, world.page())
    async with page.expect_response(lambda answer: "/page?" in answer.url, timeout=PATIENCE):
        await write(page, "My own", "Charlie")
    await settle(page)

    assert await news(page).count() == 0

    world.act("Dana", "comment", text="Not mine")
    await expect(news(page)).to_have_text("1 new comment", timeout=PATIENCE)
    await news(page).click()
    await expect(comment(page, "Not mine")).to_be_focused()
    assert await comment(page, "My own").locator("summary").count() == 2  # still to be edited and deleted


async def test_a_hidden_page_hangs_up_and_catches_up(world: World, page: Page) -> None:
    await opened(page, world.page())
    async with page.expect_event("requestfailed", lambda request: "/live?" in request.url):
        await page.evaluate(HIDDEN, "hidden")
    world.act("Dana", "comment", text="While nobody looked")
    async with page.expect_request(lambda request: "/live?" in request.url):
        await page.evaluate(HIDDEN, "visible")

    await expect(news(page)).to_have_text("1 new comment", timeout=PATIENCE)


async def test_a_thread_that_leaves_the_page_is_followed_no_more(world: World, page: Page) -> None:
    await opened(page, world.page())
    async with page.expect_event("requestfailed", lambda request: "/live?" in request.url):
        await page.evaluate("() => document.querySelector('transom-comments').remove()")


async def test_a_page_catches_up_when_the_server_is_back(world: World, page: Page) -> None:
    await opened(page, world.page())
    with unreachable(world):
        await settle(page)
    world.act("Dana", "comment", text="After the break")

    await expect(news(page)).to_have_text("1 new comment", timeout=2 * PATIENCE)


async def test_a_page_without_a_stream_asks_now_and_then(world: World, page: Page) -> None:
    async def refuse(route: Route) -> None:
        await route.abort()

    await page.route("**/live?*", refuse)
    async with page.expect_event("requestfailed", lambda request: "/live?" in request.url, timeout=PATIENCE):
        await read(page, world.page())
    world.act("Dana", "comment", text="By asking")

    await expect(news(page)).to_have_text("1 new comment", timeout=2 * PATIENCE)


async def test_a_thread_may_keep_out_of_it(world: World, page: Page) -> None:
    noticed = await watched(page)
    async with page.expect_response(lambda answer: answer.url.endswith("/live.js"), timeout=PATIENCE):
        await read(page, world.page(EVERYTHING.replace("<transom-comments", '<transom-comments live="off"')))
    await settle(page)

    assert noticed.asked("/live") == []


async def test_a_site_may_do_without(quiet_world: World, page: Page) -> None:
    noticed = await watched(page)
    await page.add_init_script("const late = setTimeout; globalThis.setTimeout = (act) => late(act)")
    await read(page, quiet_world.page())
    await settle(page)

    assert noticed.asked("/live.js") == []


async def test_a_page_may_show_the_news_in_a_way_of_its_own(world: World, page: Page) -> None:
    await opened(page, world.page())
    await page.evaluate(
        """() => {
          globalThis.heard = new Promise((done) => document.addEventListener('transom-news', (event) => {
            event.preventDefault();
            done(event.detail.count);
          }));
        }"""
    )
    world.act("Dana", "comment", text="For the page to show")

    assert await page.evaluate("() => heard") == 1
    await settle(page)
    assert await news(page).count() == 0


@pytest.mark.parametrize("language", ["en", "ar"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_axe_finds_nothing_wrong_with_the_button(
    world: World, page: Page, scheme: str, language: str
) -> None:
    await page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    world.act("Alice", "comment", text="The first")
    document = BOTH_SCHEMES.replace('lang="en"', f'lang="{language}" dir="auto"')
    await opened(page, world.page(document=document))
    world.act("Dana", "comment", text="Another one")

    await news(page).wait_for(timeout=PATIENCE)
    words = {"en": "1 new comment", "ar": "تعليق جديد واحد"}
    assert await news(page).inner_text() == words[language]
    assert await news(page).locator("xpath=..").get_attribute("role") == "status"
    assert await axe(page) == []
