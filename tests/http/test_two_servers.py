"""Two servers on one data folder: each hears what the other changed."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

from tests.http.world import World, a_world

PATIENCE = 10.0


async def test_two_servers_on_one_folder_see_each_others_changes(tmp_path: Path) -> None:
    async with a_world(tmp_path / "data") as here, a_world(tmp_path / "data") as there:
        charlie, dana = here.visitor("Charlie"), there.visitor("Dana")
        for world in (here, there):
            assert (await world.page())["count"] == {"count": 0}
            assert (await world.page("kept"))["count"] == {"count": 0}
        key_of_kept = ("/v1/blog/page", b"subject=kept")
        kept = there.server.cache.get(key_of_kept)
        await charlie.says("from here")
        await until(lambda: counted(there, 1))

        assert there.server.cache.get(key_of_kept) is kept
        assert kept is not None

        await dana.says("from there")
        await until(lambda: counted(here, 2))
        await here.settle(max_length=77)
        await until(lambda: as_long(there, 77))
        comment = await charlie.says("held here")
        await until(lambda: counted(there, 3))
        await here.judge("hold", comment)
        await until(lambda: counted(there, 2))


async def counted(world: World, number: int) -> bool:
    """Whether the server tells of so many comments."""
    found: dict[str, int] = (await world.page())["count"]
    return found == {"count": number}


async def as_long(world: World, number: int) -> bool:
    """Whether the server knows the site's new limit."""
    found: int = (await world.page())["comments"]["max_length"]
    return found == number


async def until(holds: Callable[[], Awaitable[bool]]) -> None:
    """Wait until it holds."""
    begun = time.monotonic()
    while not await holds():
        assert time.monotonic() - begun < PATIENCE
        await asyncio.sleep(0.01)
