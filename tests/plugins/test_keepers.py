"""Keepers: plug-ins with tables of their own, which are a part of the doing, of the export and of the erasure."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.http.rogue import as_extra
from tests.pins import Pins
from tests.plugins.neighbours import street
from widget_server.app import opened
from widget_server.errors import MigrationFailed
from widget_server.settings import load
from widget_server.vocabulary import Statement, Transaction, sql

pytestmark = pytest.mark.each_database


async def test_what_a_keeper_writes_is_in_the_doings_own_transaction(tmp_path: Path) -> None:
    async with street(tmp_path, Pins()) as here:
        for place in ("Rome", "Oslo", "Oslo"):
            done = await here.act(
                "pins", "pin", place=place, idempotency_key="k" * 22 if place == "Rome" else ""
            )
            assert done.status_code == 200, done.text
        again = await here.act("pins", "pin", place="Rome", idempotency_key="k" * 22)
        page = await here.page(widgets="pins")
        rows = await here.rows(
            "select p.site, p.subject, p.place, i.kind from pins p join interactions i"
            " on i.site = p.site and i.person = p.person and i.interaction = p.interaction"
        )

        assert again.status_code == 200
        assert page["widgets"]["pins"]["places"] == {"Oslo": 1}
        assert rows == [("blog", "a", "Oslo", "pin")]  # whatever site and person the widget itself had named
        assert await here.rows("select count(*) from interactions") == [(2,)]


async def test_a_statement_that_fails_takes_the_doing_back_with_it(tmp_path: Path) -> None:
    def half(place: str) -> list[Statement]:
        return [
            sql("insert into pins values (:site, :subject, :person, :place, :interaction, :at)", place=place),
            sql("update nowhere set x = 1 where site = :site"),
        ]

    async with street(tmp_path, Pins(writes=half)) as here:
        answer = await here.act("pins", "pin", place="Rome")
        counts = [
            await here.rows(f"select count(*) from {table}")  # noqa: S608 - these tables
            for table in ("pins", "interactions", "choices", "people", "subjects")
        ]

        assert (answer.status_code, answer.json()["code"]) == (503, "plugin_failed")
        assert counts == [[(0,)]] * 5


async def test_people_take_along_what_a_keeper_holds_of_them_and_nothing_of_others(tmp_path: Path) -> None:
    async with street(tmp_path, Pins()) as here:
        await here.act("pins", "pin", place="Rome", subject="a")
        await here.act("pins", "pin", place="Oslo", subject="b")
        await here.act("pins", "pin", "Dana", place="Bonn")
        held = [await here.me(action) for action in ("read", "export")]
        rows = [(each["subject"], each["place"]) for each in held[0]["plugins"]["pins"]["pins"]]

        assert rows == [("a", "Rome"), ("b", "Oslo")]
        assert held[0] == held[1]


async def test_people_are_forgotten_in_a_keepers_tables_too(tmp_path: Path) -> None:
    async with street(tmp_path, Pins()) as here:
        await here.act("pins", "pin", place="Rome")
        await here.act("pins", "pin", "Dana", place="Bonn")
        person = (await here.me("read"))["person"]["id"]
        await here.me("erase")
        people = [row[0] for row in await here.rows("select person from pins")]
        page = await here.page(widgets="pins")

        assert len(people) == 2
        assert person not in people
        assert page["widgets"]["pins"]["places"] == {"Rome": 1, "Bonn": 1}


async def test_an_erasure_that_a_keeper_fails_at_is_not_half_done(tmp_path: Path) -> None:
    pins = Pins()
    async with street(tmp_path, pins) as here:
        await here.act("pins", "pin", place="Rome")
        await here.act("comments", "comment", text="Hello")
        pins.erase_person = lambda: [sql("delete from nowhere where site = :site")]  # type: ignore[method-assign]
        sent = {"action": "erase", "token": here.tokens["Charlie"]}
        answer = await here.client.post("/v1/blog/me", data=sent, headers={"origin": "https://blog.example"})

        assert (answer.status_code, answer.json()["code"]) == (503, "plugin_failed")
        assert (await here.page())["widgets"]["comments"]["count"] == 1
        assert await here.rows("select count(*) from pins") == [(1,)]


async def test_a_second_start_finds_the_tables_and_what_is_in_them(tmp_path: Path) -> None:
    async with street(tmp_path, Pins()) as here:
        await here.act("pins", "pin", place="Rome")
    async with street(tmp_path, Pins()) as here:
        assert (await here.page(widgets="pins"))["widgets"]["pins"]["places"] == {"Rome": 1}
        assert await here.rows("select number, name from migrations where owner = 'pins'") == [
            (1, "0001_pins.sql")
        ]


FAULTS = {
    "bad SQL": ("0001_x.sql", "create table x (", "0001_x.sql"),
    "a failing statement": ("0001_x.sql", "insert into nowhere values (1);", "0001_x.sql"),
    "a pragma": ("0001_x.sql", "vacuum;", "a migration defines and fills tables"),
    "a bad name": ("first.sql", "create table x (y text);", "is not named like 0001_what_it_does.sql"),
}


@pytest.mark.parametrize("fault", FAULTS)
async def test_a_migration_that_fails_is_explained_and_changes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fault: str
) -> None:
    name, text, complaint = FAULTS[fault]
    package = tmp_path / "packages" / f"failing_{'_'.join(fault.lower().split())}"  # imported once in a run
    (package / "migrations").mkdir(parents=True)
    (package / "__init__.py").write_text("")
    (package / "fragment.html").write_text("<p id='x'>x</p>")
    (package / "migrations" / name).write_text(text)
    monkeypatch.syspath_prepend(tmp_path / "packages")
    pins = Pins()
    pins.package = package.name
    settings = load({}, None, {"data": str(tmp_path / "data")})

    async with opened(settings):
        pass
    with pytest.raises(MigrationFailed) as caught:
        async with opened(settings, extra=as_extra(pins)):
            pass

    assert complaint in caught.value.detail
    assert name in caught.value.detail
    async with opened(settings) as server:  # without it, all is as it was
        assert await server.house.database.read(_applied()) == []


def _applied() -> Transaction[list[str]]:
    rows = yield sql("select name from migrations where owner = 'pins'")
    return [row["name"] for row in rows]
