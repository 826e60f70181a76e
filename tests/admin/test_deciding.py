"""Deciding: through the one path, bound to what was seen, and never final."""

from __future__ import annotations

import asyncio
import re

from tests.admin.world import MINUTE, Admin, World
from widget_server.store import choices
from widget_server.store.interactions import about

DONE = re.compile(r"[?&]done=([0-9a-f-]{36})")


async def published(world: World) -> int:
    """How many comments the page shows."""
    tally = await world.server.house.database.read(choices.tally("blog", "blog.example/post", "comments"))
    return tally.counts.get("published", 0)


async def test_the_queue_shows_what_one_needs_to_decide(world: World, bob: Admin) -> None:
    first = await world.comment("Charlie", "First of all", title="A <post>")
    await bob.decide(first, "approve", **await world.seen(first))
    rejected = await world.comment("Dan", "Bad stuff")
    await bob.decide(rejected, "reject", **await world.seen(rejected))
    world.clock.now += MINUTE
    await world.comment("Dan", "Second, in answer", parent=first)
    world.clock.now += MINUTE
    await world.comment("Frank", "Third")

    page = (await bob.get("queue")).text

    assert page.index("Second, in answer") < page.index("Third")
    assert "Bad stuff" not in page
    assert "In answer to <bdi>Charlie</bdi>" in page
    assert "First of all" in page
    assert "the site holds every comment" in page
    assert "1 held · 1 rejected" in page
    assert 'href="https://blog.example/post"' in page
    assert "A &lt;post&gt;" in page


async def test_an_approved_comment_is_seen_and_undo_takes_it_back(world: World, bob: Admin) -> None:
    comment = await world.comment()

    decided = await bob.decide(comment, "approve", **{"from": "queue"}, **await world.seen(comment))
    assert decided.status_code == 303
    assert await published(world) == 1
    bar = (await bob.client.get(decided.headers["location"])).text
    assert "Approved." in bar
    decision = DONE.search(decided.headers["location"])
    assert decision
    assert f'name="decision" value="{decision[1]}"' in bar

    undone = await bob.decide(comment, "undo", decision=decision[1], **{"from": "queue"})
    again = await bob.decide(comment, "undo", decision=decision[1], **{"from": "queue"})

    assert "Taken back" in (await bob.client.get(undone.headers["location"])).text
    assert (await world.stored(comment)).status == "held"
    assert await published(world) == 0
    assert again.status_code == 409
    assert "taken back already" in again.text
    assert (await world.stored(comment)).status == "held"


async def test_every_decision_moves_the_comment_and_the_count(world: World, bob: Admin) -> None:
    comment = await world.comment()

    for action, status, count in (
        ("approve", "published", 1),
        ("hold", "held", 0),
        ("reject", "rejected", 0),
        ("approve", "published", 1),
        ("remove", "removed", 0),
        ("approve", "published", 1),
    ):
        answer = await bob.decide(comment, action, **await world.seen(comment))

        assert answer.status_code == 303
        assert ((await world.stored(comment)).status, await published(world)) == (status, count)


async def test_a_comment_that_was_edited_meanwhile_is_looked_at_again(world: World, bob: Admin) -> None:
    comment = await world.comment("Charlie", "Harmless")
    seen = await world.seen(comment)
    await world.act("Charlie", "edit", id=comment, text="Not harmless")

    refused = await bob.decide(comment, "approve", **seen)
    looked = await bob.decide(comment, "approve", **await world.seen(comment))

    assert refused.status_code == 409
    assert "edited meanwhile" in refused.text
    assert looked.status_code == 303
    assert (await world.stored(comment)).status == "published"


async def test_deciding_twice_is_harmless_and_says_so(world: World, bob: Admin) -> None:
    comment = await world.comment()
    seen = await world.seen(comment)

    first = await bob.decide(comment, "approve", **{"from": "queue"}, **seen)
    second = await bob.decide(comment, "approve", **{"from": "queue"}, **seen)

    assert "done=" in first.headers["location"]
    assert (
        "Nothing changed: it was published already."
        in (await bob.client.get(second.headers["location"])).text
    )
    assert await published(world) == 1


async def test_two_moderators_who_decide_at_once_do_not_overrule_each_other(
    world: World, alice: Admin, bob: Admin
) -> None:
    for _ in range(10):
        comment = await world.comment()
        seen = await world.seen(comment)

        answers = await asyncio.gather(
            alice.decide(comment, "approve", **seen), bob.decide(comment, "reject", **seen)
        )

        assert sorted(answer.status_code for answer in answers) == [303, 409]
        kept = "published" if answers[0].status_code == 303 else "rejected"
        assert (await world.stored(comment)).status == kept
        loser = next(answer for answer in answers if answer.status_code == 409)
        assert "Somebody else decided" in loser.text


async def test_undo_takes_back_ones_own_decision_and_not_the_next_ones(
    world: World, alice: Admin, bob: Admin
) -> None:
    comment = await world.comment()
    first = await bob.decide(comment, "approve", **await world.seen(comment))
    await alice.decide(comment, "remove", **await world.seen(comment))
    decision = DONE.search(first.headers["location"])
    assert decision

    undone = await bob.decide(comment, "undo", decision=decision[1])

    assert undone.status_code == 409
    assert (await world.stored(comment)).status == "removed"


async def test_what_its_author_deleted_is_gone_for_moderators_too(world: World, bob: Admin) -> None:
    comment = await world.comment("Charlie", "A canary in the text")
    seen = await world.seen(comment)
    await world.act("Charlie", "delete", id=comment)

    answer = await bob.decide(comment, "approve", **seen)
    page = await bob.get(f"comments/{comment}")

    assert answer.status_code == 410
    assert "canary" not in page.text
    assert "Deleted by its author" in page.text


