"""Kept fragments: a choice leaves other widgets' HTML as it is, and nothing else does."""

from __future__ import annotations

import asyncio

import pytest

from tests.http.world import SITE, Visitor, World
from widget_server.store.generations import SIZE, Generations
from widget_server.store.shared import Shared
from widget_server.web.fragments import Fragments, Piece
from widget_server.web.rendering import Rendering

PAGE = f"/v1/{SITE}/page?subject=a&format=fragments&widgets=like,comments,count"
PLACE = (SITE, "a")
WIDGETS = ("like", "comments", "count")


@pytest.fixture
def rendered(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The widgets whose fragments were made, in order."""
    made: list[str] = []
    fragment = Rendering.fragment

    def noted(self: Rendering, widget: object, *rest: object, **more: object) -> str:
        made.append(widget.name)  # type: ignore[attr-defined]
        return fragment(self, widget, *rest, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(Rendering, "fragment", noted)
    return made


async def test_a_like_renders_the_button_again_and_not_the_thread(
    world: World, charlie: Visitor, rendered: list[str]
) -> None:
    await charlie.says("hello")
    before = (await world.reader.get(PAGE)).json()["widgets"]
    rendered.clear()
    await charlie.like()
    after = (await world.reader.get(PAGE)).json()["widgets"]

    assert rendered == ["like"]
    assert after["like"] != before["like"]
    assert list(after) == list(before)
    assert (after["comments"], after["count"]) == (before["comments"], before["count"])

    await charlie.unlike()

    assert (await world.reader.get(PAGE)).json()["widgets"] == before


async def test_whatever_is_not_a_choice_renders_all_again(
    world: World, charlie: Visitor, rendered: list[str]
) -> None:
    comment = await charlie.says("hello")
    for change in ("comment", "edit", "delete", "settle"):
        await world.reader.get(PAGE)
        rendered.clear()
        match change:
            case "comment":
                await charlie.says("once more")
            case "edit":
                await charlie.post(widget="comments", action="edit", id=comment, text="better")
            case "delete":
                await charlie.post(widget="comments", action="delete", id=comment)
            case _:
                await world.settle(max_length=99)
        shown = (await world.reader.get(PAGE)).json()["widgets"]["comments"]

        assert sorted(rendered) == sorted(WIDGETS), change
        assert ("better" in shown) == (change == "edit")


async def test_languages_are_kept_apart(world: World, charlie: Visitor) -> None:
    await charlie.says("hello")
    english, german = [await world.reader.get(f"{PAGE}&lang={language}") for language in ("en", "de")]
    await charlie.like()
    again = await world.reader.get(f"{PAGE}&lang=de")

    assert english.json()["widgets"]["comments"] != german.json()["widgets"]["comments"]
    assert again.json()["widgets"]["comments"] == german.json()["widgets"]["comments"]


async def test_readers_between_likes_and_comments_see_what_was_acknowledged(world: World) -> None:
    people = [world.visitor(f"Guest {number}", f"203.0.113.{number}") for number in range(8)]

    async def act(number: int) -> None:
        for turn in range(4):
            await people[number].like()
            word = f"word{number}x{turn}x"
            await people[number].says(word)
            shown = (await world.reader.get(PAGE)).json()["widgets"]["comments"]
            assert word in shown
            await people[number].unlike()

    await asyncio.gather(*(act(number) for number in range(8)))
    final = (await world.reader.get(PAGE)).json()["widgets"]

    assert all(f"word{number}x{turn}x" in final["comments"] for number in range(8) for turn in range(4))
    assert "32" in final["count"]


def test_what_a_change_overtook_in_the_making_is_not_kept() -> None:
    fragments = kept_in(100_000)
    making = fragments.begun(PLACE)
    fragments.drop(SITE, "a", "like")
    fragments.keep(making, ("like", "en"), Piece("1"), frozenset({"like"}))
    fragments.keep(making, ("comments", "en"), Piece("text"), frozenset({"comments"}))

    assert fragments.get(PLACE, ("like", "en")) is None
    assert fragments.get(PLACE, ("comments", "en")) == Piece("text")

    for subject in ("a", ""):
        making = fragments.begun(PLACE)
        fragments.drop(SITE, subject)
        fragments.keep(making, ("comments", "en"), Piece("text"), frozenset({"comments"}))

        assert fragments.get(PLACE, ("comments", "en")) is None


def test_fragments_stay_within_their_bytes() -> None:
    fragments = kept_in(10_000)
    for number in range(20):
        making = fragments.begun((SITE, str(number)))
        fragments.keep(making, ("like", "en"), Piece("x" * 1_000), frozenset())
    kept = [number for number in range(20) if fragments.get((SITE, str(number)), ("like", "en"))]

    assert kept == [16, 17, 18, 19]

    fragments.drop(SITE, "")

    assert fragments.get((SITE, "19"), ("like", "en")) is None


def kept_in(most_bytes: int) -> Fragments:
    """Fragments of a process that is alone."""
    return Fragments(most_bytes, Generations(Shared(None, SIZE)), lambda _: (), ["like", "comments"])
