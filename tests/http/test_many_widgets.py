"""Many subjects and widgets that ask for much, or fail: the limits hold, and the others are told."""

from __future__ import annotations

from pathlib import Path
from threading import Event

from tests.http.rogue import Rogue, as_extra
from tests.http.test_many import ask, counts, told
from tests.http.world import a_world
from widget_server.pages import MOST_LONG
from widget_server.vocabulary import ReadComment, ReadMine, ReadTally, ReadThread, sql


async def test_what_a_widget_of_others_reads_decides_how_many_subjects_it_may_have(tmp_path: Path) -> None:
    named = [f"post {number}" for number in range(MOST_LONG + 1)]
    asks = {
        "a tally": (ReadTally, 200),
        "another's tally": (lambda: ReadTally("like"), 200),
        "one's own": (ReadMine, 200),
        "a thread": (ReadThread, 422),
        "a text": (lambda: ReadComment("x"), 422),
        "a statement of its own": (lambda: sql("select 1 as one"), 422),
    }
    for number, (name, (question, status)) in enumerate(asks.items()):
        async with a_world(tmp_path / str(number), extra=as_extra(Rogue(asks=question))) as world:
            assert (await ask(world, named[:-1], widgets="rogue")).json()["degraded"] == [], name
            assert (await ask(world, named, widgets="rogue")).status_code == status, name


async def test_a_widget_that_fails_is_degraded_where_it_fails_and_all_else_is_told(tmp_path: Path) -> None:
    looks = 0

    def asks() -> object:
        nonlocal looks
        looks += 1
        return ReadTally() if looks % 2 else "nonsense"

    async with a_world(tmp_path, extra=as_extra(Rogue(asks=asks))) as world:
        await world.visitor("Charlie").like(subject="b")
        answer = await told(world, ["a", "b", "c"], widgets="rogue,like")

        assert answer["degraded"] == ["rogue"]
        assert counts(answer) == {"a": 0, "b": 1, "c": 0}
        assert ["rogue" in answer["subjects"][name] for name in "abc"] == [True, False, True]


async def test_a_widget_that_raises_for_one_subject_is_shown_for_the_others(tmp_path: Path) -> None:
    looks = 0

    def shows() -> dict[str, object]:
        nonlocal looks
        looks += 1
        return {"count": 1, "mine": False} if looks != 2 else {"count": 1 // 0}

    async with a_world(tmp_path, extra=as_extra(Rogue(shows=shows))) as world:
        answer = await told(world, ["a", "b", "c"], widgets="rogue,like")

        assert answer["degraded"] == ["rogue"]
        assert ["rogue" in answer["subjects"][name] for name in "abc"] == [True, False, True]
        assert world.server.house.guard.failures["rogue"] == 1


async def test_each_of_many_threads_has_the_time_limit_of_one(tmp_path: Path) -> None:
    pause = Event()

    def shows() -> dict[str, object]:
        pause.wait(0.05)
        return {"count": 1, "mine": False}

    rogue = Rogue(asks=ReadThread, shows=shows)
    async with a_world(tmp_path, extra=as_extra(rogue), plugin_seconds=0.5) as world:
        named = [f"post {number}" for number in range(MOST_LONG)]
        answer = await told(world, named, widgets="rogue")

        assert answer["degraded"] == []
        assert len(answer["subjects"]) == MOST_LONG
