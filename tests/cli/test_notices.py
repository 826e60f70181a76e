"""What waits to be told, and what was given up: shown, tried again, or forgotten."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from widget_server.cli import main
from widget_server.ids import uuid7
from widget_server.opening import database_of
from widget_server.settings import load
from widget_server.store import outbox
from widget_server.store.outbox import NEVER, Notice
from widget_server.vocabulary import Interaction, Transaction, Verdict

NOON = 1_800_000_000_000


def transom(*words: str, data: Path) -> Result:
    """Run the command in this process."""
    return CliRunner().invoke(main, [*words, "--data", str(data)])


def listed(data: Path) -> list[dict[str, Any]]:
    """What the command tells a script."""
    told: list[dict[str, Any]] = json.loads(transom("notices", "--site", "blog", "--json", data=data).output)
    return told


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A site where one thing waits to be told, and another was given up."""
    transom("site", "create", "blog", "--origin", "https://blog.example", data=tmp_path)
    asyncio.run(_fill(tmp_path))
    return tmp_path


async def _fill(folder: Path) -> None:
    async with database_of(load({}, overrides={"data": folder})) as database:
        for number in range(2):
            await database.write(_waits(uuid7(NOON + number), is_lost=number == 1))


def _waits(interaction: str, *, is_lost: bool) -> Transaction[None]:
    done = Interaction("blog", interaction, NOON, "a", "like", "like", "p", Verdict.PUBLISH, (), {})
    yield from outbox.add(done, ["bell"])
    if is_lost:
        yield from outbox.failed(Notice("blog", "bell", interaction, NOON, 9, ""), NEVER, "nobody is at home")


def test_what_waits_and_what_was_given_up_are_listed(data: Path) -> None:
    shown = transom("notices", "--site", "blog", data=data).output

    assert [(each["notifier"], each["fault"]) for each in listed(data)] == [
        ("bell", ""),
        ("bell", "nobody is at home"),
    ]
    assert "due 2027-01-15 08:00:00 UTC" in shown
    assert "given up" in shown


def test_what_was_given_up_is_tried_again(data: Path) -> None:
    told = transom("notices", "--site", "blog", "--again", data=data)

    assert (told.exit_code, told.output.splitlines()[0]) == (0, "1 are tried again.")
    assert all(each["due"] != NEVER for each in listed(data))


def test_what_was_given_up_is_forgotten_and_nothing_else(data: Path) -> None:
    told = transom("notices", "--site", "blog", "--drop", data=data)

    assert (told.exit_code, told.output.splitlines()[0]) == (0, "1 are forgotten.")
    assert [each["fault"] for each in listed(data)] == [""]


def test_a_site_that_is_not_there_is_an_error(data: Path) -> None:
    told = transom("notices", "--site", "shop", data=data)

    assert told.exit_code == 1
    assert "There is no site 'shop' here." in told.output


def test_one_cannot_try_again_and_forget_at_once(data: Path) -> None:
    told = transom("notices", "--site", "blog", "--again", "--drop", data=data)

    assert told.exit_code == 2
