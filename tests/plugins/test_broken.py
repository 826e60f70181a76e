"""A plug-in that cannot be loaded is named and left out, and the server starts with the rest."""

from __future__ import annotations

import logging
import re
from pathlib import Path

import httpx
import pytest

from tests.admin.world import BLOG, URL, Clock, World
from tests.cli.test_plug_ins import WAVE, installed, wave
from tests.http.rogue import as_checks, as_extra
from tests.wave import Wave
from tests.word import named
from widget_server.app import opened
from widget_server.errors import Misconfigured
from widget_server.moderation.pipeline import Opinion
from widget_server.settings import Settings, load


def settings_of(folder: Path, *plugins: str) -> Settings:
    """A server's, with plug-ins from files."""
    return load({}, overrides={"data": folder / "data", "public_url": URL, "plugins": plugins})


def broken(folder: Path, text: str = "raise RuntimeError('secret path /srv')") -> str:
    """A plug-in that cannot be loaded."""
    (folder / "broken.py").write_text(text)
    return f"{folder / 'broken.py'}:Broken"


async def test_the_server_starts_without_a_broken_plug_in_and_with_all_others(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    settings = settings_of(tmp_path, broken(tmp_path), wave(tmp_path / "own"))
    with caplog.at_level(logging.ERROR):
        async with opened(settings, clock=Clock()) as server:
            world = World(server, Clock())
            await world.settle()
            client = world.client()
            done = await client.post(
                "/v1/blog/interactions",
                data={"subject": "a", "widget": "wave", "action": "like", "format": "json"},
                headers={"origin": BLOG},
            )
            page = await client.get("/v1/blog/page", params={"subject": "a", "format": "fragments"})
            alice = await world.sign_in("alice@example.com")
            admin = await alice.get("plug-ins")
            for each in world.clients:
                await each.aclose()

    assert done.json()["summary"] == {"count": 1, "mine": True}
    assert {"comments", "count", "like", "wave"} <= set(page.json()["widgets"])
    assert '<form id="wave">' in page.json()["widgets"]["wave"]
    assert page.json()["degraded"] == []
    assert "'Broken' of transom.widgets is left out" in caplog.text
    assert "RuntimeError: secret path /srv" in caplog.text
    assert "out of order: Broken" in admin.text
    assert "secret" not in admin.text
    assert re.search(r'name="widgets\.wave"', admin.text)


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        ("{% if %}", "TemplateSyntaxError"),
        ("{% include 'nowhere.html' %}{{ 7 | nothing }}", "TemplateAssertionError"),
    ],
)
async def test_a_template_that_cannot_be_read_is_its_widgets_own_fault(
    tmp_path: Path, fault: str, reason: str
) -> None:
    place = wave(tmp_path / "own")
    (tmp_path / "own" / "fragment.html").write_text(fault)

    async with opened(settings_of(tmp_path, place)) as server:
        assert "wave" not in server.house.widgets
        assert [(each.name, reason in each.reason) for each in server.house.broken] == [("wave", True)]


async def test_a_keeper_without_migrations_is_left_out(tmp_path: Path) -> None:
    place = wave(tmp_path / "own")
    keeps = (
        "    def apply(self, *_): ...\n    def export_person(self): ...\n    def erase_person(self): ...\n"
    )
    (tmp_path / "own" / "wave.py").write_text(WAVE + keeps)

    async with opened(settings_of(tmp_path, place)) as server:
        assert ["no folder `migrations`" in each.reason for each in server.house.broken] == [True]


async def test_two_of_one_name_stop_the_start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    installed(tmp_path / "theirs", "transom.widgets", like="widget_server.widgets.like:Like")
    monkeypatch.syspath_prepend(tmp_path / "theirs")

    with pytest.raises(Misconfigured, match=r"Two plug-ins of transom\.widgets are named 'like'"):
        async with opened(settings_of(tmp_path)):
            pass


async def test_a_widget_and_a_check_of_one_name_stop_the_start(tmp_path: Path) -> None:
    check = named("wave", lambda _: Opinion())

    with pytest.raises(Misconfigured, match="are named 'wave'"):
        async with opened(settings_of(tmp_path), extra=as_extra(Wave()), checks=as_checks(check)):
            pass


async def test_an_installed_check_comes_in_by_its_entry_point(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    installed(tmp_path / "theirs", "transom.checks", word="tests.word:Word", gone="nowhere:Check")
    monkeypatch.syspath_prepend(tmp_path / "theirs")

    async with opened(settings_of(tmp_path)) as server:
        assert [(each.name, each.distribution) for each in server.house.plugin_checks.values()] == [
            ("word", "theirs")
        ]
        assert [each.name for each in server.house.broken] == ["gone"]
        transport = httpx.ASGITransport(server.app)
        async with httpx.AsyncClient(transport=transport, base_url=URL) as client:
            assert (await client.get("/readyz")).text == "ready"


PINS = """
from tests.pins import Pins as Whole

class Pins(Whole):
    pass
"""


async def test_nobody_is_told_to_be_forgotten_while_a_keeper_is_broken(tmp_path: Path) -> None:
    (tmp_path / "pins.py").write_text(PINS)
    place = f"{tmp_path / 'pins.py'}:Pins"
    async with opened(settings_of(tmp_path, place), clock=Clock()) as server:
        world = World(server, Clock())
        await world.settle()
        client = world.client()
        form = {"subject": "a", "widget": "pins", "action": "pin", "place": "Rome", "format": "json"}
        pinned = await client.post("/v1/blog/interactions", data=form, headers={"origin": BLOG})
        await client.aclose()
    answers = []
    for text in ("raise RuntimeError", PINS):
        (tmp_path / "pins.py").write_text(text)
        async with opened(settings_of(tmp_path, place), clock=Clock()) as server:
            client = World(server, Clock()).client()
            for action in ("read", "erase"):
                sent = {"action": action, "token": pinned.json()["token"]}
                answers.append(await client.post("/v1/blog/me", data=sent, headers={"origin": BLOG}))
            await client.aclose()

    assert [answer.status_code for answer in answers] == [503, 503, 200, 200]
    assert {answer.json()["code"] for answer in answers[:2]} == {"plugin_failed"}
    assert answers[2].json()["plugins"]["pins"]["pins"][0]["place"] == "Rome"
