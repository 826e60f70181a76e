"""Generations: what is kept goes stale when any process tells of a change, and soon also when none told."""

from __future__ import annotations

import asyncio
import errno
import mmap
import os
import resource
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

from tests.http.world import SITE, World, a_world
from widget_server.store import sites, subjects
from widget_server.store.changes import touched
from widget_server.store.generations import GENERATIONS, SIZE, Generations, page_slot, part_slot
from widget_server.store.shared import Shared, open_shared
from widget_server.vocabulary import Site, Transaction
from widget_server.web.hearing import Hearing
from widget_server.web.limits import BUCKETS, ROW, Buckets

PATIENCE = 30.0


def test_a_change_is_seen_by_every_process_that_has_the_file(tmp_path: Path) -> None:
    here, there = (Generations(open_shared(tmp_path, *GENERATIONS)) for _ in range(2))
    stamp = there.stamp([page_slot(SITE, "a")])
    other = there.stamp([page_slot(SITE, "b")])
    choice = there.stamp([part_slot(page_slot(SITE, "a"), "like")])
    here.bump(SITE, "a")

    assert [there.holds(each) for each in (stamp, other, choice)] == [False, True, True]

    here.bump(SITE, "a", "like")

    assert not there.holds(choice)
    assert there.is_recent(SITE, "a")
    assert not there.is_recent(SITE, "b")
    for each in (here, there):
        each.close()


def test_what_cannot_be_shared_serves_this_process_and_is_named_once(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "file").touch()
    alone = Generations(open_shared(tmp_path / "file" / "folder", *GENERATIONS))
    stamp = alone.stamp([page_slot(SITE, "a")])
    alone.bump(SITE, "a")

    assert not alone.holds(stamp)
    assert "other processes cannot share" in caplog.text

    caplog.clear()
    with no_room():
        for _ in range(3):
            alone.bump(SITE, "a")

    assert len(caplog.records) == 1
    assert os.strerror(errno.EFBIG) in caplog.text

    stamp = alone.stamp([page_slot(SITE, "a")])
    alone.bump(SITE, "a")

    assert not alone.holds(stamp)
    alone.close()


def test_a_system_without_the_calls_of_unix_has_them_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module, name in ((os, "pwrite"), (os, "posix_fallocate"), (mmap, "PROT_READ")):
        monkeypatch.delattr(module, name, raising=False)
    here, there = (Generations(open_shared(tmp_path, *GENERATIONS)) for _ in range(2))
    stamp = there.stamp([page_slot(SITE, "a")])
    here.bump(SITE, "a")

    assert not there.holds(stamp)
    for each in (here, there):
        each.close()


def test_what_is_told_after_the_end_is_written_nowhere(tmp_path: Path) -> None:
    generations = Generations(open_shared(tmp_path, *GENERATIONS))
    generations.close()
    others = [(tmp_path / f"{number}").open("wb+") for number in range(5)]
    generations.bump(SITE, "a")

    assert [other.seek(0, os.SEEK_END) for other in others] == [0] * len(others)
    for other in others:
        other.close()


async def test_changes_that_a_process_told_of_are_let_go_of_once_more_later() -> None:
    generations = Generations(Shared(None, SIZE))
    forgotten: list[str] = []
    hearing = Hearing(generations, lambda _, subject: forgotten.append(subject))
    hearing.heard(SITE, "from another machine")

    assert forgotten == ["from another machine"]

    generations.bump(SITE, "busy")
    for _ in range(20):
        hearing.heard(SITE, "busy")

    assert forgotten == ["from another machine"]

    await until(lambda: "busy" in forgotten)

    assert forgotten == ["from another machine", "busy"]
    hearing.close()
    generations.close()


async def test_what_a_process_committed_that_died_before_it_told_is_seen(tmp_path: Path) -> None:
    async with a_world(tmp_path) as here, a_world(tmp_path) as there:
        assert await limit_of(there) != 77
        for number, told in ((77, False), (78, True)):
            await die_after_commit(here, number, told_before=told)
            await until_async(partial(is_limit, there, number))


async def test_a_page_that_stands_under_another_name_goes_stale_in_all_processes(tmp_path: Path) -> None:
    async with a_world(tmp_path) as here, a_world(tmp_path) as there:
        charlie = here.visitor("Charlie")
        await charlie.says("hello", subject="new")
        await here.server.house.database.write(subjects.alias(SITE, "new", "old"))
        here.server.house.announce(SITE, "old")
        for count in (1, 2, 3, 4):
            for subject in ("old", "new", "old"):
                assert (await there.page(subject))["comments"]["count"] == count
            await charlie.says(f"number {count}", subject="new" if count % 2 else "old")


def test_a_bucket_fills_again_whatever_others_do_and_whenever_the_machine_began() -> None:
    now = [1_000.0]
    buckets = Buckets(Shared(None, BUCKETS[1]), "s" * 40, lambda: now[0])

    assert [buckets.take("a", 2) for _ in range(3)] == [0, 0, 30]

    now[0] += 30

    assert [buckets.take("a", 2) for _ in range(2)] == [0, 30]

    for number in range(BUCKETS[1] // ROW):
        buckets.take(str(number), 2)

    assert buckets.take("a", 2) == 30  # one other a row leaves it where it is

    now[0] = 5.0  # the machine was started anew

    assert buckets.take("a", 2) == 30

    now[0] += 30

    assert buckets.take("a", 2) == 0
    buckets.close()


@contextmanager
def no_room() -> Iterator[None]:
    """Let no file of this process take another byte."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


async def die_after_commit(world: World, number: int, *, told_before: bool) -> None:
    """Change the site's settings as a process does that ends before it tells, just after another one has told."""
    house = world.server.house
    site = await house.sites.get(SITE)
    if told_before:
        house.announce(SITE, "")
    await house.database.write(_changed(site, number))


def _changed(site: Site, number: int) -> Transaction[None]:
    yield from sites.change(replace(site, settings=replace(site.settings, max_length=number)))
    yield from touched(site.id, "")


async def limit_of(world: World) -> int:
    """How long a text may be, as the page says."""
    found: int = (await world.page())["comments"]["max_length"]
    return found


async def is_limit(world: World, number: int) -> bool:
    """Whether the page says so."""
    return await limit_of(world) == number


async def until(holds: Callable[[], bool]) -> None:
    """Wait until it holds."""

    async def check() -> bool:
        return holds()

    await until_async(check)


async def until_async(holds: Callable[[], Awaitable[bool]]) -> None:
    """The same of what has to be asked."""
    begun = time.monotonic()
    while not await holds():
        assert time.monotonic() - begun < PATIENCE
        await asyncio.sleep(0.01)
