"""The page cache: what everybody reads is made once, forgotten exactly when it changes, and holds nobody's own."""

from __future__ import annotations

import asyncio
import gzip
from collections.abc import Awaitable, Callable
from pathlib import Path

import brotli
import pytest

from tests.http.world import SITE, Visitor, World, a_world
from widget_server.store import subjects

PATIENCE = 10.0


def page(subject: str = "a", query: str = "") -> str:
    """The address of a page's widgets."""
    return f"/v1/{SITE}/page?subject={subject}{query}"


async def test_an_unchanged_page_is_not_sent_again(world: World, charlie: Visitor) -> None:
    await charlie.says("hello")
    first = await world.reader.get(page())
    etag = first.headers["etag"]
    same = [
        await world.reader.get(page(), headers={"if-none-match": tag})
        for tag in (etag, f'"other", {etag}', etag.removeprefix("W/"), "*")
    ]

    assert [(answer.status_code, answer.content) for answer in same[:2]] == [(304, b"")] * 2
    assert same[3].status_code == 304
    assert same[0].headers["etag"] == etag
    assert same[0].headers["access-control-allow-origin"] == "*"
    assert (await world.reader.get(page(), headers={"if-none-match": '"other"'})).status_code == 200

    await charlie.says("again")
    changed = await world.reader.get(page(), headers={"if-none-match": etag})

    assert (changed.status_code, changed.headers["etag"] == etag) == (200, False)


ENCODINGS = [
    ("br, gzip", "br"),
    ("gzip, deflate, br", "br"),
    ("gzip", "gzip"),
    ("br;q=0, gzip", "gzip"),
    ("br;q=0.0,gzip;q=0", None),
    ("br;q=0.001", "br"),
    ("deflate", None),
    ("xbr, brx", None),
    ("identity", None),
    ("", None),
]
"""What a client accepts, and what it gets."""


async def test_an_answer_comes_in_an_encoding_that_the_client_takes(world: World, charlie: Visitor) -> None:
    await charlie.says("hello " * 200)
    for accepted, encoding in ENCODINGS * 2:  # made, then kept
        async with world.reader.stream("GET", page(), headers={"accept-encoding": accepted}) as answer:
            body = b"".join([chunk async for chunk in answer.aiter_raw()])
        plain = {"br": brotli.decompress, "gzip": gzip.decompress, None: bytes}[encoding](body)

        assert answer.headers.get("content-encoding") == encoding, accepted
        assert b"hello hello" in plain
        assert answer.headers["vary"] == "accept-encoding"
        assert int(answer.headers["content-length"]) == len(body)


async def test_a_commit_drops_what_it_changed_and_nothing_else(world: World, charlie: Visitor) -> None:
    cache = world.server.cache
    addresses = [
        page("a"),
        page("a", "&format=fragments"),
        f"/v1/{SITE}/counts?subject=a&subject=b",
        page("b"),
    ]
    addresses.append(f"/v1/{SITE}/counts?subject=b")
    for address in addresses:
        await world.reader.get(address)
    kept = [cache.get(key_of(address)) for address in addresses]

    assert None not in kept

    await charlie.says("hello", subject="a")
    after = [cache.get(key_of(address)) for address in addresses]

    assert after == [None, None, None, kept[3], kept[4]]
    assert after[3] is kept[3]

    await charlie.says("hello", subject="c")
    await charlie.like(subject="a", text="refused")

    assert cache.get(key_of(page("b"))) is kept[3]

    await world.settle(max_length=99)

    assert cache.get(key_of(page("b"))) is None
    assert (await world.page("b"))["comments"]["max_length"] == 99


async def test_fifty_who_ask_at_once_have_it_made_once(world: World, charlie: Visitor) -> None:
    await charlie.says("hello")
    before = world.server.cache.misses
    answers = await asyncio.gather(*(world.reader.get(page()) for _ in range(50)))

    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.content for answer in answers}) == 1
    assert world.server.cache.misses == before + 1


async def test_people_who_come_at_once_never_see_each_others_own(world: World) -> None:
    people = [world.visitor(f"Guest {number}", f"203.0.113.{number}") for number in range(12)]
    for number, person in enumerate(people):
        await person.says(f"secret source {number}")
        if number % 2:
            await person.like()

    async def look(number: int) -> tuple[list[str], bool, str]:
        own = await people[number].own()
        everybody = await world.reader.get(page("a", f"&lang=x{number % 3}"))
        return [each["source"] for each in own["comments"]["own"]], own["like"]["mine"], everybody.text

    looks = await asyncio.gather(*(look(number % 12) for number in range(120)))
    for place, (own, liked, everybody) in enumerate(looks):
        number = place % 12

        assert own == [f"secret source {number}"]
        assert liked == bool(number % 2)
        assert '"mine":true' not in everybody
        assert '"source":"' not in everybody


