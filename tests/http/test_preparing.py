"""What a widget asks before it decides: answered by the store, and asked again with the record."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from tests.http.rogue import Rogue, as_extra
from tests.http.world import SITE, a_world
from widget_server.vocabulary import Intent, Record, Site, Statement, Transaction, sql
from widget_server.widgets.base import Look

LIKES = sql(
    "select count(*) as number from choices where site = :site and subject = :subject and widget = 'like'",
    site="of another",
    subject="of another",
)


class Careful(Rogue):
    """A rogue that asks first, whatever a test wants, and records what it was told."""

    def __init__(self, *asks: Callable[[], Any], gives: Callable[[Any], Any]) -> None:
        super().__init__()
        self._first = asks
        self._gives = gives

    def prepare(self, action: str, fields: Mapping[str, Any], look: Look) -> Transaction[Mapping[str, Any]]:  # noqa: ARG002 - the contract's shape
        """Ask it all, and give what the test makes of the last answer."""
        rows: Any = None
        for each in self._first:
            rows = yield each()
        told: Mapping[str, Any] = self._gives(rows)
        return told

    def accept(self, action: str, fields: Mapping[str, Any], site: Site) -> Intent:  # noqa: ARG002 - the contract's shape
        """The record has what was told."""
        self.calls += 1
        return Record("poke", dict(fields))


def number(rows: Any) -> Mapping[str, Any]:  # noqa: ANN401 - plain rows
    """How many like the subject."""
    return {"likes": rows[0]["number"]}


async def test_a_widget_is_told_of_its_own_subject_whatever_it_asks_for(tmp_path: Path) -> None:
    careful = Careful(lambda: LIKES, gives=number)
    async with a_world(tmp_path, extra=as_extra(careful)) as world:
        charlie = world.visitor("Charlie")
        await charlie.like()
        await charlie.like(subject="b")
        await world.visitor("Dana").like()

        answer = await charlie.post(widget="rogue", action="poke")
        rows = await world.rows("select data from interactions where widget = 'rogue'")

    assert answer.status_code == 200
    assert rows == [('{"likes": 2}',)]


BAD: Mapping[str, Careful] = {
    "raises": Careful(gives=lambda _: 1 / 0),
    "gives nothing": Careful(gives=lambda _: None),
    "asks for nothing known": Careful(lambda: "everything", gives=dict),
    "asks in bad SQL": Careful(lambda: sql("select nothing from nowhere"), gives=dict),
    "asks with no values": Careful(lambda: Statement("select 1 as a", None), gives=dict),  # type: ignore[arg-type]
    "asks to write": Careful(lambda: sql("delete from choices where site = :site", site=SITE), gives=dict),
    "asks for ever": Careful(*[lambda: LIKES] * 100, gives=dict),
}


async def test_a_widget_that_asks_badly_fails_by_itself_and_nothing_is_written(tmp_path: Path) -> None:
    for place, (name, careful) in enumerate(BAD.items()):
        async with a_world(tmp_path / str(place), extra=as_extra(careful)) as world:
            charlie = world.visitor("Charlie")
            await charlie.like()
            before = await world.dump()
            answer = await charlie.post(widget="rogue", action="poke")

            assert (answer.status_code, answer.json()["code"]) == (503, "plugin_failed"), name
            assert await world.dump() == before, name
            assert (await charlie.unlike()).status_code == 200, name


async def test_a_world_that_never_holds_still_is_a_conflict(tmp_path: Path) -> None:
    restless = sql("select random() as number")
    careful = Careful(lambda: restless, gives=number)
    async with a_world(tmp_path, extra=as_extra(careful)) as world:
        answer = await world.visitor("Charlie").post(widget="rogue", action="poke")

        assert (answer.status_code, answer.json()["code"]) == (409, "conflict")
        assert await world.rows("select count(*) from interactions") == [(0,)]
        assert careful.calls == 5
