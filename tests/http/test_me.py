"""Me: people see what is kept of them, take it along, and take it back."""

from __future__ import annotations

import pytest

from tests.http.world import Visitor, World
from widget_server.opening import DATABASE

CANARY = "canary-7f3a"


async def test_people_read_all_that_is_held_about_them_and_nothing_of_others(
    charlie: Visitor, dana: Visitor
) -> None:
    comment = await charlie.says(f"A thought, {CANARY}")
    await charlie.like()
    await dana.says("Somebody else's thought")
    held = (await charlie.post("me", subject=None)).json()

    assert held["person"]["name"] == "Charlie"
    assert [(each["comment"], each["source"]) for each in held["comments"]] == [
        (comment, f"A thought, {CANARY}")
    ]
    assert [(each["widget"], each["value"]) for each in held["choices"]] == [("like", "like")]
    assert {each["kind"] for each in held["interactions"]} == {"comment", "like"}


async def test_an_export_is_a_file_with_the_same_document(charlie: Visitor) -> None:
    await charlie.says("Take me along")
    read = await charlie.post("me", subject=None)
    export = await charlie.post("me", subject=None, action="export")

    assert export.json() == read.json()
    assert export.headers["content-disposition"] == 'attachment; filename="blog-mine.json"'
    assert export.headers["cache-control"] == "no-store"


async def test_erasing_leaves_the_tree_and_the_counts_and_nothing_of_the_person(
    world: World, charlie: Visitor, dana: Visitor
) -> None:
    name = f"Charlie {CANARY}"
    root = await charlie.says(f"Text {CANARY}", name=name)
    await charlie.says(f"Alone {CANARY}", name=name, subject="b")
    await charlie.like()
    await dana.says("An answer", parent=root)
    person = (await charlie.session()).json()["person"]["id"]
    erased = (await charlie.post("me", subject=None, action="erase")).json()
    page = await world.page()

    assert erased == {"erased": True, "subjects": 2}
    assert next((each["status"], each["name"], each["html"]) for each in page["comments"]["comments"]) == (
        "deleted",
        "",
        "",
    )
    assert [each["name"] for each in page["comments"]["comments"]] == ["", "Dana"]
    assert (page["comments"]["count"], page["like"]["count"]) == (1, 1)
    assert (await world.page("b"))["comments"]["comments"] == []

    await world.close()
    files = [path for path in world.folder.iterdir() if path.name.startswith(DATABASE)]
    kept = b"".join(path.read_bytes() for path in files)

    assert person.encode() not in kept
    assert CANARY.encode() not in kept


@pytest.mark.only_sqlite("it reads the file")
async def test_no_free_page_of_the_file_keeps_what_was_taken_back(world: World, charlie: Visitor) -> None:
    comments = [await charlie.says(f"{CANARY} {number} " + "long " * 500) for number in range(20)]
    await charlie.edit(comments[0], "Short now")
    for comment in comments[1:]:
        await charlie.delete(comment)
    await world.close()

    assert CANARY.encode() not in (world.folder / DATABASE).read_bytes()


async def test_after_erasing_the_token_leads_to_nobody(charlie: Visitor) -> None:
    await charlie.says("Gone soon")
    await charlie.post("me", subject=None, action="erase")
    held = (await charlie.post("me", subject=None)).json()
    tables = [rows for plugin in held.pop("plugins").values() for rows in plugin.values()]

    assert held == {"person": None, "comments": [], "choices": [], "interactions": []}
    assert not any(tables)


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"token": ""}, "field_invalid"),
        ({"token": "x.y.z"}, "token_invalid"),
        ({"action": "sell"}, "field_invalid"),
        ({"person": "somebody"}, "field_unknown"),
    ],
)
async def test_what_is_not_a_wish_is_refused(
    world: World, charlie: Visitor, fields: dict[str, str], code: str
) -> None:
    await charlie.says("Stays")
    before = await world.dump()
    answer = await charlie.post("me", **{"subject": None, **fields})

    assert answer.json()["code"] == code
    assert await world.dump() == before
