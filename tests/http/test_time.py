"""Times are UTC, wherever the server stands."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.http.clock import NOON
from tests.http.world import SITE, a_world

ZONES = ["UTC", "Asia/Kolkata", "Pacific/Chatham"]


@pytest.fixture
def _zone_restored(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    yield
    monkeypatch.undo()
    time.tzset()


@pytest.mark.usefixtures("_zone_restored")
async def test_the_servers_zone_changes_no_answer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    answers = set()
    for number, zone in enumerate(ZONES):
        monkeypatch.setenv("TZ", zone)
        time.tzset()
        async with a_world(tmp_path / str(number)) as world:
            charlie = world.visitor("Charlie")
            comment = await charlie.says("hello")
            world.clock.forward(14 * 60)
            edited = await charlie.edit(comment, "changed")
            world.clock.forward(60)
            late = await charlie.edit(comment, "too late")
            page = (await world.page())["comments"]["comments"][0]
            document = await world.reader.get(f"/v1/{SITE}/thread?subject=a&format=page")
            told = {
                "page": {name: page[name] for name in ("created", "edited", "html")},
                "status": [edited.status_code, late.status_code],
                "shown": document.text[document.text.index("<time") :].partition("</time>")[0],
                "stored": await world.rows("select created, edited from comments"),
            }
            answers.add(json.dumps(told))

    assert len(answers) == 1
    told = json.loads(answers.pop())
    assert told["page"]["created"] == NOON
    assert told["status"] == [200, 403]
    assert 'datetime="2027-01-15T08:00:00Z"' in told["shown"]
    assert "15 Jan 2027, 08:00 UTC" in told["shown"]
