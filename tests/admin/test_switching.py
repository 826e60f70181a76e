"""The plug-ins of a site are switched on and off, and what holds when a check fails is chosen."""

from __future__ import annotations

import re

import pytest

from tests.admin.test_plug_ins import opening, switch
from tests.admin.test_settings import stored
from tests.admin.world import Admin, World
from widget_server.store import moderation


@pytest.fixture
async def alice(plugged: World) -> Admin:
    """Alice owns the blog."""
    return await plugged.sign_in("alice@example.com")


async def test_an_owner_switches_widgets_off_and_on(plugged: World, alice: Admin) -> None:
    async def like() -> int:
        fields = {"url": "https://blog.example/post", "widget": "like", "action": "like"}
        answer = await alice.client.post(
            "/v1/blog/interactions", data=fields, headers={"origin": "https://blog.example"}
        )
        return answer.status_code

    chosen = {"widgets.offer": "chosen", "widgets.comments": "on", "widgets.count": "on"}
    off = await switch(alice, **chosen)
    shown = (await alice.get("plug-ins")).text
    refused = await like()
    page = await alice.client.get("/v1/blog/page", params={"subject": "blog.example/post"})
    on = await switch(alice, **{"widgets.like": "on"})

    assert (off.status_code, on.status_code) == (303, 303)
    assert re.findall(r'name="widgets\.(\w+)" checked', shown) == ["comments", "count"]
    assert 'name="widgets.offer" value="chosen" checked' in shown
    assert refused == 404
    assert sorted(page.json()["widgets"]) == ["comments", "count"]
    assert await like() == 200
    assert (await stored(plugged)).settings.widgets is None
    [_, entry] = await plugged.server.house.database.read(moderation.log("blog", "g", 10))
    assert entry.data == {"changes": {"widgets": [None, ["comments", "count"]]}}
    assert "<bdi>all that are installed</bdi> → <bdi>comments, count</bdi>" in (await alice.get("log")).text


async def test_an_owner_switches_checks_off_and_says_what_holds_when_one_fails(
    plugged: World, alice: Admin
) -> None:
    await alice.post("settings", **await opening(alice))
    held = await plugged.comment("Gil", "this is spam")
    off = await switch(alice, **{"checks.offer": "chosen", "on_check_failure": "pass"})
    passed = await plugged.comment("Hal", "this is spam")

    queue = (await alice.get("queue")).text

    assert off.status_code == 303
    assert "word: found" in queue
    assert [(await plugged.stored(each)).status for each in (held, passed)] == ["held", "published"]
    settings = (await stored(plugged)).settings
    assert (settings.checks, settings.on_check_failure) == ((), "pass")


@pytest.mark.parametrize(
    ("typed", "complaint"),
    [
        ({"widgets.offer": "some"}, "widgets-error"),
        ({"checks.offer": ""}, "checks-error"),
        ({"on_check_failure": "shrug"}, "on_check_failure-error"),
    ],
)
async def test_a_wrong_switch_is_said_beside_it_and_nothing_is_stored(
    plugged: World, alice: Admin, typed: dict[str, str], complaint: str
) -> None:
    before = await stored(plugged)

    answer = await switch(alice, **typed)

    assert answer.status_code == 422
    assert f'class="error" id="{complaint}"' in answer.text
    assert await stored(plugged) == before