async def test_a_removed_comment_with_replies_keeps_the_tree_and_comes_back_whole(
    world: World, bob: Admin
) -> None:
    parent = await world.comment("Charlie", "The parent")
    await bob.decide(parent, "approve", **await world.seen(parent))
    child = await world.comment("Dan", "The child", parent=parent)
    await bob.decide(child, "approve", **await world.seen(child))
    query = {"subject": "blog.example/post", "widgets": "comments"}

    await bob.decide(parent, "remove", **await world.seen(parent))
    removed = (await bob.client.get("/v1/blog/page", params=query)).text
    await bob.decide(parent, "approve", **await world.seen(parent))
    restored = (await bob.client.get("/v1/blog/page", params=query)).text

    assert "The parent" not in removed
    assert "The child" in removed
    assert "The parent" in restored


async def test_a_decision_is_seen_by_readers_at_once(world: World, bob: Admin) -> None:
    comment = await world.comment("Charlie", "Now you see me")
    query = {"subject": "blog.example/post", "widgets": "comments"}

    before = (await bob.client.get("/v1/blog/page", params=query)).text
    await bob.decide(comment, "approve", **await world.seen(comment))
    after = (await bob.client.get("/v1/blog/page", params=query)).text

    assert "Now you see me" not in before
    assert "Now you see me" in after


async def test_the_log_tells_who_did_what_and_when(world: World, alice: Admin, bob: Admin) -> None:
    comment = await world.comment("Charlie", "Hello")
    world.clock.now += MINUTE
    await bob.decide(comment, "approve", **await world.seen(comment))
    world.clock.now += MINUTE
    await alice.decide(comment, "remove", **await world.seen(comment))

    page = (await bob.get(f"comments/{comment}")).text
    log = (await bob.get("log")).text
    kept = await world.server.house.database.read(about("blog", comment))

    assert '<bdi>Alice</bdi></strong> removed it: <span class="change">Published → Removed</span>' in page
    assert '<bdi>Bob</bdi></strong> approved it: <span class="change">Held → Published</span>' in page
    assert "<bdi>Charlie</bdi></strong> wrote it" in page
    assert page.index("removed it") < page.index("approved it") < page.index("wrote it")
    assert log.index("<bdi>Alice</bdi></strong>") < log.index("<bdi>Bob</bdi></strong>")
    assert [(each.kind, each.at) for each in kept] == [
        ("remove", world.clock.now),
        ("approve", world.clock.now - MINUTE),
        ("comment", world.clock.now - 2 * MINUTE),
    ]


async def test_scripts_get_a_decision_as_json(world: World, bob: Admin) -> None:
    comment = await world.comment()
    bob.client.headers["accept"] = "application/json"
    seen = await world.seen(comment)

    first = (await bob.decide(comment, "approve", **seen)).json()
    second = (await bob.decide(comment, "approve", **seen)).json()

    assert (first["message"], first["changed"], first["comment"]) == ("Approved.", True, comment)
    assert first["undo"]
    assert (second["changed"], second["undo"]) == (False, None)


async def test_a_moderator_answers_as_staff_and_a_double_click_answers_once(world: World, bob: Admin) -> None:
    comment = await world.comment()
    await bob.decide(comment, "approve", **await world.seen(comment))
    page = (await bob.get(f"comments/{comment}")).text
    key = page.partition('name="key" value="')[2].partition('"')[0]

    answers = [await bob.post(f"comments/{comment}/replies", text="Thank *you*", key=key) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [303, 303]
    assert answers[0].headers["location"] == answers[1].headers["location"]
    assert await published(world) == 2
    reply = (await bob.client.get(answers[0].headers["location"])).text
    assert "Staff" in reply
    assert "Thank <em>you</em>" in reply


async def test_an_answer_that_cannot_be_published_is_shown_again_as_it_was_typed(
    world: World, bob: Admin
) -> None:
    comment = await world.comment()
    await bob.decide(comment, "approve", **await world.seen(comment))
    long = "\nKeep <me> & my newline " + "x" * 10_001

    answer = await bob.post(f"comments/{comment}/replies", text=long, key="k" * 16)

    assert answer.status_code == 422
    assert "at most 10000 are allowed" in answer.text
    assert "\n\nKeep &lt;me&gt; &amp; my newline" in answer.text
    assert await published(world) == 1


async def test_a_held_comment_is_not_answered(world: World, bob: Admin) -> None:
    comment = await world.comment()

    answer = await bob.post(f"comments/{comment}/replies", text="Hello", key="k" * 16)

    assert answer.status_code == 404
    assert await published(world) == 0


async def test_a_comment_that_is_held_again_is_hidden_and_its_replies_stay(world: World, bob: Admin) -> None:
    parent = await world.comment("Charlie", "The parent")
    await bob.decide(parent, "approve", **await world.seen(parent))
    child = await world.comment("Dan", "The child", parent=parent)
    await bob.decide(child, "approve", **await world.seen(child))

    for action in ("hold", "reject"):
        await bob.decide(parent, action, **await world.seen(parent))
        for form in ("json", "fragments"):
            query = {"subject": "blog.example/post", "widgets": "comments", "format": form}
            page = (await bob.client.get("/v1/blog/page", params=query)).text

            assert "The parent" not in page
            assert "Charlie" not in page
            assert "The child" in page
