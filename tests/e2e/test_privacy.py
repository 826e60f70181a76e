"""Nothing is kept and nobody else is asked before a reader acts, and little afterwards."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.async_api import BrowserContext, Page

from tests.e2e.conftest import World
from tests.e2e.reading import act_everywhere, cookies, read, settle, storage, thread, watched

pytestmark = pytest.mark.asyncio(loop_scope="session")

NOTHING: dict[str, list[str]] = {"local": [], "session": [], "databases": [], "caches": [], "workers": []}
ROOM = 9_500
LEAKS = """<img src="http://leak.example/image"> ![a picture](http://leak.example/markdown)
<link rel="stylesheet" href="http://leak.example/sheet"><style>@import 'http://leak.example/import';</style>
<video poster="http://leak.example/poster"><source src="//leak.example/source"></video>
<svg><image href="http://leak.example/svg"/></svg><iframe src="http://leak.example/frame"></iframe>
<p style="background: url(http://leak.example/background)">styled</p><body background="http://leak.example/body">
<object data="http://leak.example/object"></object><audio src="http://leak.example/audio" autoplay></audio>
<link rel="dns-prefetch" href="http://leak.example/"><meta http-equiv="refresh" content="0; http://leak.example/">"""


async def test_reading_leaves_nothing_and_asks_nobody_else(
    world: World, reader: BrowserContext, page: Page
) -> None:
    world.act("Alice", "comment", text="Somebody was here before")
    noticed = await watched(page)

    await read(page, world.page())
    await page.mouse.wheel(0, 5_000)
    await settle(page)
    at_server = await reader.new_page()
    await at_server.goto(f"{world.server}/healthz")

    assert noticed.hosts == {urlsplit(world.blog).netloc, urlsplit(world.server).netloc}
    assert await cookies(reader) == []
    assert await storage(page) == NOTHING
    assert await storage(at_server) == NOTHING


async def test_doing_everything_leaves_one_token_and_no_cookie(
    world: World, reader: BrowserContext, page: Page
) -> None:
    noticed = await watched(page)

    await read(page, world.page())
    await act_everywhere(page)
    await settle(page)
    at_server = await reader.new_page()
    await at_server.goto(f"{world.server}/healthz")

    kept = await storage(page)
    assert [name.startswith("transom:") for name in kept["local"]] == [True]
    assert kept | {"local": []} == NOTHING
    assert await storage(at_server) == NOTHING
    assert await cookies(reader) == []
    assert noticed.hosts == {urlsplit(world.blog).netloc, urlsplit(world.server).netloc}


async def test_typed_text_is_kept_in_its_tab_until_it_has_arrived(world: World, page: Page) -> None:
    await read(page, world.page())
    before = await storage(page)
    await thread(page).locator("#compose textarea").fill("Half a thou")
    typed = await storage(page)
    await thread(page).locator("#compose textarea").press_sequentially("ght")
    await thread(page).locator("#compose button[value=comment]").click()
    await thread(page).locator("article").wait_for()

    assert before == NOTHING
    assert typed["local"] == []
    assert len(typed["session"]) == 1
    assert "/v1/blog" in typed["session"][0]
    assert (await storage(page))["session"] == []


async def test_no_comment_makes_a_browser_ask_anybody(world: World, page: Page) -> None:
    world.act("Mallory", "comment", text=LEAKS)
    await hear_nobody(world, page, 1)


async def test_no_known_way_to_leak_works_in_a_comment(world: World, page: Page, corpora: Path) -> None:
    lines = (corpora / "httpleaks" / "leak.html").read_text(encoding="utf-8").splitlines()
    pieces = [""]
    for line in lines:
        if len(pieces[-1]) + len(line) > ROOM:
            pieces.append("")
        pieces[-1] += line + "\n"
    for piece in (*pieces, "\n\n".join(line.strip() for line in lines if "url(" in line)[:ROOM]):
        world.act("Mallory", "comment", text=piece)

    assert len(pieces) > 1
    await hear_nobody(world, page, len(pieces) + 1)


async def hear_nobody(world: World, page: Page, comments: int) -> None:
    """Read a thread to its end, in the page and in the document without JavaScript."""
    noticed = await watched(page)
    await read(page, world.page())
    assert await thread(page).locator("article").count() == comments
    for each in await thread(page).locator("article").all():
        await each.scroll_into_view_if_needed()
    await settle(page)
    assert noticed.hosts == {urlsplit(world.blog).netloc, urlsplit(world.server).netloc}

    await page.goto(f"{world.server}/v1/blog/thread?subject={world.key()}&format=page")
    await settle(page)

    assert noticed.hosts == {urlsplit(world.blog).netloc, urlsplit(world.server).netloc}
    assert noticed.dialogs == []
