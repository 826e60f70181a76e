"""The strictest policy that a page can have lets the widgets do everything, and they break none of it."""

from __future__ import annotations

import pytest
from playwright.async_api import Page

from tests.e2e.conftest import DOCUMENT, EVERYTHING, World
from tests.e2e.reading import act_everywhere, filled, read, seen, show_more, watched

pytestmark = pytest.mark.asyncio(loop_scope="session")

STRICT = (
    "default-src 'none'; script-src {server}; connect-src {server}; style-src {server}; img-src {server};"
    " frame-src {server}; require-trusted-types-for 'script'"
)
LISTS = ["", "; trusted-types transom", "; trusted-types theirs"]


@pytest.mark.parametrize("listed", LISTS, ids=["any policy", "ours", "only somebody else's"])
async def test_reading_and_doing_everything_breaks_no_strict_policy(
    world: World, page: Page, listed: str
) -> None:
    await filled(world, 60)
    noticed = await watched(page)
    text = DOCUMENT.replace("{server}", world.server).replace("{body}", EVERYTHING)
    world.pages.documents["/post"] = (text, STRICT.replace("{server}", world.server) + listed)

    await read(page, f"{world.blog}/post")
    await act_everywhere(page)
    await show_more(page)

    assert await seen(page, "violations") == []
    assert noticed.lines == []


async def test_the_watch_would_see_a_violation(world: World, page: Page) -> None:
    noticed = await watched(page)
    await read(
        page, world.page('<transom-comments></transom-comments><p style="color: red">Inline</p>', strict=True)
    )

    assert len(await seen(page, "violations")) == 1
    assert len(noticed.lines) == 1
