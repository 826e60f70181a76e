"""A count says what it counts, in the page's language, and takes no more room than was kept for it."""

from __future__ import annotations

import pytest
from playwright.async_api import Page, expect

from tests.e2e.conftest import DOCUMENT, World
from tests.e2e.reading import filled, read, settle

pytestmark = pytest.mark.asyncio(loop_scope="session")


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", ("0 comments", "1 comment", "1,234 comments")),
        ("de", ("0 Kommentare", "1 Kommentar", "1.234 Kommentare")),
        ("fr", ("0 commentaire", "1 commentaire", "1\u202f234 commentaires")),
        ("es", ("0 comentarios", "1 comentario", "1234 comentarios")),
        ("ar", ("لا تعليقات", "تعليق واحد", "1,234 تعليقًا")),
    ],
)
async def test_a_count_is_said_in_the_pages_language(
    world: World, page: Page, language: str, words: tuple[str, str, str]
) -> None:
    await filled(world, 1_234, path="/many")
    world.act("Alice", "comment", text="A word")
    keys = world.key("/none"), world.key(), world.key("/many")
    body = "".join(f'<p><transom-count subject="{key}"></transom-count></p>' for key in keys)

    await page.goto(
        world.page(
            f"{body}<p><transom-count></transom-count></p>",
            document=DOCUMENT.replace('"en"', f'"{language}"'),
        )
    )
    counts = page.locator("transom-count")
    await expect(counts.first.locator("#count")).to_be_visible()

    for position, expected in enumerate([*words, words[1]]):
        await expect(counts.nth(position).locator("#count > span")).to_have_text(expected)
        await expect(counts.nth(position).locator("data")).to_be_hidden()


async def test_the_number_alone_is_shown_to_who_asks_for_it_and_the_words_are_still_said(
    world: World, page: Page
) -> None:
    world.act("Alice", "comment", text="A word")
    await page.goto(world.page("<p><transom-count number></transom-count></p>"))
    count = page.locator("transom-count")

    await expect(count.locator("data")).to_have_text("1")
    await expect(count.locator("data")).to_be_visible()
    assert "1 comment" in await page.locator("p").aria_snapshot()
    assert (
        await count.locator("#count > span").evaluate("(it) => getComputedStyle(it).clipPath") == "inset(50%)"
    )


@pytest.mark.parametrize("language", ["en", "de", "fr", "es", "ar"])
async def test_a_line_with_counts_does_not_move(world: World, page: Page, language: str) -> None:
    await filled(world, 1_234)
    body = (
        f'<p lang="{language}"><transom-count></transom-count><i>x</i>'
        "<transom-count number></transom-count><i>y</i></p>"
    )
    where = "() => [...document.querySelectorAll('i')].map((it) => it.getBoundingClientRect().x)"
    await page.route("**/page?*", lambda route: route.abort())
    await page.goto(world.page(body))
    await page.locator("transom-count > button").first.wait_for()
    await page.locator("transom-count > button").evaluate_all("(all) => all.map((it) => it.remove())")
    before = await page.evaluate(where)
    await page.unroute_all()

    await page.reload()
    await page.locator("#count").first.wait_for()
    await settle(page)

    assert await page.evaluate(where) == before


async def test_counts_of_other_pages_are_one_request(world: World, page: Page) -> None:
    asked: list[str] = []
    page.on("request", lambda it: asked.append(it.url) if "widgets=count" in it.url else None)
    many = "".join(f'<transom-count subject="item {number}"></transom-count>' for number in range(50))

    await read(page, world.page(f"{many}<transom-comments></transom-comments>"))
    await page.locator("[subject='item 49'] #count").wait_for()

    assert len(asked) == 1
