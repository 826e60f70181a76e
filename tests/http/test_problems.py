"""Problems: the id that an answer tells is the one under which the log has it."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest

from tests.http.rogue import Rogue, as_extra
from tests.http.world import PAGE, SITE, World, a_world
from widget_server.errors import StorageFailed
from widget_server.vocabulary import ReadThread


async def test_the_log_has_a_fault_of_the_server_under_the_id_that_was_told(
    world: World, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def failing(*_: object, **__: object) -> object:
        raise StorageFailed

    monkeypatch.setattr(world.server.house.database, "write", failing)
    with caplog.at_level(logging.ERROR):
        told = (await world.visitor("Charlie").like()).json()

    assert [record.getMessage() for record in caplog.records] == [f"request {told['request_id']} failed"]


async def test_the_log_names_the_widget_that_failed(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    async with a_world(tmp_path, extra=as_extra(Rogue(asks=lambda: ReadThread(after="no cursor")))) as world:
        with caplog.at_level(logging.ERROR):
            await world.page()

    assert "the widget 'rogue' failed" in [record.getMessage() for record in caplog.records]


DEEP = 1_000

BODIES = {
    "deep and given twice": '{"a":' + "[" * DEEP + "]" * DEEP + ',"a":"x"}',
    "too deep": '{"a":' + "[" * 9_000 + "]" * 9_000 + "}",
    "deep": '{"a":' + "[" * DEEP + "]" * DEEP + "}",
    "a number of many digits, given twice": '{"a":' + "9" * 5_000 + ',"a":"x"}',
}


@pytest.mark.parametrize("name", BODIES)
async def test_json_that_costs_too_much_to_read_is_refused(world: World, name: str) -> None:
    answer = await world.reader.post(
        f"/v1/{SITE}/interactions",
        content=BODIES[name],
        headers={"origin": PAGE, "content-type": "application/json"},
    )

    assert (answer.status_code, answer.json()["code"]) == (422, "field_invalid")
