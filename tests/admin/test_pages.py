"""Every page of the admin answers, with nothing there and with something."""

from __future__ import annotations

from tests.admin.world import Admin, World

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
