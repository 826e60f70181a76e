"""The page without JavaScript: never blank, and under whatever path the server stands."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.http.world import SITE, World, a_world
from widget_server.ids import uuid7
from widget_server.store import threads

ADDRESS = f"/v1/{SITE}/thread?format=page"


@pytest.mark.parametrize(
    ("asked", "status", "said"),
    [
        ("&subject=a&after=zzz", 422, "cursor"),
        ("&subject=a&after=zzz&root=" + uuid7(0), 422, "cursor"),
        ("&subject=a&root=zzz", 422, "root"),
        ("", 422, "subject"),
    ],
)
async def test_what_cannot_be_shown_is_told_on_a_page(
    world: World, asked: str, status: int, said: str
) -> None:
    await world.visitor("Charlie").says("hello")
    answer = await world.reader.get(f"{ADDRESS}{asked}")

    assert answer.status_code == status
    assert answer.headers["content-type"].startswith("text/html")
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert said in re.findall("<p>(.+)</p>", answer.text)[0]


async def test_a_site_that_is_not_there_is_told_on_a_page_and_escaped(world: World) -> None:
    answer = await world.reader.get("/v1/%3Cb%3E/thread?format=page&subject=a")

    assert answer.status_code == 404
    assert "There is no site" in answer.text
    assert "<b>" not in answer.text


async def test_comments_that_fail_are_no_empty_page(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def failing(*_: object) -> object:
        raise RuntimeError("secret path /srv")

    monkeypatch.setattr(threads, "page", failing)
    answer = await world.reader.get(f"{ADDRESS}&subject=a")

    assert answer.status_code == 503
    assert answer.headers["retry-after"] == "1"
    assert "A plug-in failed" in answer.text
    assert re.search("<code>[0-9a-f]{16}</code>", answer.text)
    assert "/srv" not in answer.text


async def test_a_further_part_is_shown_as_ever(world: World) -> None:
    await world.settle(page_size=1)
    charlie = world.visitor("Charlie")
    for text in ("first", "second"):
        await charlie.says(text)
    first = (await world.page())["comments"]
    answer = await world.reader.get(f"{ADDRESS}&subject=a&after={first['next']}")

    assert answer.status_code == 200
    assert answer.text.count("<article") == 1


@pytest.mark.straight("it has a prefix of its own, of which the proxy knows nothing")
async def test_behind_a_prefix_the_cookie_and_every_address_carry_it(tmp_path: Path) -> None:
    async with a_world(tmp_path, public_url="https://talk.example/talk") as world:
        sent = {"subject": "a", "widget": "comments", "action": "comment", "text": "hi", "format": "page"}
        posted = await world.reader.post(
            f"/v1/{SITE}/interactions", data=sent, headers={"origin": "https://talk.example"}
        )
        page = (await world.reader.get(f"{ADDRESS}&subject=a")).text
        refused = (await world.reader.get(ADDRESS)).text
        style = re.findall(r'rel="stylesheet" href="([^"]+)"', page)[0]
        sheet = await world.reader.get(style.removeprefix("/talk"))

    assert f"Path=/talk/v1/{SITE};" in posted.headers["set-cookie"]
    assert posted.headers["location"].startswith(f"https://talk.example/talk/v1/{SITE}/thread?")
    assert style in refused
    assert sheet.headers["content-type"] == "text/css; charset=utf-8"
    leads = [urlsplit(each).path for each in re.findall(r'(?:href|src|action)="([^"]*)"', page)]
    assert leads
    assert [path for path in leads if not path.startswith("/talk/")] == []
