"""Passages: select text, like it or comment on it; who reads later sees it marked, and the page stays as it is."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from playwright.async_api import Browser, Page

from tests.e2e.conftest import World
from tests.e2e.reading import cookies, seen, settle, storage, watched
from tests.e2e.test_accessibility import BOTH_SCHEMES, axe

pytestmark = pytest.mark.asyncio(loop_scope="session")

ARTICLE = (
    "<article><p>Take a knife, not\n a <em>machine</em>. Hold the pencil still.</p>"
    "<p>The thumb of the other hand does the pushing.</p></article>"
    "<transom-passages></transom-passages><p>What comes after it.</p>"
)
FIRST, SECOND = "a knife, not a machine", "thumb of the other hand"

SELECT = """([words]) => {
  const walker = document.createTreeWalker(document.querySelector('article'), NodeFilter.SHOW_TEXT);
  const spots = [];
  let text = '';
  while (walker.nextNode()) {
    [...walker.currentNode.data].forEach((character, at) => {
      if (!/\\s/.test(character)) { text += character; spots.push([walker.currentNode, at]); }
    });
  }
  const bare = words.replace(/\\s/g, '');
  const start = text.indexOf(bare);
  const [[from, first], [to, last]] = [spots[start], spots[start + bare.length - 1]];
  getSelection().setBaseAndExtent(from, first, to, last + 1);
}"""

MARKED = """() => [...(CSS.highlights.get('transom-passage') ?? [])]
  .map((range) => `${range}`.replace(/\\s+/g, ' ')).sort()"""

MIDDLE = """() => {
  const [range] = CSS.highlights.get('transom-passage');
  const { left, top, width, height } = range.getBoundingClientRect();
  return [left + width / 2, top + height / 2];
}"""


async def opened(page: Page, address: str) -> None:
    """Open a page and wait until its passages can be chosen."""
    await page.goto(address)
    await page.wait_for_function("() => globalThis.CSS?.highlights.has('transom-passage')")


async def choose(page: Page, words: str, button: str) -> None:
    """Select words and take what is offered for them."""
    await page.evaluate(SELECT, [words])
    await page.locator("transom-passages #tools").get_by_role("button", name=button).click()
    await page.locator("transom-passages dialog[open]").wait_for()


async def like(page: Page, words: str) -> None:
    """Like a passage, and close what was opened."""
    await choose(page, words, "Like")
    await page.locator("dialog transom-like [aria-pressed=true]:not(form[aria-busy] *)").wait_for()
    await page.keyboard.press("Escape")
    await page.locator("transom-passages dialog").wait_for(state="hidden")


def passages(world: World, path: str = "/post") -> list[dict[str, Any]]:
    """What everybody is told of a page's passages."""
    answer = httpx.get(
        f"{world.server}/v1/blog/page", params={"subject": world.key(path), "widgets": "passages"}
    )
    found: list[dict[str, Any]] = answer.json()["widgets"]["passages"]["passages"]
    return found


def claim(world: World, words: str) -> None:
    """Say that the page holds these words, and like them, as a program may that never read it."""
    answer = post(world, url=f"{world.blog}/post", widget="passages", action="mark", exact=words)
    key = answer["summary"]["passages"][0]["key"]
    post(world, subject=key, widget="like", action="like", token=answer["token"])


def post(world: World, **fields: str) -> dict[str, Any]:
    """Send an interaction."""
    headers = {"origin": world.blog, "accept": "application/json"}
    answer = httpx.post(f"{world.server}/v1/blog/interactions", data=fields, headers=headers)
    assert answer.status_code == httpx.codes.OK, answer.text
    said: dict[str, Any] = answer.json()
    return said


async def test_a_passage_is_liked_and_the_next_reader_sees_it_marked(
    world: World, page: Page, browser: Browser
) -> None:
    noticed = await watched(page)
    await opened(page, world.page(ARTICLE, strict=True))
    before = await page.inner_html("article")
    await like(page, FIRST)
    await page.locator("transom-passages li").wait_for(state="attached")

    assert [(each["exact"], each["likes"], each["comments"]) for each in passages(world)] == [(FIRST, 1, 0)]
    assert await page.inner_html("article") == before
    assert await page.evaluate(MARKED) == [FIRST]
    assert await seen(page, "violations") == []
    assert noticed.lines == []

    other = await browser.new_context()
    friend = await other.new_page()
    await watched(friend)
    await opened(friend, page.url)
    await settle(friend)

    assert await friend.evaluate(MARKED) == [FIRST]
    assert await friend.inner_html("article") == before
    assert await seen(friend, "shift") == 0
    assert (await storage(friend))["local"] == []
    assert await cookies(other) == []

    await friend.mouse.click(*await friend.evaluate(MIDDLE))
    dialog = friend.locator("transom-passages dialog[open]")
    await dialog.locator("transom-like [aria-pressed=false]").wait_for()

    assert " ".join((await dialog.locator("blockquote").inner_text()).split()) == FIRST
    await other.close()


