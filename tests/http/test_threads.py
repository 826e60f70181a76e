"""Threads: read in parts, every comment exactly once and in order, at a bounded cost."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.http.clock import NOON
from tests.http.world import SITE, World, a_world
from widget_server.ids import uuid7
from widget_server.store import comments, subjects, threads
from widget_server.vocabulary import Status, Subject, Transaction

SHOWN = threads.REPLIES
"""Replies that stand below a root before one asks for more."""

STATUSES = [
    Status.PUBLISHED,
    Status.PUBLISHED,
    Status.PUBLISHED,
    Status.HELD,
    Status.REJECTED,
    Status.REMOVED,
    Status.DELETED,
]


@dataclass(frozen=True)
class Text:
    """A comment to plant: where, and how it stands."""

    parent: int | None
    status: Status


def texts(least: int, most: int) -> st.SearchStrategy[list[Text]]:
    """Trees of some texts; each answers one before it, mostly the newest few, or nobody."""

    def tree(draws: list[tuple[int, bool, Status]]) -> list[Text]:
        return [
            Text(None if alone or not place else (place - 1 - back % min(place, 6)), status)
            for place, (back, alone, status) in enumerate(draws)
        ]

    draw = st.tuples(st.integers(0, 5), st.integers(0, 9).map(lambda n: n == 0), st.sampled_from(STATUSES))
    return st.lists(draw, min_size=least, max_size=most).map(tree)


@settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], database=None
)
@given(tree=texts(0, 160), size=st.integers(1, 4))
async def test_all_parts_together_are_the_whole_thread(
    tmp_path_factory: pytest.TempPathFactory, tree: list[Text], size: int
) -> None:
    async with a_world(tmp_path_factory.mktemp("thread")) as world:
        await world.settle(page_size=size)
        ids = await planted(world, tree)
        parts = await walk(world)

        assert [each["id"] for each in parts] == expected(tree, ids)
        assert {each["id"] for each in parts if each["html"]} == {
            each for each, text in zip(ids, tree, strict=True) if text.status is Status.PUBLISHED
        }
        assert (await world.page())["comments"]["count"] == sum(
            text.status is Status.PUBLISHED for text in tree
        )


async def test_parts_that_fit_exactly_lose_and_repeat_nothing(world: World) -> None:
    for replies, hidden in product([-1, 0, 1, 100, 101, 200], [None, "last", "first"]):
        subject = f"{replies} {hidden}"
        fit = [Text(None, Status.PUBLISHED), *[Text(0, Status.PUBLISHED)] * (SHOWN + replies)]
        if hidden:
            fit.insert(len(fit) if hidden == "last" else 1, Text(0, Status.HELD))
        ids = await planted(world, fit, subject)
        root = (await world.page(subject))["comments"]["comments"][0]

        assert [each["id"] for each in await walk(world, subject)] == expected(fit, ids), subject
        assert (root["more"]["left"] if root["more"] else 0) == max(0, replies), subject


async def test_pages_of_roots_that_fit_exactly_end(world: World) -> None:
    await world.settle(page_size=3)
    for roots in (0, 1, 3, 4, 6):
        ids = await planted(world, [Text(None, Status.PUBLISHED)] * roots, f"{roots}")

        assert [each["id"] for each in await walk(world, f"{roots}")] == list(reversed(ids))
        assert ((await world.page(f"{roots}"))["comments"]["next"] is None) == (roots <= 3)


async def test_what_is_left_counts_published_replies_only(world: World) -> None:
    tree = [Text(None, Status.PUBLISHED), *[Text(0, Status.PUBLISHED)] * 150]
    tree[130:130] = [Text(0, Status.REMOVED)]  # with a reply below it: a tombstone that everybody sees
    tree.append(Text(130, Status.PUBLISHED))
    await planted(world, tree)
    root = (await world.page())["comments"]["comments"][0]
    part = await world.thread(root=root["id"], after=root["more"]["cursor"])

    assert root["more"]["left"] == 151 - SHOWN
    assert part["more"]["left"] == 151 - SHOWN - sum(bool(each["html"]) for each in part["comments"])


async def test_ten_thousand_comments_cost_a_page_no_more_rows_than_a_hundred(world: World) -> None:
    few = [Text(None if place % 10 == 0 else place // 10 * 10, Status.PUBLISHED) for place in range(600)]
    many = [Text(None if place % 10 == 0 else place // 10 * 10, Status.PUBLISHED) for place in range(10_000)]
    await planted(world, few, "few")
    await planted(world, many, "many")
    deep = [Text(None, Status.PUBLISHED), *[Text(0, Status.PUBLISHED)] * 3_000]
    await planted(world, deep, "deep")
    cost = {
        subject: await world.server.house.database.read(measured(subject))
        for subject in ("few", "many", "deep")
    }

    assert cost["many"] == cost["few"]
    assert cost["deep"][0] == cost["few"][0]
    assert cost["many"][1] <= 2 + 50 + 1 + 50 * SHOWN
    assert cost["deep"][1] <= 3 + SHOWN


async def test_a_cursor_that_we_did_not_give_is_refused(world: World) -> None:
    cursors = ["x", "1;drop", "-1", "9" * 3000, "١٢", " 12"]
    for cursor, root in product(cursors, ({}, {"root": uuid7(NOON)})):
        query = {"after": cursor, **root}
        answer = await world.reader.get(f"/v1/{SITE}/thread", params={"subject": "a", **query})

        assert (answer.status_code, answer.json()["code"], answer.json()["field"]) == (
            422,
            "field_invalid",
            "after",
        )


async def planted(world: World, tree: Sequence[Text], subject: str = "a") -> list[str]:
    """Store the texts at once, and give their ids."""
    ids = [uuid7(NOON) for _ in tree]
    await world.server.house.database.write(_plant(tree, ids, subject), patience=240)
    world.server.house.announce(SITE, subject)
    return ids


def _plant(tree: Sequence[Text], ids: Sequence[str], subject: str) -> Transaction[None]:
    yield from subjects.ensure(Subject(SITE, subject), NOON)
    for place, text in enumerate(tree):
        parent = None if text.parent is None else (yield from comments.get(SITE, ids[text.parent]))
        draft = comments.Draft(
            site=SITE,
            id=ids[place],
            subject=subject,
            widget="comments",
            parent=None,
            person="somebody",
            name="Somebody",
            source=f"text {place}",
            html=f"<p>text {place}</p>",
            html_version="0",
            status=text.status,
            created=NOON + place,
        )
        yield from comments.place_below(parent, draft)


def expected(tree: Sequence[Text], ids: Sequence[str]) -> list[str]:
    """Roots newest first, each before its replies; what is not published only where something below it is."""
    below: dict[int | None, list[int]] = {}
    for place, text in enumerate(tree):
        below.setdefault(text.parent, []).append(place)

    def seen(place: int) -> list[int]:
        replies = [each for reply in below.get(place, []) for each in seen(reply)]
        return [place, *replies] if replies or tree[place].status is Status.PUBLISHED else []

    return [ids[each] for root in reversed(below.get(None, [])) for each in seen(root)]


async def walk(world: World, subject: str = "a") -> list[dict[str, Any]]:
    """All comments that everybody sees, over all parts, in reading order."""
    found: list[dict[str, Any]] = []
    part = (await world.page(subject))["comments"]
    while True:
        for root, below in grouped(part["comments"]):
            found += below
            more = root["more"]
            while more:
                rest = await world.thread(subject, root=more["root"], after=more["cursor"])
                found += rest["comments"]
                more = rest["more"]
        if part["next"] is None:
            return found
        part = await world.thread(subject, after=part["next"])


def grouped(shown: Sequence[dict[str, Any]]) -> Iterator[tuple[dict[str, Any], list[dict[str, Any]]]]:
    """Each root with all that stands below it."""
    for root in shown:
        if root["depth"] == 0:
            yield root, [each for each in shown if each["root"] == root["id"]]


def measured(subject: str) -> Transaction[tuple[int, int]]:
    """How many statements and rows the first page takes."""
    page = threads.page(SITE, subject, "comments", 50)
    statements = rows = 0
    answer: Any = None
    while True:
        try:
            statement = page.send(answer)
        except StopIteration:
            return statements, rows
        answer = yield statement
        statements += 1
        rows += len(answer)
