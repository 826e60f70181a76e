"""Without JavaScript everything that is said can be read, and one can join in."""

from __future__ import annotations

from collections.abc import AsyncIterator
from urllib.parse import quote

import pytest
import pytest_asyncio
from playwright.async_api import Browser, BrowserContext, Page

from tests.e2e.conftest import World
from tests.e2e.reading import cookies, filled, read, watched, write

pytestmark = pytest.mark.asyncio(loop_scope="session")


@pytest_asyncio.fixture(loop_scope="session")
async def plain(browser: Browser) -> AsyncIterator[BrowserContext]:
    """A reader whose browser runs no script."""
    context = await browser.new_context(java_script_enabled=False)
    context.set_default_timeout(8_000)
    yield context
    await context.close()


async def test_one_reads_writes_answers_changes_and_takes_back(world: World, plain: BrowserContext) -> None:
    world.act("Alice", "comment", text="A **word**")
    page = await plain.new_page()
    noticed = await watched(page)

    await page.goto(document(world))
    before = await cookies(plain)
    await page.locator("#compose textarea").fill("My word")
    await page.locator("#compose [name=name]").fill("Charlie")
    await page.locator("#compose button[value=comment]").click()
    own = page.locator("article", has_text="My word")
    await own.wait_for()
    after = await cookies(plain)

    await page.locator("article", has_text="A word").get_by_role("link", name="Reply").click()
    await page.locator(".note", has_text="Alice").wait_for()
    await page.locator("#compose textarea").fill("My answer")
    await page.locator("#compose button[value=comment]").click()
    answer = page.locator("article article", has_text="My answer")
    await answer.wait_for()
    assert await page.locator("#compose [name=name]").input_value() == "Charlie"

    await answer.locator("summary").first.click()
    await answer.locator("textarea").fill("My better answer")
    await answer.locator("button[value=edit]").click()
    better = page.locator("article article", has_text="My better answer")
    await better.wait_for()
    await better.locator("summary").last.click()
    await better.locator("button[value=delete]").click()
    await better.wait_for(state="detached")

    assert before == []
    assert after == ["transom-blog"]
    assert noticed.lines == []
    assert len(world.comments()) == 2


async def test_a_reload_posts_nothing_again(world: World, plain: BrowserContext) -> None:
    page = await plain.new_page()
    await page.goto(document(world))

    await page.locator("#compose textarea").fill("Said once")
    await page.locator("#compose button[value=comment]").click()
    await page.locator("article").wait_for()
    await page.reload()

    assert await page.locator("article").count() == 1


async def test_what_is_refused_comes_back_with_its_words_and_can_be_sent_again(
    world: World, plain: BrowserContext
) -> None:
    page = await plain.new_page()
    await page.goto(document(world))

    await page.locator("#compose textarea").evaluate("(it) => it.removeAttribute('maxlength')")
    await page.locator("#compose textarea").fill("Too long. " * 1_001)
    await page.locator("#compose [name=name]").fill("Charlie")
    await page.locator("#compose button[value=comment]").click()
    await page.get_by_role("heading", name="That did not work").wait_for()
    kept = await page.locator("textarea").input_value()
    await page.locator("textarea").fill("Short enough")
    await page.get_by_role("button", name="Send again").click()
    await page.locator("article", has_text="Short enough").wait_for()

    assert kept == "Too long. " * 1_001
    assert [each["name"] for each in world.comments()] == ["Charlie"]


async def test_links_lead_through_all_of_a_long_thread(world: World, plain: BrowserContext) -> None:
    await filled(world, 120)
    page = await plain.new_page()
    await page.goto(document(world))
    found: set[str] = set()

    while True:
        found |= {f"{await each.get_attribute('id')}" for each in await page.locator("article").all()}
        more = page.get_by_text("Show more comments")
        if not await more.count():
            break
        await more.click()
        await page.wait_for_load_state()

    assert len(found) == 120


async def test_who_has_no_cookies_can_still_read(world: World, browser: Browser) -> None:
    world.act("Alice", "comment", text="A word")
    context = await browser.new_context(java_script_enabled=False)
    page = await context.new_page()

    await page.goto(document(world))

    assert await page.locator("article").count() == 1
    await context.close()


async def test_the_link_in_the_snippet_leads_there(world: World, plain: BrowserContext) -> None:
    world.act("Alice", "comment", text="A word")
    link = f'<noscript><a href="{document(world)}">Read the comments</a></noscript>'
    page = await plain.new_page()

    await page.goto(world.page(f"<transom-comments>{link}</transom-comments>"))
    await page.get_by_role("link", name="Read the comments").click()
    await page.locator("article", has_text="A word").wait_for()
    back = page.locator("h1 a")

    assert await back.get_attribute("href") == f"{world.blog}/post"


async def test_the_document_runs_nothing_and_asks_nobody(world: World, page: Page) -> None:
    world.act(
        "Mallory",
        "comment",
        text="<script>alert(1)</script><img src=http://leak.example/> [x](javascript:alert(1))",
    )
    noticed = await watched(page)

    answer = await page.goto(document(world))

    assert answer
    policy = await answer.header_value("content-security-policy")
    assert policy
    assert policy.startswith("default-src 'none'")
    assert "unsafe" not in policy
    assert noticed.hosts == {world.server.removeprefix("http://")}
    assert (noticed.dialogs, noticed.lines) == ([], [])


async def test_with_and_without_scripts_one_sees_the_same_thread(
    world: World, page: Page, plain: BrowserContext
) -> None:
    await read(page, world.page())
    await write(page, "Said with scripts", "Charlie")
    other = await plain.new_page()
    await other.goto(document(world))
    await other.locator("#compose textarea").fill("Said without")
    await other.locator("#compose button[value=comment]").click()
    await other.locator("article", has_text="Said without").wait_for()

    await page.reload()

    await page.locator("transom-comments article", has_text="Said without").wait_for()
    assert await other.locator("article").count() == 2


def document(world: World) -> str:
    """The address of a page's thread for those without scripts."""
    return f"{world.server}/v1/blog/thread?subject={quote(world.key(), safe='')}&format=page"