async def test_interleaved_posts_keep_each_identity(world: World) -> None:
    people = [world.visitor(f"Guest {number}", f"203.0.113.{number}") for number in range(10)]
    await asyncio.gather(*(person.like() for person in people))
    answers = await asyncio.gather(
        *(person.comment(f"by {person.name}") for _ in range(10) for person in people)
    )
    for answer in answers:
        told = answer.json()

        assert told["summary"]["comments"][0]["html"] == f"<p>by {told['person']['name']}</p>\n"
        assert told["summary"]["comments"][0]["mine"] is True
    rows = await world.rows("select distinct person, name, source from comments")

    assert len(rows) == 10
    assert all(source == f"by {name}" for _, name, source in rows)


async def test_a_write_during_a_render_is_in_the_next_read(
    world: World, charlie: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The render has read its snapshot and then waits, while somebody writes."""
    await charlie.says("before")
    database = world.server.house.database
    read_then_wait, may_go_on = asyncio.Event(), asyncio.Event()
    read: Callable[..., Awaitable[object]] = database.read

    async def slow(*args: object, **options: object) -> object:
        found = await read(*args, **options)
        read_then_wait.set()
        await may_go_on.wait()
        return found

    monkeypatch.setattr(database, "read", slow)
    slow_reader = asyncio.create_task(world.reader.get(page()))
    await asyncio.wait_for(read_then_wait.wait(), PATIENCE)
    monkeypatch.setattr(database, "read", read)
    await charlie.says("after")
    fresh = await asyncio.wait_for(world.reader.get(page()), PATIENCE)
    may_go_on.set()
    stale = await asyncio.wait_for(slow_reader, PATIENCE)
    again = await world.reader.get(page())

    assert (stale.json()["widgets"]["count"], fresh.json()["widgets"]["count"]) == (
        {"count": 1},
        {"count": 2},
    )
    assert again.content == fresh.content


async def test_changed_settings_are_not_lost_to_a_read_that_began_before(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    house = world.server.house
    await world.settle(max_length=100)
    read: Callable[..., Awaitable[object]] = house.database.read
    changed = False

    async def interrupted(*args: object, **options: object) -> object:
        nonlocal changed
        found = await read(*args, **options)
        if not changed:
            changed = True
            await world.settle(max_length=200)
        return found

    house.sites.forget(SITE)
    await world.reader.get(page("z"))
    house.sites.forget(SITE)
    monkeypatch.setattr(house.database, "read", interrupted)
    await house.sites.get(SITE)

    assert (await house.sites.get(SITE)).settings.max_length == 200


async def test_a_flood_of_addresses_stays_within_the_bound(tmp_path: Path) -> None:
    async with a_world(tmp_path / "data", cache_bytes=200_000) as world:
        cache = world.server.cache
        for number in range(150):
            await world.reader.get(page("a", f"&lang={'x' * 3_000}{number}"))
            held = sum(
                each.value.size + len(path) + len(query) for (path, query), each in cache._kept._held.items()
            )

            assert held <= 200_000
        assert 0 < len(cache) < 60
        assert cache._kept._size <= 200_000


async def test_a_cache_of_nothing_serves_all_the_same(tmp_path: Path) -> None:
    async with a_world(tmp_path / "data", cache_bytes=0) as world:
        charlie = world.visitor("Charlie")
        for count in (1, 2, 3):
            await charlie.says("hello")

            assert (await world.page())["comments"]["count"] == count
        assert world.server.cache.hits == 0


async def test_a_browser_and_a_program_get_their_own_form_from_one_address(
    world: World, charlie: Visitor
) -> None:
    await charlie.says("hello")
    address = f"/v1/{SITE}/thread?subject=a"
    for _ in range(2):
        program = await world.reader.get(address, headers={"accept": "application/json"})
        browser = await world.reader.get(address, headers={"accept": "text/html,*/*"})

        assert program.headers["content-type"] == "application/json"
        assert browser.headers["content-type"] == "text/html; charset=utf-8"
        assert "accept" in browser.headers["vary"]


async def test_a_subject_is_the_same_under_its_aliases(world: World, charlie: Visitor) -> None:
    await charlie.says("hello", subject="new")
    await world.server.house.database.write(subjects.alias(SITE, "new", "old"))
    world.server.house.announce(SITE, "old")

    assert (await world.page("old"))["comments"]["count"] == 1

    await charlie.says("by the old name", subject="old")

    assert [(await world.page(key))["comments"]["count"] for key in ("old", "new")] == [2, 2]
    assert (await world.reader.get(f"/v1/{SITE}/counts?subject=old")).json() == {"counts": {"old": 2}}

    await charlie.says("by the new name", subject="new")

    assert [(await world.page(key))["comments"]["count"] for key in ("old", "new")] == [3, 3]
    assert (await world.reader.get(f"/v1/{SITE}/counts?subject=old")).json() == {"counts": {"old": 3}}
    assert len((await charlie.own(subject="old"))["comments"]["own"]) == 3


def key_of(address: str) -> tuple[str, bytes]:
    """Under which key the cache holds an address."""
    path, _, query = address.partition("?")
    return path, query.encode()
