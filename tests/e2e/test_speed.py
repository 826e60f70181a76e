"""A slow machine shows a long thread without a pause that its reader would feel."""

from __future__ import annotations

import pytest
from playwright.async_api import Page

from tests.e2e.conftest import World
from tests.e2e.reading import filled, read, seen, settle, thread, watched

pytestmark = pytest.mark.asyncio(loop_scope="session")

BLOCKED = 200  # ms
PATIENCE = 50  # ms: a task within these does not block


async def test_a_hundred_comments_block_a_slow_machine_only_shortly(world: World, page: Page) -> None:
    await filled(world, 100, replies=60)
    await watched(page)
    protocol = await page.context.new_cdp_session(page)
    runs = []
    for _ in range(3):
        await protocol.send("Emulation.setCPUThrottlingRate", {"rate": 4})
        await read(page, world.page())
        await settle(page)
        await protocol.send("Emulation.setCPUThrottlingRate", {"rate": 1})
        runs.append(sum(duration - PATIENCE for duration in await seen(page, "tasks")))

    assert await thread(page).locator("article").count() == 100
    # The machine that runs the tests has other work: its best of three says what the page costs.
    assert min(runs) <= BLOCKED
