"""Limits: how often one network, one person, one site and new guests may act; and whose address counts."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path

import pytest

from tests.http.world import OTHER_PAGE, OTHER_SITE, PAGE, SITE, World, a_world

Opening = Callable[..., AbstractAsyncContextManager[World]]

SPOOFED = [
    {"x-forwarded-for": "198.51.100.1"},
    {"x-real-ip": "198.51.100.2"},
    {"cf-connecting-ip": "198.51.100.3"},
    {"true-client-ip": "198.51.100.4"},
    {"forwarded": "for=198.51.100.5"},
    {"x-client-ip": "198.51.100.6"},
    {"x-forwarded-for": "198.51.100.7, 203.0.113.7"},
    {"x-forwarded-for": "127.0.0.1"},
]


@pytest.fixture
def opening(tmp_path: Path) -> Opening:
    """Opens a server with settings of the test's own."""
    return lambda **chosen: a_world(tmp_path / "data", **chosen)


async def test_one_network_is_limited_and_the_next_is_not(opening: Opening) -> None:
    async with opening(rate_client=3) as world:
        guests = [world.visitor(f"Guest {number}", "203.0.113.7") for number in range(4)]
        answers = [await guest.like() for guest in guests]
        refused = answers[-1]

        assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
        assert refused.json()["code"] == "too_many_requests"
        assert refused.headers["content-type"] == "application/problem+json"
        assert refused.headers["retry-after"] == "20"
        assert (await world.visitor("Neighbour", "203.0.113.8").like()).status_code == 200

        world.clock.forward(19)

        assert (await guests[3].like()).status_code == 429

        world.clock.forward(1)

        assert (await guests[3].like()).status_code == 200
        assert (await world.page())["like"]["count"] == 5


NETWORKS = [
    ("2001:db8:0:1::1", "2001:db8:0:1:ffff:ffff:ffff:ffff", True),
    ("2001:db8:0:1::1", "2001:db8:0:2::1", False),
    ("203.0.113.7", "203.0.113.8", False),
    ("::ffff:203.0.113.7", "203.0.113.7", True),
    ("fe80::1%eth0", "fe80::2%eth1", True),
]
"""Two addresses, and whether they are one network."""


async def test_a_network_is_an_ipv4_address_or_an_ipv6_64(opening: Opening) -> None:
    async with opening(rate_client=1) as world:
        for one, other, is_same in NETWORKS:
            world.clock.forward(60)
            first = await world.visitor("Charlie", one).like()
            second = await world.visitor("Dana", other).like()

            assert first.status_code == 200, one
            assert (second.status_code == 429) == is_same, (one, other)


async def test_one_person_is_limited_from_wherever(opening: Opening) -> None:
    async with opening(rate_person=2) as world:
        charlie = world.visitor("Charlie", "203.0.113.1")
        await charlie.like()
        answers = []
        for number in range(2, 5):
            charlie.client = world.client(f"203.0.113.{number}")
            answers.append(await charlie.like())

        assert [answer.status_code for answer in answers] == [200, 429, 429]
        assert (await world.visitor("Dana", "203.0.113.1").like()).status_code == 200


async def test_a_site_is_limited_for_all_together_and_the_other_site_is_not(opening: Opening) -> None:
    async with opening(rate_site=5) as world:
        answers = [
            await world.visitor(f"Guest {number}", f"203.0.113.{number}").like() for number in range(7)
        ]
        away = world.visitor("Dana", "203.0.113.1", OTHER_SITE, OTHER_PAGE)

        assert [answer.status_code for answer in answers] == [200] * 5 + [429] * 2
        assert (await away.like()).status_code == 200


async def test_new_guests_are_limited_and_known_ones_go_on(opening: Opening) -> None:
    async with opening(rate_new=2) as world:
        charlie = world.visitor("Charlie")
        answers = [await guest.like() for guest in (charlie, world.visitor("Dana"), world.visitor("Eve"))]

        assert [answer.status_code for answer in answers] == [200, 200, 429]
        assert (await charlie.unlike()).status_code == 200
        assert await world.rows("select count(*) from people") == [(2,)]


async def test_looks_at_ones_own_are_limited_and_reading_is_not(opening: Opening) -> None:
    async with opening(rate_read=2) as world:
        charlie = world.visitor("Charlie")
        await charlie.like()
        looks = [await charlie.session() for _ in range(3)]

        assert [look.status_code for look in looks] == [200, 200, 429]
        assert looks[-1].json()["detail"] == "Too many looks from one network; please wait 30 s."
        assert {
            (await charlie.client.get(f"/v1/{SITE}/page?subject=a&lang=x{number}")).status_code
            for number in range(20)
        } == {200}


