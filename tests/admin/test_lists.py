"""The lists: what is found, page by page, also among very many."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from pathlib import Path

from tests import databases
from tests.admin.world import Admin, World
from widget_server.ids import uuid7_of
from widget_server.store import moderation

ENTRY = re.compile(r'id="c-([0-9a-f-]{36})"')
NEXT = re.compile(r'data-next href="([^"]+)"')


async def walked(bob: Admin, path: str) -> Iterator[list[str]]:
    """The ids on each page of a list, to its end."""
    pages: list[list[str]] = []
    address: str | None = f"/admin/sites/blog/{path}"
    while address:
        text = (await bob.client.get(address)).text
        pages.append(ENTRY.findall(text))
        following = NEXT.search(text)
        address = following[1].replace("&amp;", "&") if following else None
    return iter(pages)


async def test_pages_of_the_queue_and_the_list_hold_every_comment_once(world: World, bob: Admin) -> None:
    made = [await world.comment(f"P{number}", f"Text {number}") for number in range(47)]

    queue = list(await walked(bob, "queue"))
    listed = list(await walked(bob, "comments"))

    assert [len(page) for page in queue] == [20, 20, 7]
    assert [each for page in queue for each in page] == made
    assert [each for page in listed for each in page] == made[::-1]


async def test_a_list_that_fits_exactly_has_one_page(world: World, bob: Admin) -> None:
    for number in range(20):
        await world.comment(f"P{number}", "Text")

    assert [len(page) for page in await walked(bob, "queue")] == [20]
    assert [len(page) for page in await walked(bob, "comments")] == [20]


async def test_the_list_finds_by_status_words_name_and_page(world: World, bob: Admin) -> None:
    hit = await world.comment("Zoë Q", "About 100% of_it! and more")
    await world.comment("Dan", "About 1000 of it")
    other = await world.comment("Dan", "Elsewhere", page="/far/away")
    await bob.decide(other, "approve", **await world.seen(other))

    async def found(**query: str) -> list[str]:
        return ENTRY.findall((await bob.get("comments", **query)).text)

    assert await found(text="100%") == [hit]
    assert await found(text="of_it!") == [hit]
    assert await found(text="zoë q") == [hit]
    assert await found(text="FAR/away") == [other]
    assert await found(status="published") == [other]
    assert await found(status="held", text="elsewhere") == []
    assert await found(text="' or 1=1 --") == []
    assert len(await found(text="%")) == 1
    assert len(await found(text="   ")) == 3


async def test_an_empty_list_says_what_comes_next(world: World, bob: Admin, alice: Admin) -> None:
    empty = (await bob.get("queue")).text
    none = (await bob.get("comments")).text
    nothing = (await bob.get("comments", text="xyz")).text
    assert "Nothing waits for you" in empty
    assert "transom-comments" in none
    assert "Try fewer words" in nothing
    assert "Nothing was decided yet" in (await bob.get("log")).text
    assert "Nothing was chosen yet" in (await bob.get("choices")).text
    assert alice.token != bob.token
    assert world.clock.now > 0


async def test_a_hundred_thousand_comments_are_searched_in_bounded_time(
    world: World, bob: Admin, tmp_path: Path
) -> None:
    total, now = 100_000, world.clock.now
    words = ("lorem ipsum dolor sit amet, consectetur adipiscing elit " * 4)[:200]

    def rows() -> Iterator[tuple[object, ...]]:
        for number in range(total):
            comment = uuid7_of(now + number, str(number))
            text = f"{'needle ' if number == 7 else ''}{number} {words}"
            yield (
                comment,
                f"{len(str(number))}{number}",
                text,
                "held" if number % 10 == 0 else "published",
                now + number,
                f"p{number % 1000}",
            )

    databases.fill(
        tmp_path / "data" / "transom.sqlite3",
        "insert into comments (site, comment, subject, widget, root, path, depth, person, name, source, html,"
        " html_version, status, created)"
        " values ('blog', ?1, 's', 'comments', ?1, ?2, 0, ?6, 'N', ?3, '', 'x', ?4, ?5)",
        rows(),
    )
    took = {}
    for name, path in (
        ("first page of all", "comments"),
        ("first page of the queue", "queue"),
        ("by status", "comments?status=held"),
        ("common word", "comments?text=lorem"),
        ("rare word, whole reach", "comments?text=needle"),
        ("rare word by status", "comments?text=needle&status=held"),
    ):
        start = time.perf_counter()
        answer = await bob.client.get(f"/admin/sites/blog/{path}")
        took[name] = time.perf_counter() - start
        assert answer.status_code == 200

    print({name: f"{seconds * 1000:.0f} ms" for name, seconds in took.items()})  # noqa: T201 - figures, with -s
    assert max(took.values()) < 2
    pages = list(await walked(bob, "comments?text=needle"))
    assert sum(len(page) for page in pages) == 1
    assert len(pages) == total / moderation.REACH
    assert "999+" in (await bob.get("queue")).text
