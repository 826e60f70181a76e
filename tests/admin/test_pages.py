"""Every page of the admin answers, with nothing there and with something."""

from __future__ import annotations

import re
from pathlib import Path

import httpx

from tests.admin.world import URL, Admin, Clock, World
from widget_server.app import opened
from widget_server.settings import load

LOOKS = ("queue", "comments", "choices", "log", "settings", "sessions")


async def test_every_page_answers_when_nothing_is_there_yet(bob: Admin) -> None:
    for path in LOOKS:
        page = await bob.get(path)

        assert (path, 200) == (path, page.status_code)


async def test_every_page_answers_when_something_is_there(world: World, bob: Admin) -> None:
    first = await world.comment()
    await bob.decide(first, "approve", **await world.seen(first))
    await world.comment("Dan", "I see", parent=first)
    await world.act("Dan", "like", client="abc")

    for path in (*LOOKS, f"comments/{first}", "choices?subject=blog.example/post&widget=like"):
        page = await bob.get(path)

        assert (path, 200) == (path, page.status_code)
    assert "Hello there" in (await bob.get("queue")).text


async def test_behind_a_prefix_every_address_carries_it(tmp_path: Path) -> None:
    clock = Clock()
    settings = load({}, overrides={"data": tmp_path / "data", "public_url": f"{URL}/talk"})
    async with opened(settings, clock=clock) as server:
        world = World(server, clock)
        await world.settle()
        link, client = await world.link("bob@example.com"), world.client()
        client.base_url = httpx.URL(f"{URL}/talk")
        entered = await client.post("/admin/sign-in", data={"site": "blog", "link": link})
        page = (await client.get("/admin/sites/blog/comments")).text
        await client.aclose()

    assert entered.headers["location"] == "/talk/admin/sites/blog/queue"
    assert entered.headers["set-cookie"].startswith("__Secure-transom-admin=blog.")
    assert "Path=/talk/admin;" in entered.headers["set-cookie"]
    leads = re.findall(r'(?:href|src|action)="(/[^"]*)"', page)
    assert len(leads) > 8
    assert [each for each in leads if not each.startswith("/talk/admin/")] == []


async def test_an_address_that_is_not_there_is_refused_like_every_other(bob: Admin) -> None:
    for method, status in (("GET", 404), ("POST", 405), ("PUT", 405), ("DELETE", 405), ("OPTIONS", 405)):
        for path in ("/admin/sites/blog/nothing", "/admin/nothing"):
            answer = await bob.client.request(method, path)

            assert (method, path, status) == (method, path, answer.status_code)
            assert answer.headers["x-frame-options"] == "DENY"
    assert (await bob.client.put("/admin/sites/blog/queue")).status_code == 405
