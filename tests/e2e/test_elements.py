"""The three elements on a page of another origin: what a reader can do, and what is still theirs afterwards."""

from __future__ import annotations

import pytest
from playwright.async_api import Page, Route, expect

from tests.e2e.conftest import World

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def write(page: Page, text: str, name: str = "Ann") -> None:
    """Fill in the form at the top and send it."""
    await page.locator("#compose textarea").fill(text)
    await page.locator("#compose [name=name]").fill(name)
    await page.locator("#compose button[name=action]").click()


async def test_a_reader_sees_likes_counts_and_comments(world: World, page: Page) -> None:
    world.act("Bob", "comment", text="First *words*.")
    world.act("Bob", "like")

    await page.goto(world.page())

    await expect(page.locator("transom-comments article")).to_contain_text("First words.")
    await expect(page.locator("transom-comments article em")).to_have_text("words")
    await expect(page.locator("transom-like data")).to_have_text("1")
    await expect(page.locator("transom-count #count > span")).to_have_text("1 comment")


async def test_a_like_can_be_given_and_taken_back_and_lasts(world: World, page: Page) -> None:
    await page.goto(world.page())
    button = page.locator("transom-like button")

    async with page.expect_response("**/interactions"):
        await button.click()
    await expect(button).to_have_attribute("value", "unlike")
    await expect(page.locator("transom-like data")).to_have_text("1")
    await page.reload()
    await expect(button).to_have_attribute("aria-pressed", "true")
    async with page.expect_response("**/interactions"):
        await button.click()

    await expect(button).to_have_attribute("aria-pressed", "false")
    await expect(button).to_have_attribute("value", "like")
    assert world.likes() == 0


async def test_a_like_that_fails_is_rolled_back(world: World, page: Page) -> None:
    await page.goto(world.page())
    button = page.locator("transom-like button")
    await expect(button).to_be_visible()
    await page.route("**/interactions", lambda route: route.abort())

    await button.click()

    await expect(page.locator("transom-like output:not(:empty)")).to_be_visible()
    await expect(button).to_have_attribute("aria-pressed", "false")


async def test_a_comment_appears_has_the_focus_and_is_announced(world: World, page: Page) -> None:
    await page.goto(world.page())

    await write(page, "Hello **world**")

    article = page.locator("transom-comments article")
    await expect(article).to_contain_text("Hello world")
    await expect(article).to_be_focused()
    await expect(page.locator("transom-comments output:not(:empty)")).to_have_text("Your comment is posted.")
    await expect(page.locator("#heading")).to_have_text("1 comment")
    await expect(page.locator("#compose textarea")).to_have_value("")
    assert [each["name"] for each in world.comments()] == ["Ann"]


async def test_a_reply_stands_under_its_comment_and_escape_goes_back(world: World, page: Page) -> None:
    world.act("Bob", "comment", text="A question?")
    await page.goto(world.page())
    opener = page.locator("[data-reply]")
    form = page.locator("form[id^=r-]")

    await opener.click()
    await expect(form.locator("textarea")).to_be_focused()
    await page.keyboard.press("Escape")
    await expect(form).to_have_count(0)
    await expect(opener).to_be_focused()
    await page.keyboard.press("Enter")
    await page.keyboard.type("An answer.")
    await form.locator("button[name=action]").click()

    await expect(page.locator("article article")).to_contain_text("An answer.")
    await expect(form).to_have_count(0)
    assert [each["depth"] for each in world.comments()] == [0, 1]


async def test_what_was_written_can_be_edited_and_deleted_after_a_reload(world: World, page: Page) -> None:
    source = "Fish & chips <b>&amp;</b>\n\n* one"
    await page.goto(world.page())
    await write(page, source)
    await expect(page.locator("article")).to_be_focused()
    await page.reload()

    await page.locator("summary", has_text="Edit").click()
    field = page.locator("article textarea")
    assert await field.input_value() == source
    await field.fill("Changed.")
    await page.locator("article button[value=edit]").click()
    await expect(page.locator("article")).to_contain_text("Changed.")
    await expect(page.locator("article")).to_contain_text("edited")
    await page.locator("summary", has_text="Delete").click()
    await page.locator("article button[value=delete]").click()

    await expect(page.locator("article")).to_contain_text("Deleted by its author")
    await expect(page.locator("#heading")).to_have_text("Comments")
    assert world.comments() == []


async def test_typed_text_survives_a_reload_and_a_failed_post(world: World, page: Page) -> None:
    await page.goto(world.page())
    await page.locator("#compose textarea").fill("Long thoughts")
    await page.locator("#compose [name=name]").fill("Ann")
    await page.reload()
    await expect(page.locator("#compose textarea")).to_have_value("Long thoughts")
    await page.route("**/interactions", lambda route: route.abort())

    await page.locator("#compose button[name=action]").click()

    await expect(page.locator("transom-comments output:not(:empty)")).to_contain_text(
        "Your text is still here"
    )
    await expect(page.locator("#compose textarea")).to_have_value("Long thoughts")
    await page.unroute("**/interactions")
    await page.locator("#compose button[name=action]").click()
    await expect(page.locator("article")).to_contain_text("Long thoughts")
    await page.reload()
    await expect(page.locator("article")).to_contain_text("Long thoughts")
    await expect(page.locator("#compose textarea")).to_have_value("")


