"""No change is missed, whichever process made it, for whichever site, and however commits interleave."""

from __future__ import annotations

import asyncio
import random
import shutil
from importlib.resources import as_file
from pathlib import Path

import asyncpg
import pytest

from tests import databases
from tests.faults.asking import until
from tests.store.conftest import Another
from tests.store.statements import PATIENCE, count_at, counted_at, heard_until, put_at
from widget_server.store import CORE, Change, Database, MigrationSet, migrate, postgres_turn, touched
from widget_server.store.changes import Heard, Listeners, Own, clocks
from widget_server.store.postgres_session import Connection, Session

SITES = ("a", "b", "c")
SUBJECTS = ("one", "two")

Key = tuple[str, str]


class Keeper:
    """A process that keeps what it has read until it hears that it changed."""

    def __init__(self, database: Database, seed: int) -> None:
        self.database = database
        self.kept: dict[Key, int] = {}
        self._dice = random.Random(seed)  # noqa: S311 - what to change, not a secret
        self._heard = database.listen()
        self._drops = 0

    async def hear(self) -> None:
        """Let go of what others changed."""
        async for changes in self._heard:
            for change in changes:
                self._drop((change.site, change.subject))

    async def write(self, times: int) -> None:
        """Change something again and again."""
        for _ in range(times):
            key = self._dice.choice(SITES), self._dice.choice(SUBJECTS)
            await self.database.write(count_at(*key), tell=lambda _, key=key: self._drop(key))  # type: ignore[misc]
            await asyncio.sleep(self._dice.choice((0, 0, 0.01)))

    async def read(self) -> None:
        """Keep what is not kept, for ever."""
        while True:
            for key in [(site, subject) for site in SITES for subject in SUBJECTS]:
                before = self._drops
                if key not in self.kept:
                    count = await self.database.read(counted_at(*key))
                    if before == self._drops:
                        self.kept[key] = count
            await asyncio.sleep(0.001)

    def _drop(self, key: Key) -> None:
        self._drops += 1
        self.kept.pop(key, None)


@pytest.mark.parametrize("notifies", [True, False])
async def test_who_keeps_what_it_has_read_never_keeps_what_others_changed(
    another: Another, monkeypatch: pytest.MonkeyPatch, *, notifies: bool
) -> None:
    if not notifies:
        monkeypatch.setattr(asyncpg.Connection, "add_listener", _not_supported)
    keepers = [Keeper(await another(), seed) for seed in range(3)]
    for site in SITES:
        for subject in SUBJECTS:
            await keepers[0].database.write(put_at(site, subject))
    async with asyncio.TaskGroup() as group:
        around = [group.create_task(work()) for each in keepers for work in (each.hear, each.read)]
        await asyncio.gather(*(each.write(60) for each in keepers for _ in range(3)))
        keys = [(site, subject) for site in SITES for subject in SUBJECTS]
        there = {key: await keepers[0].database.read(counted_at(*key)) for key in keys}

        async def is_told() -> bool:
            return all(each.kept == there for each in keepers)

        await until(is_told, PATIENCE)
        for task in around:
            task.cancel()

    assert sum(there.values()) == 3 * 3 * 60


@pytest.mark.only_postgres("of one file there is one writer")
async def test_more_sites_than_a_notification_names_are_heard_of(another: Another) -> None:
    one, other = await another(), await another()
    heard = other.listen()
    names = [f"{'x' * 100}-{number}" for number in range(120)]
    await asyncio.gather(*(one.write(touched(name, "")) for name in names))

    assert await heard_until(heard, {Change(name, "") for name in names})


@pytest.mark.only_postgres("it is about notifications")
async def test_where_nothing_can_be_notified_writes_go_on_and_are_found(
    another: Another, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgres_turn, "TELL", "select no_such_function($1::text, $2::text)")
    one, other = await another(), await another()
    heard = other.listen()
    for subject in SUBJECTS:
        await one.write(touched("a", subject))

    await heard_until(heard, {Change("a", subject) for subject in SUBJECTS})


@pytest.mark.only_postgres("it is about turns")
async def test_a_change_of_others_is_heard_though_one_s_own_commit_is_just_done(
    another: Another, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between the commit and the moment in which the process knows of it, others may not be taken for itself."""
    one, other = await another(), await another()
    for subject in ("both", "another"):
        await other.write(touched("a", subject))
    committed, go_on = asyncio.Event(), asyncio.Event()
    say = Session.say

    async def slowly(session: Session, text: str, patience: float | None = None) -> str:
        said = await say(session, text, patience)
        if text == "commit":
            committed.set()
            await go_on.wait()
        return said

    monkeypatch.setattr(Session, "say", slowly)
    writing = asyncio.create_task(one.write(touched("a", "both")))
    await committed.wait()
    heard = one.listen()
    await asyncio.sleep(0.1)
    go_on.set()
    await writing

    await heard_until(heard, {Change("a", "both"), Change("a", "another")})


async def test_one_s_own_changes_are_not_told_for_any_site(another: Another) -> None:
    one, other = await another(), await another()
    heard = one.listen()
    await asyncio.gather(*(one.write(touched(site, "own")) for site in SITES for _ in range(5)))
    await other.write(touched("z", "end"))

    assert await heard_until(heard, {Change("z", "end")}) == {Change("z", "end")}


async def test_clocks_go_on_from_the_numbers_of_the_one_clock_before(tmp_path: Path) -> None:
    with as_file(CORE.folder) as folder:
        shutil.copytree(folder, tmp_path / "old", ignore=lambda _, names: {n for n in names if n > "0004~"})
    before = MigrationSet(CORE.name, tmp_path / "old")
    path = tmp_path / "apart" / "transom.db"
    database = await databases.open_database(path, bare=True)
    await migrate(database, [before], now=0)

    databases.fill(
        path,
        "insert into changes (site, subject, seq) values (?1, ?2, ?3)",
        [("a", "x", 3), ("a", "y", 7), ("b", "", 5)],
    )
    await migrate(database, now=0)
    await database.write(touched("a", "x"))

    numbers = await database.read(clocks())
    await database.close()
    assert numbers == {"a": 8, "b": 5}


def test_own_numbers_hide_nothing_and_are_let_go() -> None:
    own = Own()
    heard = Heard(own, Listeners(), {"a": 4})
    own.add({"a": 5, "b": 1})
    own.add({"a": 6})
    own.add({"a": 8})
    own.take_back({"b": 1})

    assert heard.moved({"a": 6, "b": 1}) == {"b": 0}
    assert heard.seen == {"a": 6}
    assert heard.moved({"a": 8}) == {"a": 6}
    heard.tell([{"site": "a", "subject": "x", "seq": 7}, {"site": "a", "subject": "y", "seq": 8}])
    assert heard.seen == {"a": 8}
    assert own.unbroken("a", 7) == 7  # it is let go


async def _not_supported(connection: Connection, *told: object) -> None:
    del connection, told
    raise asyncpg.FeatureNotSupportedError("LISTEN is not supported")
