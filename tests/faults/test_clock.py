"""A clock that jumps a day ahead or back: people stay who they are, the record keeps its order, nothing is refused."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.http.watching import watching
from tests.http.world import SITE, World, a_world
from widget_server.people import sign_in
from widget_server.store import moderators

DAY = 86_400
MINUTE = 60
WINDOW = 15 * MINUTE
"""Seconds in which a comment may be edited and deleted, as the site is set."""
JUMPS = [DAY, -DAY]


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    """A server on a clock that can be set."""
    async with a_world(tmp_path / "data") as world:
        yield world


@pytest.mark.parametrize("jump", [*JUMPS, -2])
async def test_a_guest_stays_the_same_person(world: World, jump: int) -> None:
    """Also by two seconds: machines are seldom more alike than that."""
    charlie = world.visitor("Charlie")
    await charlie.like()
    comment = await charlie.says("hello")
    world.clock.jump(jump)

    assert (await charlie.like()).status_code == 200
    assert (await world.page())["like"]["count"] == 1
    assert (await charlie.own())["like"]["mine"]
    assert (await charlie.delete(comment)).status_code == (403 if jump > WINDOW else 200)
    assert await world.rows("select count(distinct person) from interactions") == [(1,)]


@pytest.mark.parametrize("jump", JUMPS)
async def test_a_thread_keeps_the_order_in_which_it_was_written(world: World, jump: int) -> None:
    charlie, dana = world.visitor("Charlie"), world.visitor("Dana")
    first = await charlie.says("first")
    before = await charlie.says("reply before", parent=first)
    world.clock.jump(jump)
    second = await dana.says("second")
    after = await dana.says("reply after", parent=first)
    world.clock.jump(-jump)
    third = await charlie.says("third")
    thread = [comment["id"] for comment in (await world.page())["comments"]["comments"]]

    assert sorted(thread) == sorted({first, second, third, before, after})
    assert [each for each in thread if each in {first, second, third}] in (
        [first, second, third],
        [third, second, first],
    )
    assert thread.index(before) < thread.index(after)


@pytest.mark.parametrize("jump", JUMPS)
async def test_a_decision_is_taken_back_before_the_ones_that_came_before_it(world: World, jump: int) -> None:
    comment = await world.visitor("Charlie").says("hello")
    await world.judge("reject", comment)
    world.clock.jump(jump)
    await world.judge("hold", comment)
    stood = [await status(world)]
    for _ in range(2):
        await world.judge("undo", comment)
        stood.append(await status(world))

    assert stood == ["held", "rejected", "held"]


@pytest.mark.parametrize("jump", JUMPS)
async def test_limits_count_the_time_that_goes_by(tmp_path: Path, jump: int) -> None:
    async with a_world(tmp_path, rate_person=2) as world:
        charlie = world.visitor("Charlie")
        for subject in "ab":
            await charlie.like(subject=subject)
        world.clock.jump(jump)
        refused = await charlie.like(subject="c")
        world.clock.forward(MINUTE)
        accepted = await charlie.like(subject="c")

    assert (refused.status_code, accepted.status_code) == (429, 200)
    assert 1 <= int(refused.headers["retry-after"]) <= MINUTE


@pytest.mark.parametrize("jump", JUMPS)
async def test_a_moderator_stays_signed_in(world: World, jump: int) -> None:
    database, now = world.server.house.database, world.clock
    bob = await database.read(moderators.by_email(SITE, "bob@blog.example"))
    assert bob is not None
    link = await database.write(sign_in.invite(bob, now()))
    entered = await database.write(sign_in.enter(SITE, link, "a browser", None, now()))
    now.jump(jump)

    assert (await database.read(sign_in.admit(SITE, entered.secret, now()))).moderator == bob


@pytest.mark.parametrize("jump", JUMPS)
async def test_the_same_request_sent_again_is_still_the_same(world: World, jump: int) -> None:
    charlie = world.visitor("Charlie")
    key = "one and the same key"
    first = await charlie.comment("once", idempotency_key=key, token=None)
    world.clock.jump(jump)
    again = await charlie.comment("once", idempotency_key=key, token=None)

    assert again.json()["id"] == first.json()["id"]
    assert (await world.page())["count"]["count"] == 1


@pytest.mark.parametrize("jump", JUMPS)
async def test_watchers_are_told_and_find_back(world: World, jump: int) -> None:
    charlie = world.visitor("Charlie")
    await charlie.says("before")
    async with watching(world) as watcher:
        world.clock.jump(jump)
        await charlie.says("after")
        told = await watcher.event()
        second = await charlie.says("later")
        changes = await watcher.changes()
    async with watching(world, after=told.id) as again:
        missed = await again.event()

    assert [change["widget"] for change in told.data["changes"]] == ["comments"]
    assert second in [change["id"] for change in changes]
    assert missed.name in {"change", "reset"}


async def status(world: World) -> str:
    """That of the only comment."""
    return str((await world.rows("select status from comments"))[0][0])