async def test_a_double_click_posts_once(world: World, page: Page) -> None:
    posted: list[str] = []
    page.on("request", lambda request: posted.append(request.url) if request.method == "POST" else None)
    await page.goto(world.page())
    await page.locator("#compose textarea").fill("Only once")

    await page.locator("#compose button[name=action]").dblclick()

    await expect(page.locator("article")).to_have_count(1)
    assert len([url for url in posted if url.endswith("/interactions")]) == 1
    assert len(world.comments()) == 1


async def test_a_post_whose_answer_was_lost_is_not_posted_again(world: World, page: Page) -> None:
    await page.goto(world.page())
    lost: list[Route] = []

    async def lose(route: Route) -> None:
        if not lost:
            lost.append(route)
            await route.fetch()
            await route.abort()
        else:
            await route.continue_()

    await page.route("**/interactions", lose)
    await write(page, "Said once")
    await expect(page.locator("transom-comments output:not(:empty)")).to_be_visible()

    await page.locator("#compose button[name=action]").click()

    await expect(page.locator("article")).to_contain_text("Said once")
    assert len(world.comments()) == 1


async def test_a_server_that_is_down_leaves_the_page_and_offers_one_retry(world: World, page: Page) -> None:
    body = '<transom-like></transom-like><transom-comments retry="Again">An older copy.</transom-comments>'
    await page.goto(world.page(body))
    await expect(page.locator("#compose")).to_be_visible()
    await page.route("**/v1/**", lambda route: route.abort())
    await page.reload()
    retry = page.get_by_role("button", name="Again")

    await expect(retry).to_have_count(1)
    await expect(page.get_by_text("An older copy.")).to_be_visible()
    await page.unroute("**/v1/**")
    await retry.click()

    await expect(page.locator("#compose")).to_be_visible()
    await expect(page.locator("transom-like button")).to_be_visible()


async def test_a_stale_token_neither_blocks_reading_nor_writing(world: World, page: Page) -> None:
    await page.goto(world.page())
    place = f"transom:{world.server}/v1/blog"
    await page.evaluate(f"localStorage.setItem('{place}', 'v1.stale.token')")
    await page.reload()
    await expect(page.locator("#compose")).to_be_visible()
    await page.evaluate(f"localStorage.setItem('{place}', 'v1.stale.token')")

    await write(page, "Still here")

    await expect(page.locator("article")).to_contain_text("Still here")
    assert await page.evaluate(f"localStorage.getItem('{place}')") != "v1.stale.token"


async def test_a_held_comment_is_shown_to_its_author_alone(held_world: World, page: Page) -> None:
    await page.goto(held_world.page())

    await write(page, "May I?")
    await expect(page.locator("article")).to_contain_text("Waiting for a moderator")
    await page.reload()

    await expect(page.locator("article")).to_contain_text("Waiting for a moderator")
    assert held_world.comments() == []


async def test_everything_works_under_a_strict_policy(world: World, page: Page) -> None:
    world.act("Bob", "comment", text="First.")
    await page.add_init_script(
        "window.violations = [];"
        " addEventListener('securitypolicyviolation', (event) => violations.push(event.violatedDirective))"
    )
    await page.goto(world.page(strict=True))

    await write(page, "Second.")

    await expect(page.locator("article")).to_have_count(2)
    assert await page.evaluate("violations") == []


async def test_more_roots_and_more_replies_come_on_request(world: World, page: Page) -> None:
    for number in range(52):
        root = world.act("Bob", "comment", text=f"Root {number}")["id"]
    for number in range(23):
        world.act("Bob", "comment", text=f"Reply {number}", parent=root)
    await page.goto(world.page())
    await expect(page.locator("#list > article")).to_have_count(50)

    await page.get_by_role("button", name="Show 3 more replies").click()
    await expect(page.locator("article article")).to_have_count(23)
    await page.get_by_role("button", name="Show more comments").click()

    await expect(page.locator("#list > article")).to_have_count(52)
    await expect(page.get_by_role("button", name="Show")).to_have_count(0)


async def test_two_first_doings_at_once_are_one_persons(world: World, page: Page) -> None:
    await page.goto(world.page())
    await page.locator("transom-comments textarea").fill("My first words")
    await page.evaluate(
        """() => {
            const inside = (name) => document.querySelector(name).shadowRoot;
            inside("transom-like").querySelector("button").click();
            inside("transom-comments").querySelector("#compose button[value=comment]").click();
        }"""
    )
    await expect(page.locator("article")).to_contain_text("My first words")
    await expect(page.locator("transom-like button")).to_have_attribute("aria-pressed", "true")
    await page.reload()

    await expect(page.locator("transom-like button")).to_have_attribute("aria-pressed", "true")
    await expect(page.locator("article summary").first).to_be_visible()
