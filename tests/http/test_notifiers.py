"""Notifiers hear of what is done: at least once, in time, and without anybody having to wait for them."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable, Collection, Mapping
from pathlib import Path

import pytest

from tests.http.clock import NOON
from tests.http.world import SITE, World, a_world
from widget_server.notify import delivery
from widget_server.notify.base import Notice, Notifier
from widget_server.notify.delivery import LATER
from widget_server.plugins import Plugin
from widget_server.vocabulary import Mode, Status, Verdict

PATIENCE = 15.0


class Bell:
    """A notifier that remembers what it was told, and may refuse, or hang."""

    version = "1"
    title = "A bell"

    def __init__(self, name: str = "bell", kinds: Collection[str] = ()) -> None:
        self.name = name
        self.kinds = kinds
        self.heard: list[Notice] = []
        self.before: Callable[[Notice], object] = lambda _: None

    def notify(self, notice: Notice) -> None:
        """Remember it."""
        self.before(notice)
        self.heard.append(notice)

    def texts(self) -> list[str]:
        """The texts that it was told."""
        return [notice.text for notice in self.heard]


def installed(*bells: Bell) -> Mapping[str, Plugin[Notifier]]:
    """The bells as plug-ins."""
    return {bell.name: Plugin(bell.name, "tests", "1", bell) for bell in bells}


def refuse(_: Notice) -> None:
    """What a notifier does whose other end is away."""
    message = "nobody is at home"
    raise ConnectionError(message)


async def until(holds: Callable[[], bool | Awaitable[bool]]) -> None:
    """Wait until it holds."""
    async with asyncio.timeout(PATIENCE):
        # The database gives no signal.
        while not (held if isinstance(held := holds(), bool) else await held):  # noqa: ASYNC110
            await asyncio.sleep(0.005)


async def waiting(world: World) -> list[tuple[object, ...]]:
    """What is in the outbox."""
    return await world.rows("select notifier, attempts, fault from outbox order by notifier, interaction")


async def emptied(world: World) -> None:
    """Wait until nothing is in the outbox."""

    async def is_empty() -> bool:
        return not await waiting(world)

    await until(is_empty)


async def failed(world: World, *attempts: int) -> None:
    """Wait until what is in the outbox has failed so often, and it is written down when it is due again."""

    async def has_failed() -> bool:
        rows = await world.rows("select attempts, due, fault from outbox order by interaction")
        leased = world.clock.now + delivery.LEASE
        return [row[0] for row in rows] == list(attempts) and all(row[2] and row[1] != leased for row in rows)

    await until(has_failed)


@pytest.fixture(autouse=True)
def _restless(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody has to wait for a notifier that rests after a failure, nor for the next look."""
    monkeypatch.setattr(delivery, "LONGEST_REST", 0.01)
    monkeypatch.setattr(delivery, "EACH", 0.02)


async def test_a_comment_is_told_with_its_text_its_author_and_its_page(tmp_path: Path) -> None:
    bell = Bell()
    async with a_world(tmp_path / "data", notifiers=installed(bell)) as world:
        charlie = world.visitor("Charlie", "203.0.113.7")
        said = await charlie.says("Hello *there*")
        await until(lambda: len(bell.heard) == 1)
        await emptied(world)

    (notice,) = bell.heard
    assert (notice.interaction.id, notice.interaction.kind) == (said, "comment")
    assert (notice.text, notice.name, notice.status) == ("Hello *there*", "Charlie", Status.PUBLISHED)
    assert (notice.site.id, notice.subject.key, notice.attempt) == (SITE, "a", 1)


async def test_a_notifier_hears_only_of_the_kinds_that_it_asks_for(tmp_path: Path) -> None:
    all_of_it, likes = Bell("all"), Bell("likes", {"like"})
    async with a_world(tmp_path / "data", notifiers=installed(all_of_it, likes)) as world:
        charlie = world.visitor("Charlie", "203.0.113.7")
        await charlie.says("Hello")
        await charlie.like()
        await until(lambda: len(all_of_it.heard) == 2 and len(likes.heard) == 1)

    assert [notice.interaction.kind for notice in likes.heard] == ["like"]


async def test_what_is_held_is_told_as_held(tmp_path: Path) -> None:
    bell = Bell()
    async with a_world(tmp_path / "data", notifiers=installed(bell)) as world:
        await world.settle(mode=Mode.ALL_HELD)
        await world.visitor("Charlie", "203.0.113.7").says("Wait for me")
        await until(lambda: len(bell.heard) == 1)

    assert bell.heard[0].interaction.verdict is Verdict.HOLD
    assert bell.heard[0].status is Status.HELD


