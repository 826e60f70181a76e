"""What became of a doing is said where it was done: a failure looks like one, stays, and belongs to its field."""

from __future__ import annotations

import json

import pytest
from playwright.async_api import Locator, Page, Route, expect

from tests.e2e.conftest import World
from tests.e2e.reading import comment, form, read, thread, unreachable, write

pytestmark = pytest.mark.asyncio(loop_scope="session")

LOOK = """(it) => {
  const style = getComputedStyle(it), mark = getComputedStyle(it, '::before');
  return [style.borderInlineStartWidth, mark.content !== 'none', style.animationName, style.visibility];
}"""


async def test_a_failure_stands_at_the_form_that_failed_until_the_next_try(world: World, page: Page) -> None:
    world.act("Alice", "comment", text="A word")
    await read(page, world.page())
    opener, reply = comment(page, "A word").locator("[data-reply]"), thread(page).locator("form[id^=r-]")

    with unreachable(world):
        await form(page).locator("textarea").fill("Lost?")
        await form(page).locator("button[value=comment]").click()
        await form(page).locator("[part=error]").wait_for()
        await opener.click()
        clean = await reply.locator("output").inner_text()
        await reply.locator("textarea").fill("Lost too?")
        await reply.locator("button[value=comment]").click()
        await reply.locator("[part=error]").wait_for()
        await page.locator("transom-like button").click()
        await page.locator("transom-like [part=error]").wait_for()
    top, below = form(page).locator("output"), reply.locator("output")

    assert clean == ""
    assert "Not sent" in await top.inner_text()
    assert "Not sent" in await below.inner_text()
    for message in (top, below, page.locator("transom-like [part=error]")):
        assert await message.get_attribute("role") in {
            None,
            "status",
            "alert",
        }  # <output> is a status by itself
        assert await message.evaluate(LOOK) == ["4px", True, "none", "visible"]
    assert await distance(form(page).locator("button[value=comment]"), top) < 40
    assert await distance(page.locator("transom-like button"), page.locator("transom-like [part=error]")) < 40

    await form(page).locator("button[value=comment]").click()
    await comment(page, "Lost?").wait_for()

    await expect(top).to_have_text("Your comment is posted.")
    await expect(top).to_have_attribute("part", "message")
    await expect(below).to_have_attribute("part", "error")


async def test_a_success_is_said_beside_the_form_and_moves_nothing(world: World, page: Page) -> None:
    world.act("Alice", "comment", text="A word")
    await read(page, world.page())
    before = await thread(page).locator("#list").bounding_box()

    await write(page, "My own")
    said = form(page).locator("output")

    await expect(said).to_have_text("Your comment is posted.")
    await expect(said).to_be_visible()
    assert await thread(page).locator("#list").bounding_box() != before  # one more comment is in it
    after = await thread(page).locator("#list").bounding_box()
    assert before
    assert after
    assert after["y"] == before["y"]


async def test_what_is_wrong_with_a_field_is_said_of_the_field(world: World, page: Page) -> None:
    await read(page, world.page())
    problem = {"title": "No", "status": 422, "detail": "That name is taken.", "code": "name", "field": "name"}

    async def refuse(route: Route) -> None:
        headers = {"access-control-allow-origin": world.blog}
        await route.fulfill(status=422, headers=headers, body=json.dumps(problem))

    await page.route("**/interactions", refuse)
    await form(page).locator("textarea").fill("A word")
    await form(page).locator("[name=name]").fill("Alice")
    await form(page).locator("button[value=comment]").click()

    name = form(page).locator("[name=name]")
    await expect(name).to_be_focused()
    described = await descriptions(page)
    assert (described["Your name"], described["Your comment"]) == ("That name is taken.", "")


async def test_a_like_without_anybody_says_what_it_is(world: World, page: Page) -> None:
    await read(page, world.page())
    button = page.locator("transom-like button")
    words = button.locator("span")

    await expect(button).to_have_accessible_name("Like")
    await expect(words).to_be_visible()
    await expect(button.locator("data")).to_be_hidden()
    await button.click()
    await expect(button.locator("data")).to_be_visible()

    await expect(button).to_have_attribute("aria-pressed", "true")
    assert "Like" in await button.aria_snapshot()
    box = await words.evaluate("(it) => getComputedStyle(it).clipPath")
    assert box == "inset(50%)"


@pytest.mark.parametrize("language", ["en", "de", "fr", "es", "ar", "tlh"])
async def test_the_offer_to_try_again_is_a_sentence_in_the_pages_language(
    world: World, page: Page, language: str
) -> None:
    address = world.page(f'<div lang="{language}"><transom-comments></transom-comments></div>')
    await page.route("**/v1/**", lambda route: route.abort())

    await page.goto(address)
    sentence = {
        "de": "Konnte nicht geladen werden. Noch einmal versuchen",
        "fr": "Chargement impossible. Réessayer",
        "es": "No se pudo cargar. Reintentar",
        "ar": "تعذّر التحميل. أعد المحاولة",
    }.get(language, "Could not be loaded. Try again")

    await expect(page.get_by_role("button", name=sentence)).to_have_count(1)


async def descriptions(page: Page) -> dict[str, str]:
    """What a screen reader says of each text field after its name."""
    protocol = await page.context.new_cdp_session(page)
    tree = (await protocol.send("Accessibility.getFullAXTree"))["nodes"]
    return {
        node["name"]["value"]: node.get("description", {}).get("value", "")
        for node in tree
        if node.get("role", {}).get("value") == "textbox"
    }


async def distance(above: Locator, below: Locator) -> float:
    """Pixels between the end of one box and the beginning of the next."""
    first, second = await above.bounding_box(), await below.bounding_box()
    assert first
    assert second
    return second["y"] - first["y"] - first["height"]
