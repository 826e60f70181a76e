"""Readers are spoken to in their language, from their side, in their own time."""

from __future__ import annotations

import re
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from playwright.async_api import Browser, Locator, Page

from tests.e2e.conftest import DOCUMENT, EVERYTHING, World
from tests.e2e.reading import comment, form, read, thread

pytestmark = pytest.mark.asyncio(loop_scope="session")

WITHOUT = DOCUMENT.replace(' lang="en"', "")
GERMAN = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft " * 3
FAMILY = "👩‍👩‍👧‍👦🏳️‍🌈👍🏽" * 30
LONG_NAME = "Wolfeschlegelsteinhausenbergerdorffwelchevoralternwarengewis"


async def test_a_german_page_speaks_german(world: World, page: Page) -> None:
    world.act("Alice", "comment", text="Ein Wort")
    await read(page, world.page(document=in_language("de")))

    assert await thread(page).locator("#heading").inner_text() == "1 Kommentar"
    assert await thread(page).locator("[data-reply]").inner_text() == "Antworten"


async def test_an_arabic_page_is_mirrored(world: World, page: Page) -> None:
    told = world.act("Alice", "comment", text="كلمة")
    world.act("Alice", "comment", text="جواب", parent=told["id"])
    await read(page, world.page(document=in_language("ar")))

    sides = await thread(page).evaluate(
        """(host) => {
          const box = host.shadowRoot.querySelector('.transom');
          const [root, reply] = host.shadowRoot.querySelectorAll('article');
          const [a, b] = [root, reply].map((it) => it.querySelector('header').getBoundingClientRect());
          return [getComputedStyle(box).direction, a.right - b.right, a.left - b.left];
        }"""
    )

    assert sides[0] == "rtl"
    assert sides[1] > 10
    assert abs(sides[2]) < 10
    assert re.search("[\u0600-\u06ff]", await thread(page).locator("#heading").inner_text())


@pytest.mark.parametrize(
    "language", ["tlh", "xx-Nowhere", "e", "--", "de-x-private-and-much-longer-than-any-that-is"]
)
async def test_an_unknown_language_leaves_nothing_blank(world: World, page: Page, language: str) -> None:
    world.act("Alice", "comment", text="A word")
    await read(page, world.page(document=in_language(language)))

    assert await thread(page).locator("#heading").inner_text() in {"1 comment", "1 Kommentar"}
    assert await thread(page).locator("time").inner_text()


async def test_a_page_without_a_language_is_read_in_the_readers(world: World, browser: Browser) -> None:
    world.act("Alice", "comment", text="Un mot")
    context = await browser.new_context(locale="fr-CA")
    page = await context.new_page()

    await read(page, world.page(document=WITHOUT))

    assert await thread(page).locator("#heading").inner_text() == "1 commentaire"
    await context.close()


async def test_a_browser_that_tells_no_language_is_answered_in_english(world: World, page: Page) -> None:
    world.act("Alice", "comment", text="A word")
    await page.add_init_script(
        "for (const name of ['language', 'languages'])"
        " Object.defineProperty(navigator, name, { get: () => undefined });"
    )

    await read(page, world.page(document=WITHOUT))

    assert await thread(page).locator("#heading").inner_text() == "1 comment"
    assert await thread(page).locator("time").inner_text()


@pytest.mark.parametrize("zone", ["Asia/Kolkata", "Pacific/Chatham", "America/St_Johns", "UTC"])
async def test_times_are_the_readers_own(world: World, browser: Browser, zone: str) -> None:
    told = world.act("Alice", "comment", text="A word")
    created = int(told["summary"]["comments"][0]["created"])
    context = await browser.new_context(locale="en-GB", timezone_id=zone)
    page = await context.new_page()

    await read(page, world.page())
    time = comment(page, "A word").locator("time")
    local = datetime.fromtimestamp(created / 1000, ZoneInfo(zone))

    assert await time.inner_text() == f"{local.day} {local:%b %Y, %H:%M}".replace("Sep ", "Sept ")
    written = await time.get_attribute("datetime")
    assert written
    assert written.endswith("Z")
    assert datetime.fromisoformat(written).timestamp() == created // 1000
    await context.close()


@pytest.mark.parametrize("language", ["en", "de", "ar"])
async def test_long_words_emoji_and_names_fit_a_small_screen(world: World, page: Page, language: str) -> None:
    await page.set_viewport_size({"width": 320, "height": 640})
    told = world.act(LONG_NAME, "comment", text=GERMAN)
    world.act(FAMILY[:22], "comment", text=FAMILY, parent=told["id"])
    world.act("A" * 60, "comment", text="https://example.org/" + "very-long-path/" * 20)
    await read(page, world.page(document=in_language(language)))
    await form(page).locator("textarea").fill(GERMAN)
    await form(page).locator("[name=name]").fill(LONG_NAME)

    beyond = await page.evaluate(
        """() => [...document.querySelectorAll('transom-comments, transom-like, transom-count')].flatMap((host) =>
          [...host.shadowRoot.querySelectorAll('.transom *')].flatMap((it) => {
            const { left, right, width } = it.getBoundingClientRect();
            return width > 1 && (left < 0 || right > innerWidth) ? [`${it.localName} ${left} ${right}`] : [];
          }))"""
    )

    assert await page.evaluate("() => document.documentElement.scrollWidth") <= 320
    assert beyond == []


async def test_an_edit_gives_back_exactly_what_was_typed(world: World, page: Page) -> None:
    await read(page, world.page())
    texts = [
        "\n  leading line",
        "&amp; &lt;b&gt; <b>bold</b> &nbsp;",
        "`code` **bold** [a](https://example.org/?a=1&b=2)",
        "👩‍👩‍👧‍👦 é שלום",
        "</textarea><p>out",
        "{{ braces }} {% tags %} ${dollar} \\ back",
    ]
    found = []
    for number, text in enumerate(texts):
        own = await written(page, f"{number}: {text}")
        await own.locator("summary").first.click()
        found.append(await own.locator("form[id^=e-] textarea").input_value())

    assert found == [f"{number}: {text}" for number, text in enumerate(texts)]


async def test_a_page_can_say_the_one_sentence_that_the_server_cannot(world: World, page: Page) -> None:
    await page.route("**/page?*", lambda route: route.abort())
    await page.goto(world.page(EVERYTHING.replace("<transom-comments", '<transom-comments retry="Nochmals"')))

    await page.get_by_role("button", name="Nochmals").wait_for()

    assert await page.get_by_role("button").count() == 1


async def written(page: Page, text: str) -> Locator:
    """A new comment of the reader's own, whatever becomes of its marks."""
    articles = thread(page).locator("article")
    count = await articles.count()
    await form(page).locator("textarea").fill(text)
    await form(page).locator("button[value=comment]").click()
    await articles.nth(count).wait_for()
    return articles.first


def in_language(language: str) -> str:
    """The blog's page in another language."""
    return DOCUMENT.replace('lang="en"', f'lang="{language}"')
