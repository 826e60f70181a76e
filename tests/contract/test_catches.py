"""The contracts catch what they are there for: each of these plug-ins breaks a promise, and is told so."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.http.rogue import as_extra
from tests.pins import Pins
from tests.word import Word, held
from widget_server.app import opened
from widget_server.moderation.pipeline import Opinion
from widget_server.settings import load
from widget_server.store import sites
from widget_server.testing import CheckContract, WidgetContract
from widget_server.testing.widgets import NOW, SITE
from widget_server.vocabulary import Setting, Whole, sql
from widget_server.widgets.base import Widget

BREAKS: dict[str, tuple[str, Callable[[], Any]]] = {
    "forgets nobody": ("erase_person", list),
    "forgets somebody else": (
        "erase_person",
        lambda: [sql("delete from pins where site = :site and person = :pseudonym")],
    ),
    "exports nothing": ("export_person", dict),
    "exports what is somebody else's": (
        "export_person",
        lambda: {"pins": sql("select place from pins where site = :site and person <> :person")},
    ),
}


async def keeps(widget: Widget, folder: Path) -> None:
    """Hold a widget against what its tables have to do."""
    settings = load({}, None, {"data": str(folder), "public_url": "https://talk.example"})
    async with opened(settings, clock=lambda: NOW, extra=as_extra(widget)) as server:
        await server.house.database.write(sites.add(SITE))
        contract = WidgetContract()
        await contract.test_a_persons_rows_in_its_tables_can_be_taken_along_and_taken_out(widget, server)


@pytest.mark.parametrize("how", BREAKS)
async def test_a_keeper_that_breaks_its_promise_is_caught(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    await keeps(Pins(), tmp_path / "sound")
    name, wrong = BREAKS[how]
    pins = Pins()
    monkeypatch.setattr(pins, name, wrong)

    with pytest.raises(AssertionError):
        await keeps(pins, tmp_path / "broken")


async def test_a_table_that_is_named_after_nobody_is_caught(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pins = Pins()
    monkeypatch.setattr(pins, "name", "needles")

    with pytest.raises(AssertionError):
        await keeps(pins, tmp_path)


async def test_a_keeper_that_writes_nobody_down_is_caught(tmp_path: Path) -> None:
    with pytest.raises(AssertionError, match="none of its actions wrote down a person"):
        await keeps(Pins(writes=lambda _: ()), tmp_path)


@pytest.mark.parametrize("thought", [None, Opinion("hold"), held("Because!"), held(*"abcdefghi")])  # type: ignore[arg-type]
def test_a_check_without_sense_is_caught(thought: object) -> None:
    with pytest.raises((TypeError, ValueError)):
        CheckContract().test_it_has_an_opinion_of_every_text(Word(lambda _: thought), "Hello")


def test_a_check_that_changes_its_mind_is_caught() -> None:
    thoughts = iter([held("one"), held("two")])

    with pytest.raises(AssertionError):
        CheckContract().test_it_has_an_opinion_of_every_text(Word(lambda _: next(thoughts)), "Hello")


def test_a_default_that_does_not_fit_is_caught() -> None:
    check = Word()
    check.settings = {"most": Setting("Most", Whole(1, 5), 9)}

    with pytest.raises(AssertionError):
        CheckContract().test_its_settings_are_sound(check)