async def test_what_fails_is_told_again_later_and_what_comes_meanwhile_is_not_lost(tmp_path: Path) -> None:
    bell = Bell()
    bell.before = refuse
    async with a_world(tmp_path / "data", notifiers=installed(bell)) as world:
        charlie = world.visitor("Charlie", "203.0.113.7")
        await charlie.says("first")
        await charlie.says("second")
        await failed(world, 1, 1)
        faults = [str(row[2]) for row in await waiting(world)]
        bell.before = lambda _: None
        world.clock.now += LATER[0]
        await emptied(world)

    assert all("nobody is at home" in fault for fault in faults)
    assert sorted(bell.texts()) == ["first", "second"]
    assert {notice.attempt for notice in bell.heard} == {2}


async def test_what_fails_for_days_is_given_up_and_kept(tmp_path: Path) -> None:
    bell = Bell()
    tried: list[int] = []

    def try_and_refuse(notice: Notice) -> None:
        tried.append(notice.attempt)
        refuse(notice)

    bell.before = try_and_refuse
    async with a_world(tmp_path / "data", notifiers=installed(bell)) as world:
        await world.visitor("Charlie", "203.0.113.7").says("to nobody")
        for attempt, later in enumerate((*LATER, LATER[-1]), 1):
            await failed(world, attempt)
            world.clock.now += later
        world.clock.now += 10 * LATER[-1]
        left = await waiting(world)

    assert tried == list(range(1, len(LATER) + 2))
    assert [row[:2] for row in left] == [("bell", len(LATER) + 1)]


async def test_what_a_server_did_not_tell_before_its_end_the_next_one_tells(tmp_path: Path) -> None:
    away, here = Bell(), Bell()
    away.before = refuse
    async with a_world(tmp_path / "data", notifiers=installed(away)) as world:
        await world.visitor("Charlie", "203.0.113.7").says("before the end")
        await failed(world, 1)
    async with a_world(tmp_path / "data", notifiers=installed(here)) as world:
        world.clock.now = NOON + LATER[0] + delivery.LEASE
        await until(lambda: len(here.heard) == 1)

    assert here.texts() == ["before the end"]


async def test_a_site_may_switch_a_notifier_off(tmp_path: Path) -> None:
    bell = Bell()
    async with a_world(tmp_path / "data", notifiers=installed(bell)) as world:
        await world.settle(notifiers=())
        await world.visitor("Charlie", "203.0.113.7").says("in private")

        assert await waiting(world) == []

    assert bell.heard == []


async def test_one_that_hangs_holds_up_neither_the_others_nor_those_who_write(tmp_path: Path) -> None:
    let_go = threading.Event()
    slow, quick = Bell("slow"), Bell("quick")
    slow.before = lambda _: let_go.wait(PATIENCE)
    async with a_world(tmp_path / "data", notifiers=installed(slow, quick)) as world:
        charlie = world.visitor("Charlie", "203.0.113.7")
        try:
            for text in ("one", "two", "three"):
                await charlie.says(text)
            await until(lambda: len(quick.heard) == 3)

            assert slow.heard == []
        finally:
            let_go.set()
        await until(lambda: len(slow.heard) == 3)


async def test_what_was_taken_back_meanwhile_is_told_without_its_text_and_name(tmp_path: Path) -> None:
    bell = Bell()
    bell.before = refuse
    async with a_world(tmp_path / "data", notifiers=installed(bell)) as world:
        charlie = world.visitor("Charlie", "203.0.113.7")
        await charlie.says("I should not have said that")
        await failed(world, 1)
        before = (await world.rows("select person from interactions where kind = 'comment'"))[0][0]
        await charlie.post("me", subject=None, action="erase")
        bell.before = lambda _: None
        world.clock.now += LATER[0]
        await until(lambda: bool(bell.heard))

    assert (bell.heard[0].text, bell.heard[0].name) == ("", "")
    assert bell.heard[0].interaction.person != before


async def test_without_notifiers_nothing_is_put_into_the_outbox(tmp_path: Path) -> None:
    async with a_world(tmp_path / "data") as world:
        await world.visitor("Charlie", "203.0.113.7").says("Hello")

        assert await waiting(world) == []
