"""Links lead where they say: to one comment, into a thread, out of a text."""

from __future__ import annotations

import pytest
from playwright.async_api import Page

from tests.e2e.conftest import World
from tests.e2e.reading import comment, filled, read, show_more, thread

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_links_in_comments_promise_nothing_to_anybody(world: World, page: Page) -> None:
    world.act("Alice", "comment", text="[a](https://example.org/) <https://example.com/> me@example.org")
    await read(page, world.page())
    links = comment(page, "a").locator("[part=text] a")

    for link in await links.all():
        assert await link.get_attribute("rel") == "ugc nofollow noopener noreferrer"
    assert [await link.get_attribute("href") for link in await links.all()][:2] == [
        "https://example.org/",
        "https://example.com/",
    ]


@pytest.mark.parametrize(
    "lie", ["[https://bank.example](https://evil.example/)", "[bank.example](https://evil.example/)"]
)
async def test_a_link_that_lies_about_its_host_shows_where_it_leads(
    world: World, page: Page, lie: str
) -> None:
    world.act("Mallory", "comment", text=lie)

    await read(page, world.page())

    assert "evil.example" in await thread(page).locator("[part=text]").inner_text()


async def test_a_reader_stays_at_the_comments_when_more_are_shown(world: World, page: Page) -> None:
    await filled(world, 120)
    await read(page, world.page())

    await show_more(page)
    await show_more(page)

    ids = await thread(page).locator("article").evaluate_all("(all) => all.map((it) => it.id)")
    assert len(ids) == len(set(ids)) == 120
    assert await thread(page).get_by_text("Show more comments").count() == 0


async def test_more_replies_come_below_their_root(world: World, page: Page) -> None:
    await filled(world, 2)
    root = next(iter(world.comments()))["id"]
    for number in range(130):
        world.act(f"Person {number % 5}", "comment", text=f"Reply {number}", parent=root)
    await read(page, world.page())
    articles = thread(page).locator("article")
    before = await articles.count()

    await (
        thread(page).get_by_text("more replies").or_(thread(page).get_by_text("one more reply")).first.click()
    )
    await articles.nth(before).wait_for(state="attached")

    assert await thread(page).locator(f"[id='c-{root}'] article").count() == await articles.count() - 2