async def test_looks_at_ones_own_take_nothing_from_what_others_there_may_do(opening: Opening) -> None:
    async with opening(rate_client=3) as world:
        charlie = world.visitor("Charlie", "203.0.113.7")
        await charlie.like()
        looks = [(await charlie.session()).status_code for _ in range(10)]

        assert set(looks) == {200}
        assert (await world.visitor("Dana", "203.0.113.7").like()).status_code == 200


@pytest.mark.parametrize("trusted", ["", "10.0.0.0/8"])
async def test_what_a_stranger_forwards_changes_nothing(opening: Opening, trusted: str) -> None:
    async with opening(rate_client=1, trusted_proxies=trusted) as world:
        for headers in SPOOFED:
            world.clock.forward(60)

            assert await liked(world, "203.0.113.7", {}) == 200
            assert await liked(world, "203.0.113.7", headers) == 429, headers
        assert len(await world.rows("select distinct client from interactions")) == 1


HOPS = [
    ("198.51.100.1", "198.51.100.1"),
    ("192.0.2.66, 198.51.100.1", "198.51.100.1"),
    ("192.0.2.66, 198.51.100.1, 10.1.1.1", "198.51.100.1"),
    ("198.51.100.1:4711", "198.51.100.1"),
    ("[2001:db8::5]:4711", "2001:db8::ffff"),
    ("2001:db8::5", "2001:db8::ffff"),
    ("fe80::1%eth0", "fe80::2"),
    ("::ffff:198.51.100.1", "198.51.100.1"),
    ('"198.51.100.1"', "198.51.100.1"),
    ("198.51.100.1, unknown", "10.0.0.1"),
    ("unknown", "10.0.0.1"),
    ("", "10.0.0.1"),
    ("10.9.9.9", "10.9.9.9"),
]
"""What a trusted proxy forwards, and an address of the client that it means."""


@pytest.mark.straight("it takes the place of the proxies itself")
async def test_behind_a_trusted_proxy_the_rightmost_stranger_counts(opening: Opening) -> None:
    async with opening(rate_client=1, trusted_proxies="10.0.0.0/8") as world:
        for forwarded, client in HOPS:
            world.clock.forward(60)
            again = {"x-forwarded-for": f"{client}, 10.0.0.3"}
            other = {"x-forwarded-for": "198.51.100.200"}

            assert await liked(world, "10.0.0.1", {"x-forwarded-for": forwarded}) == 200, forwarded
            assert await liked(world, "10.0.0.2", again) == 429, forwarded
            assert await liked(world, "10.0.0.2", other) == 200, forwarded


POISON = [
    {"host": "evil.example"},
    {"x-forwarded-host": "evil.example"},
    {"x-forwarded-proto": "javascript"},
    {"x-forwarded-prefix": "//evil.example"},
    {"x-original-url": "//evil.example"},
    {"forwarded": "host=evil.example;proto=http"},
]


async def test_no_header_poisons_a_link_or_a_redirect(world: World) -> None:
    for headers in POISON:
        charlie = world.visitor("Charlie")
        await charlie.says("hello")
        reads = [
            await world.reader.get(path, headers=headers)
            for path in (
                f"/v1/{SITE}/page?subject=a&format=fragments",
                f"/v1/{SITE}/page/?subject=a",
                f"/v1/{SITE}/thread?subject=a&format=page",
                f"//evil.example/v1/{SITE}/page?subject=a",
                "/healthz/",
                "/admin",
                "/nowhere",
            )
        ]
        posted = await charlie.client.post(
            f"/v1/{SITE}/interactions",
            data={
                "subject": "a",
                "widget": "like",
                "action": "like",
                "format": "page",
                "token": charlie.token,
            },
            headers={"origin": PAGE, **headers},
        )

        assert posted.headers["location"].startswith(f"{world.url}/v1/blog/thread?")
        for answer in (*reads, posted):
            told = f"{answer.headers} {answer.text}"
            assert "evil" not in told
            assert "javascript:" not in told


async def liked(world: World, address: str, headers: dict[str, str]) -> int:
    """The status of a new guest's like from an address with some headers."""
    answer = await world.client(address).post(
        f"/v1/{SITE}/interactions",
        data={"subject": "a", "widget": "like", "action": "like"},
        headers={"origin": PAGE, **headers},
    )
    return answer.status_code