async def test_two_who_select_the_same_words_meet(world: World, page: Page, browser: Browser) -> None:
    await opened(page, world.page(ARTICLE))
    await like(page, SECOND)
    other = await browser.new_context()
    friend = await other.new_page()
    await opened(friend, page.url)
    await like(friend, SECOND)

    assert [(each["exact"], each["likes"]) for each in passages(world)] == [(SECOND, 2)]
    await other.close()


async def test_all_of_it_works_with_a_keyboard(world: World, page: Page) -> None:
    await opened(page, world.page(ARTICLE))
    tools = page.locator("transom-passages #tools")
    await page.evaluate(SELECT, [FIRST])
    await tools.wait_for()
    await page.keyboard.press("Escape")
    await tools.wait_for(state="hidden")
    await page.evaluate(SELECT, [SECOND])
    await tools.wait_for()
    await page.keyboard.press("Tab")
    await page.keyboard.press("Tab")
    await page.keyboard.press("Enter")
    dialog = page.locator("transom-passages dialog[open]")
    field = dialog.locator("transom-comments #compose textarea")
    await field.wait_for()
    await page.wait_for_function(
        "() => document.activeElement?.shadowRoot?.activeElement?.localName === 'transom-comments'"
    )
    await page.keyboard.type("Mind that thumb.")
    await dialog.locator("transom-comments button[value=comment]").press("Enter")
    await dialog.locator("transom-comments article").wait_for()
    await page.keyboard.press("Escape")
    await page.locator("transom-passages dialog").wait_for(state="hidden")
    await page.locator("transom-passages summary").press("Enter")
    item = page.locator("transom-passages li button")
    await item.press("Enter")
    await dialog.locator("transom-comments article", has_text="Mind that thumb.").wait_for()
    await dialog.get_by_role("button", name="Close").press("Enter")
    await page.locator("transom-passages dialog").wait_for(state="hidden")

    assert [(each["exact"], each["comments"]) for each in passages(world)] == [(SECOND, 1)]


async def test_marks_survive_small_edits_and_what_is_gone_is_told_as_such(world: World, page: Page) -> None:
    await opened(page, world.page(ARTICLE))
    await like(page, FIRST)
    await choose(page, SECOND, "Comment")
    form = page.locator("dialog transom-comments #compose")
    await form.locator("textarea").fill("Mind that thumb.")
    await form.locator("button[value=comment]").click()
    await page.locator("dialog transom-comments article").wait_for()
    edited = ARTICLE.replace("Take a knife", "Always take a sharp knife").replace(
        "The thumb of the other hand does the pushing.", "Stop when it is sharp."
    )
    await opened(page, world.page(edited))
    await page.locator("transom-passages summary").click()

    assert await page.evaluate(MARKED) == ["sharp knife, not a machine"]
    orphans = page.locator("transom-passages .orphans")
    assert "no longer there" in await orphans.inner_text()
    assert await orphans.locator("q").all_inner_texts() == [SECOND]
    await orphans.locator("li button").click()
    await page.locator("dialog transom-comments article", has_text="Mind that thumb.").wait_for()


async def test_words_that_nobody_published_anything_on_are_not_shown(world: World, page: Page) -> None:
    """Else anybody could put any words on the page."""
    claim(world, "Buy my pills")
    await opened(page, world.page(ARTICLE))

    assert [each["exact"] for each in passages(world)] == ["Buy my pills"]
    assert await page.locator("transom-passages li").count() == 0


async def test_taken_out_of_the_page_it_leaves_nothing(world: World, page: Page) -> None:
    noticed = await watched(page)
    await opened(page, world.page(ARTICLE))
    await like(page, FIRST)
    await page.locator("transom-passages li").wait_for(state="attached")
    at = await page.evaluate(MIDDLE)
    await page.evaluate("() => document.querySelector('transom-passages').remove()")
    await page.wait_for_function("() => CSS.highlights.get('transom-passage').size === 0")
    await page.evaluate(SELECT, [SECOND])
    await page.mouse.click(*at)
    await settle(page)

    assert noticed.lines == []


@pytest.mark.parametrize("language", ["en", "ar"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_axe_finds_nothing_wrong_in_any_state(
    world: World, page: Page, scheme: str, language: str
) -> None:
    await page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    await page.set_viewport_size({"width": 320, "height": 640})
    document = BOTH_SCHEMES.replace('lang="en"', f'lang="{language}" dir="auto"')
    await opened(page, world.page(ARTICLE, document=document))
    await page.evaluate(SELECT, [FIRST])
    tools = page.locator("transom-passages #tools")
    await tools.wait_for()
    offered = await axe(page)
    box = await tools.bounding_box()
    await tools.get_by_role("button").first.click()
    await page.locator("dialog transom-like [aria-pressed=true]:not(form[aria-busy] *)").wait_for()
    await page.locator("dialog transom-comments #heading").wait_for()
    shown = await axe(page)
    await page.keyboard.press("Escape")
    await page.locator("transom-passages summary").click()
    await page.locator("transom-passages li button").wait_for()
    listed = await axe(page)

    assert (offered, shown, listed) == ([], [], [])
    assert box
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= 320
    assert await page.evaluate("() => document.documentElement.scrollWidth") <= 320
