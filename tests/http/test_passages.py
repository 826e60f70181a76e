"""Passages of a page: the same for whoever chooses the same words, listed once something was said of them."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from tests.http.world import Visitor, World
from widget_server.widgets.passages.widget import LONGEST, UNSAID

PAGE = "blog.example/post"
QUOTE = {"exact": "a knife, not a machine", "prefix": "Take ", "suffix": ". Hold the pencil"}
ABOUT: dict[str, Any] = {"subject": PAGE, "url": "https://blog.example/post"}


async def mark(visitor: Visitor, **quote: str) -> httpx.Response:
    """Choose a passage."""
    return await visitor.post(**ABOUT, widget="passages", action="mark", **{**QUOTE, **quote})


async def key_of(visitor: Visitor, **quote: str) -> str:
    """Choose a passage; gives the subject under which something is said of it."""
    answer = await mark(visitor, **quote)
    assert answer.status_code == 200, answer.text
    wanted = {**QUOTE, **quote}
    found = [
        each["key"]
        for each in answer.json()["summary"]["passages"]
        if each["exact"].split() == visible(wanted["exact"]) and each["prefix"] == wanted["prefix"]
    ]
    assert len(found) == 1
    return str(found[0])


def visible(text: str) -> list[str]:
    """The words of a text without its control characters."""
    return "".join(each for each in text if each.isprintable() or each.isspace()).split()


async def listed(world: World) -> list[dict[str, Any]]:
    """The passages that everybody is told of."""
    found: list[dict[str, Any]] = (await world.page(PAGE))["passages"]["passages"]
    return found


async def test_two_who_choose_the_same_words_meet_whatever_white_space_is_between(
    world: World, charlie: Visitor, dana: Visitor
) -> None:
    first = await key_of(charlie)
    second = await key_of(dana, exact=" a knife,\n  not\u00a0a machine ")
    other = await key_of(dana, prefix="Never take ")

    assert first.startswith(f"{PAGE}#q=")
    assert first == second != other
    assert await world.rows("select count(*) from passages") == [(2,)]


async def test_a_passage_is_listed_while_something_is_said_of_it(
    world: World, charlie: Visitor, dana: Visitor
) -> None:
    key = await key_of(charlie)
    before = await listed(world)
    own = (await charlie.own(subject=PAGE))["passages"]["passages"]
    await dana.like(subject=key, url="https://blog.example/post")
    comment = await dana.says("Quite so.", subject=key, url="https://blog.example/post")

    assert before == []
    assert [each["key"] for each in own] == [key]
    assert await listed(world) == [{"key": key, **QUOTE, "likes": 1, "comments": 1}]
    assert (await world.page(key))["like"]["count"] == 1

    await world.judge("remove", comment, subject=key)
    await dana.unlike(subject=key)

    assert await listed(world) == []


async def test_what_is_said_most_of_comes_first(world: World, charlie: Visitor, dana: Visitor) -> None:
    once, twice = await key_of(charlie), await key_of(charlie, exact="the pencil", prefix="Hold ")
    for key, people in ((once, [charlie]), (twice, [charlie, dana])):
        for person in people:
            await person.like(subject=key)

    assert [(each["key"], each["likes"]) for each in await listed(world)] == [(twice, 2), (once, 1)]


async def test_a_passage_has_its_page_and_keeps_its_own_key(world: World, charlie: Visitor) -> None:
    key = await key_of(charlie)
    await charlie.like(subject=key, url="https://blog.example/post?utm_source=x")
    await charlie.like(subject=f"blog.example:443/post?utm_source=x#q={key[-16:]}")

    assert await world.rows("select url from subjects where subject = ?", key) == [
        ("https://blog.example/post",)
    ]
    assert (await world.page(key))["like"]["count"] == 1
    assert (await world.page(PAGE))["like"]["count"] == 0


async def test_a_quote_is_cleaned_and_told_as_text(world: World, charlie: Visitor) -> None:
    key = await key_of(
        charlie, exact="<img src=x>\x00\x07 & \t\"quoted\" 'so'", prefix="\u202e<b>", suffix=""
    )
    await charlie.like(subject=key)
    answer = await world.reader.get(
        "/v1/blog/page", params={"subject": PAGE, "widgets": "passages", "format": "fragments"}
    )
    html = answer.json()["widgets"]["passages"]

    assert (await listed(world))[0]["exact"] == "<img src=x> & \"quoted\" 'so'"
    assert "<img" not in html
    assert "<b>" not in html
    assert "&lt;img src=x&gt; &amp; &#34;quoted&#34;" in html


@pytest.mark.parametrize(
    "quote",
    [
        {"exact": ""},
        {"exact": " \n\t "},
        {"exact": "\u200b\u200d"},
        {"exact": "x" * (LONGEST + 1)},
        {"prefix": "x" * 65},
        {"suffix": "x" * 65},
    ],
)
async def test_what_is_no_passage_is_refused(world: World, charlie: Visitor, quote: dict[str, str]) -> None:
    before = await world.dump()
    refused = await mark(charlie, **quote)

    assert (refused.status_code, refused.json()["code"]) == (422, "field_invalid")
    assert refused.json()["field"] == next(iter(quote))
    assert await world.dump() == before


async def test_a_passage_of_which_nothing_is_said_is_forgotten(
    world: World, charlie: Visitor, dana: Visitor
) -> None:
    said = await key_of(charlie)
    await key_of(charlie, exact="the pencil")
    await dana.like(subject=said)
    world.clock.forward(UNSAID / 1000 + 1)
    late = await key_of(dana, exact="Hold")

    assert {f"{PAGE}#q={row[0]}" for row in await world.rows("select passage from passages")} == {said, late}


async def test_erasing_takes_the_quotes_that_nobody_else_needs(
    world: World, charlie: Visitor, dana: Visitor
) -> None:
    said = await key_of(charlie)
    await key_of(charlie, exact="the pencil")
    await dana.like(subject=said)
    held = (await charlie.post("me", subject=None)).json()["plugins"]["passages"]["passages"]
    await charlie.post("me", subject=None, action="erase")

    assert sorted(each["exact"] for each in held) == ["a knife, not a machine", "the pencil"]
    assert await world.rows("select exact, person from passages") == [("a knife, not a machine", "")]
    assert [each["key"] for each in await listed(world)] == [said]


async def test_the_record_names_a_passage_and_does_not_quote_it(world: World, charlie: Visitor) -> None:
    key = await key_of(charlie)
    rows = await world.rows("select subject, kind, data from interactions where widget = 'passages'")

    assert rows == [(PAGE, "mark", f'{{"passage": "{key[-16:]}"}}')]
