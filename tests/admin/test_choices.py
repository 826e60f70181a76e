"""Where likes came from: what looks made up is taken out, recounted, and put back."""

from __future__ import annotations

import pytest

from tests.admin.world import MINUTE, Admin, World
from widget_server.store import choices, fraud, moderation
from widget_server.vocabulary import Transaction, sql

PLACE = {"subject": "blog.example/post", "widget": "like"}
BOT, HOME = "b0" * 16, "40" * 16


async def tally(world: World) -> int:
    """The likes that readers see."""
    found = await world.server.house.database.read(choices.tally("blog", "blog.example/post", "like"))
    assert len(found.counts) <= 1
    return next(iter(found.counts.values()), 0)


async def recounted(world: World) -> int:
    """The likes as they are, counted one by one."""

    def transaction() -> Transaction[int]:
        rows = yield sql(
            "select coalesce(sum(amount), 0) as number from choices where site = 'blog'"
            " and subject = 'blog.example/post' and widget = 'like' and excluded = 0"
        )
        number: int = rows[0]["number"]
        return number

    return await world.server.house.database.read(transaction())


@pytest.fixture(name="liked")
async def _liked(world: World) -> World:
    """Twelve likes of a bot within a minute, three of people over an hour, one without a network."""
    await world.comment("Neighbour", "I was here before", client=HOME)
    for number in range(12):
        world.clock.now += 3_000
        await world.act(f"bot{number}", "like", client=BOT)
    for name in ("Neighbour", "Dan", "Frank"):
        world.clock.now += 20 * MINUTE
        await world.act(name, "like", client=HOME if name == "Neighbour" else name.lower() * 4)
    await world.act("Old", "like")
    return world


async def test_the_view_shows_networks_minutes_and_new_people(liked: World, alice: Admin) -> None:
    found = await liked.server.house.database.read(fraud.origins("blog", **PLACE))
    page = (await alice.get("choices", **PLACE)).text
    busy = (await alice.get("choices")).text

    assert (found.counted, found.excluded, found.unknown) == (16, 0, 1)
    assert [(each.name, each.choices, each.new) for each in found.networks][:2] == [
        (BOT, 12, 12),
        (HOME, 1, 0),
    ]
    assert max(each.choices for each in found.minutes) >= 9
    assert sum(each.choices for each in found.minutes) == 16
    assert BOT in page
    assert "subject=blog.example%2Fpost&amp;widget=like" in busy


async def test_suspicious_likes_are_taken_out_recounted_and_put_back(liked: World, alice: Admin) -> None:
    query = {"subject": "blog.example/post", "widgets": "like"}
    before = (await alice.client.get("/v1/blog/page", params=query)).json()["widgets"]["like"]["count"]

    out = await alice.post("choices/recounts", **PLACE, action="exclude", **{f"network.{BOT}": "on"})
    after = (await alice.client.get("/v1/blog/page", params=query)).json()["widgets"]["like"]["count"]
    assert (before, after, await tally(liked), await recounted(liked)) == (16, 4, 4, 4)
    assert "12 choices were recounted" in (await alice.client.get(out.headers["location"])).text

    again = await alice.post("choices/recounts", **PLACE, action="exclude", **{f"network.{BOT}": "on"})
    assert "Nothing changed" in (await alice.client.get(again.headers["location"])).text
    assert await tally(liked) == 4

    await alice.post("choices/recounts", **PLACE, action="include", **{f"network.{BOT}": "on"})
    assert (await tally(liked), await recounted(liked)) == (16, 16)


async def test_a_like_that_was_taken_out_and_is_taken_back_counts_once(liked: World, alice: Admin) -> None:
    await alice.post("choices/recounts", **PLACE, action="exclude", **{f"network.{BOT}": "on"})

    await liked.act("bot0", "unlike", client=BOT)
    assert (await tally(liked), await recounted(liked)) == (4, 4)
    await alice.post("choices/recounts", **PLACE, action="include", **{f"network.{BOT}": "on"})

    assert (await tally(liked), await recounted(liked)) == (15, 15)


async def test_several_networks_at_once(liked: World, alice: Admin) -> None:
    marked = {f"network.{BOT}": "on", f"network.{HOME}": "on"}

    await alice.post("choices/recounts", **PLACE, action="exclude", **marked)

    assert (await tally(liked), await recounted(liked)) == (3, 3)


async def test_what_was_recounted_stands_in_the_record(liked: World, alice: Admin) -> None:
    await alice.post("choices/recounts", **PLACE, action="exclude", **{f"network.{BOT}": "on"})

    [entry] = await liked.server.house.database.read(moderation.log("blog", "g", 10))

    assert (entry.kind, entry.subject, entry.widget) == ("exclude", "blog.example/post", "like")
    assert entry.data == {"networks": [BOT], "minutes": [], "only_new": False, "choices": 12}
    assert "took choices out of the tally: 12 (1 network, 0 minutes)" in (await alice.get("log")).text


async def test_a_moderator_may_look_and_an_owner_may_recount(liked: World, bob: Admin) -> None:
    page = (await bob.get("choices", **PLACE)).text

    answer = await bob.post("choices/recounts", **PLACE, action="exclude", **{f"network.{BOT}": "on"})

    assert "Only an owner" in page
    assert answer.status_code == 403
    assert await tally(liked) == 16


async def test_a_recount_reaches_no_other_subject_and_no_other_site(liked: World, alice: Admin) -> None:
    await liked.act("bot0", "like", page="/other", client=BOT, subject="blog.example/other")
    await liked.act("bot0", "like", site="other", client=BOT)

    await alice.post("choices/recounts", **PLACE, action="exclude", **{f"network.{BOT}": "on"})

    for site, subject in (("blog", "blog.example/other"), ("other", "blog.example/post")):
        found = await liked.server.house.database.read(choices.tally(site, subject, "like"))
        assert sum(found.counts.values()) == 1


async def test_a_bot_that_changes_its_network_is_taken_out_by_the_minute(world: World, alice: Admin) -> None:
    world.clock.now -= world.clock.now % MINUTE
    await world.comment("Neighbour", "I was here before")
    world.clock.now += 10 * MINUTE
    minute = str(world.clock.now // MINUTE)
    await world.act("Neighbour", "like", client=HOME)
    for number in range(9):
        world.clock.now += 1_000
        await world.act(f"bot{number}", "like", client=f"{number:016x}")

    await alice.post(
        "choices/recounts", **PLACE, action="exclude", only_new="on", **{f"minute.{minute}": "on"}
    )
    assert (await tally(world), await recounted(world)) == (1, 1)
    await alice.post("choices/recounts", **PLACE, action="exclude", **{f"minute.{minute}": "on"})
    assert (await tally(world), await recounted(world)) == (0, 0)
    await alice.post("choices/recounts", **PLACE, action="include", **{f"minute.{minute}": "on"})
    assert (await tally(world), await recounted(world)) == (10, 10)


async def test_what_the_page_did_not_offer_is_not_recounted(liked: World, alice: Admin) -> None:
    for name in ("network.a,b", "network.", "minute.x", "minute.-1", f"network.{'x' * 129}"):
        answer = await alice.post("choices/recounts", **PLACE, action="exclude", **{name: "on"})

        assert (name, answer.status_code) == (name, 422)
    nothing = await alice.post("choices/recounts", **PLACE, action="exclude")
    assert nothing.headers["location"].endswith("changed=0")
    assert await tally(liked) == 16
