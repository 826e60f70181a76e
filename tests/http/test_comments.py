"""Comments: written, answered, changed and taken back."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from tests.http.world import PAGE, Visitor, World, a_world
from widget_server.opening import DATABASE
from widget_server.vocabulary import Mode

WINDOW = 15 * 60


async def test_replies_go_a_hundred_levels_down_and_then_stay_there(world: World, charlie: Visitor) -> None:
    parent = await charlie.says("level 0")
    chain = [parent]
    for level in range(1, 120):
        parent = await charlie.says(f"level {level}", parent=parent)
        chain.append(parent)

    rows = await world.rows("select comment, depth, parent from comments order by path")
    depths = [depth for _, depth, _ in rows]

    assert depths == [*range(101), *[100] * 19]
    assert [comment for comment, _, _ in rows] == chain
    assert {parent for _, depth, parent in rows if depth == 100} == {chain[99]}
    assert await walked(world) == chain


async def test_an_author_edits_and_deletes_within_the_window_and_not_after(
    world: World, charlie: Visitor
) -> None:
    comment = await charlie.says("frist")
    world.clock.forward(WINDOW - 0.001)
    edited = await charlie.edit(comment, "first")

    assert edited.status_code == 200
    assert await texts(world) == ["<p>first</p>\n"]

    world.clock.forward(0.001)
    late = [await charlie.edit(comment, "too late"), await charlie.delete(comment)]

    assert [(answer.status_code, answer.json()["code"]) for answer in late] == [(403, "window_closed")] * 2
    assert await texts(world) == ["<p>first</p>\n"]
    assert (await charlie.own())["comments"]["own"] == []


async def test_a_window_of_zero_lets_nobody_change_anything(world: World, charlie: Visitor) -> None:
    await world.settle(edit_window=0)
    comment = await charlie.says("for ever")

    assert (await charlie.edit(comment, "changed")).json()["code"] == "window_closed"
    assert (await charlie.delete(comment)).json()["code"] == "window_closed"


async def test_a_deleted_comment_with_replies_keeps_the_tree(
    world: World, charlie: Visitor, dana: Visitor
) -> None:
    root = await charlie.says("root")
    reply = await dana.says("reply", parent=root)
    await charlie.delete(root)
    page = (await world.page())["comments"]
    tomb, kept = page["comments"]

    assert page["count"] == 1
    assert (tomb["status"], tomb["name"], tomb["html"], tomb["edited"]) == ("deleted", "", "", None)
    assert (kept["id"], kept["parent"], kept["html"]) == (reply, root, "<p>reply</p>\n")
    assert (await dana.comment("an answer to nobody", parent=root)).json()["field"] == "parent"

    await dana.delete(reply)

    assert (await world.page())["comments"] == {**page, "count": 0, "comments": []}


@pytest.mark.only_sqlite("PostgreSQL keeps deleted rows until it vacuums")
async def test_the_file_holds_neither_text_nor_name_of_a_deleted_comment(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    async with a_world(folder) as world:
        canary = world.visitor("Canary-Name-77")
        keeps = world.visitor("Kept-Name-88")
        comment = await canary.says("Canary-Text-77")
        await canary.edit(comment, "Canary-Edit-77")
        await world.visitor("Dana").says("a reply", parent=comment)
        kept = await keeps.says("Kept-Text-88")
        gone = await keeps.says("Canary-Second-77")
        await canary.delete(comment)
        await keeps.delete(gone)
        assert kept in await walked(world)
    held = await asyncio.to_thread(
        lambda: b"".join(file.read_bytes() for file in folder.iterdir() if file.name.startswith(DATABASE))
    )

    assert b"Kept-Name-88" in held
    assert b"Kept-Text-88" in held
    assert b"Canary" not in held


SOURCES = [
    "plain",
    "  indented and trailing  ",
    "a < b && c > d &amp; &lt;b&gt; &#39;",
    "**bold** _em_ `code` ~~gone~~ [link](https://example.org/?a=1&b=2)",
    "```\n<script>alert(1)</script>\n```",
    "> quoted\n\n1. one\n2. two",
    "line one\nline two\n\n\nline five\n",
    "tab\there",
    "\"quotes\" and 'apostrophes' and \\backslashes\\",
    "Grüße, Ελληνικά, עברית, 日本語, हिन्दी",
    "👩‍👩‍👧‍👦 🏳️‍🌈 👋🏽 1️⃣",
    "\\*not em\\*",
    "{{ 7 * 7 }} {% if x %} ${y} %s %(a)s {0}",
    "</textarea><p>out</p>",
    "100 % + 1 = 101 & more; # not a heading?",
]


async def test_an_edit_box_gives_back_the_exact_source(charlie: Visitor) -> None:
    written = {await charlie.says(source): source for source in SOURCES}
    for source in SOURCES:
        answer = await charlie.post_json(widget="comments", action="comment", text=source)
        written[answer.json()["id"]] = source

    assert await sources(charlie) == written

    for comment, source in written.items():
        await charlie.edit(comment, f"{source} again")

    assert await sources(charlie) == {comment: f"{source} again" for comment, source in written.items()}


async def test_a_text_that_leaves_no_ink_is_refused(world: World, charlie: Visitor) -> None:
    for text in ("   ", "\n\n", "\u200b\u200b", "\u2800", "\u00a0\u3164"):
        refused = await charlie.comment(text)

        assert (refused.status_code, refused.json().get("field")) == (422, "text"), repr(text)
    assert await world.rows("select count(*) from comments") == [(0,)]


async def test_a_site_may_allow_longer_texts_than_usual(world: World, charlie: Visitor) -> None:
    await world.settle(max_length=20_000)

    assert (await charlie.comment("a" * 20_000)).status_code == 200
    assert (await charlie.comment("a" * 20_001)).json()["field"] == "text"


async def test_an_open_site_publishes(world: World, charlie: Visitor) -> None:
    answer = (await charlie.comment("hello")).json()

    assert (answer["verdict"], answer["reasons"]) == ("publish", [])
    assert (await world.page())["comments"]["count"] == 1


async def test_a_first_comment_waits_until_one_was_let_through(world: World, charlie: Visitor) -> None:
    await world.settle(mode=Mode.FIRST_HELD)
    first = (await charlie.comment("one")).json()
    second = (await charlie.comment("two")).json()

    assert [(each["verdict"], each["reasons"]) for each in (first, second)] == [
        ("hold", ["first_comment"])
    ] * 2
    assert (await world.page())["comments"]["count"] == 0

    await world.judge("approve", first["id"])

    assert (await charlie.comment("three")).json()["verdict"] == "publish"
    assert (await world.page())["comments"]["count"] == 2


async def test_where_all_are_held_an_edit_is_held_again(world: World, charlie: Visitor) -> None:
    await world.settle(mode=Mode.ALL_HELD)
    comment = await charlie.says("harmless")
    await world.judge("approve", comment)

    assert await texts(world) == ["<p>harmless</p>\n"]

    edited = (await charlie.edit(comment, "harmful")).json()

    assert (edited["verdict"], edited["reasons"]) == ("hold", ["all_held"])
    assert await texts(world) == []
    assert (await charlie.own())["comments"]["own"][0]["html"] == "<p>harmful</p>\n"


async def test_a_held_comment_stays_held_when_it_is_edited_on_an_open_site(
    world: World, charlie: Visitor
) -> None:
    comment = await charlie.says("hm")
    await world.judge("hold", comment)
    await charlie.edit(comment, "let me in")

    assert await texts(world) == []


async def test_nobody_writes_into_a_closed_conversation(world: World, charlie: Visitor) -> None:
    comment = await charlie.says("before")
    await world.settle(mode=Mode.CLOSED)
    refused = [await charlie.comment("after"), await charlie.comment("after", parent=comment)]

    assert [(answer.status_code, answer.json()["code"]) for answer in refused] == [(403, "thread_closed")] * 2
    assert (await world.page())["comments"]["closed"] is True
    assert await texts(world) == ["<p>before</p>\n"]


async def test_a_name_may_be_asked_for_and_no_moderators_name_may_be_taken(
    world: World, charlie: Visitor
) -> None:
    await world.settle(name_required=True)
    nameless = await charlie.comment("who am I", name=None)
    bob = await charlie.comment("I am Bob", name="B\u043eb")  # with a Cyrillic letter in it

    assert (nameless.status_code, nameless.json()["field"]) == (422, "name")
    assert (bob.status_code, bob.json()["code"]) == (403, "name_reserved")
    assert (await charlie.comment("I am Charlie")).status_code == 200


async def test_a_page_of_the_site_is_the_subject_where_none_is_named(world: World, charlie: Visitor) -> None:
    await charlie.says("hello", subject=None, url=f"{PAGE}/post?utm_source=x#top", title="A post")

    assert (await world.page("blog.example/post"))["comments"]["count"] == 1
    assert await world.rows("select subject, url, title from subjects") == [
        ("blog.example/post", f"{PAGE}/post", "A post")
    ]


async def sources(visitor: Visitor) -> dict[str, str]:
    """What the edit boxes of the visitor's own comments hold."""
    return {each["id"]: each["source"] for each in (await visitor.own())["comments"]["own"]}


async def texts(world: World) -> list[str]:
    """The texts that everybody sees."""
    return [each["html"] for each in (await world.page())["comments"]["comments"] if each["html"]]


async def walked(world: World, subject: str = "a") -> list[str]:
    """The ids of all comments that everybody sees, over all pages, in reading order."""
    found: list[str] = []
    part = (await world.page(subject))["comments"]
    while True:
        for root in [each for each in part["comments"] if each["depth"] == 0]:
            below = [each for each in part["comments"] if each["root"] == root["id"]]
            found += [each["id"] for each in below]
            more = root["more"]
            while more:
                rest = await world.thread(subject, root=root["id"], after=more["cursor"])
                found += [each["id"] for each in rest["comments"]]
                more = next((each["more"] for each in rest["comments"] if each["more"]), rest.get("more"))
        if part["next"] is None:
            return found
        part = await world.thread(subject, after=part["next"])
