"""Origins: only the site's own pages act; everybody reads, and reading is the same for everybody."""

from __future__ import annotations

import pytest

from tests.http.world import HOST, OTHER_PAGE, PAGE, SITE, Visitor, World

LIKE = {"subject": "a", "widget": "like", "action": "like"}

FOREIGN = [
    None,
    "null",
    "",
    OTHER_PAGE,
    "http://blog.example",
    "https://blog.example:8443",
    "https://blog.example.evil.example",
    "https://evilblog.example",
    "https://blog.example@evil.example",
    "https://evil.example/https://blog.example",
    "https://blogXexample",
    "https://blog.example.",
    "https://blog.example/path",
    "https://blog.example https://evil.example",
    "https://bl\u043eg.example".encode().decode("latin-1"),
    "file://",
    "chrome-extension://abcdef",
]


async def test_a_page_of_another_origin_does_nothing(world: World, charlie: Visitor) -> None:
    for origin in FOREIGN:
        await charlie.like()
        before = await world.dump()
        headers = {} if origin is None else {b"origin": origin.encode("latin-1")}
        told = []
        for where, fields in (
            ("interactions", {**LIKE, "action": "unlike"}),
            ("session", {"subject": "a"}),
            ("me", {"action": "erase"}),
        ):
            answer = await charlie.client.post(
                f"/v1/{SITE}/{where}",
                data={**fields, "token": charlie.token},
                headers=headers,
            )
            told.append((answer.status_code, answer.json()["code"]))

            assert answer.headers.get("access-control-allow-credentials") is None

        assert told == [(403, "origin_not_allowed")] * 3
        assert await world.dump() == before


@pytest.mark.parametrize("origin", [PAGE, HOST])
async def test_the_sites_own_pages_and_the_servers_may(world: World, origin: str) -> None:
    answer = await world.reader.post(f"/v1/{SITE}/interactions", data=LIKE, headers={"origin": origin})

    assert answer.status_code == 200
    assert answer.headers["access-control-allow-origin"] == origin
    assert "origin" in answer.headers["vary"].lower()
    assert answer.headers["cache-control"] == "no-store"
    assert "set-cookie" not in answer.headers


async def test_a_refusal_can_be_read_by_the_page_and_names_the_setting(world: World) -> None:
    answer = await world.reader.post(
        f"/v1/{SITE}/interactions", data=LIKE, headers={"origin": "https://new.example"}
    )

    assert answer.headers["access-control-allow-origin"] == "*"
    assert "https://new.example is not in the list of origins of the site 'blog'" in answer.json()["detail"]


@pytest.mark.parametrize("path", ["page?subject=a", "thread?subject=a&format=json", "counts?subject=a"])
async def test_reading_is_the_same_for_everybody(world: World, charlie: Visitor, path: str) -> None:
    await charlie.says("hello")
    answers = [
        await world.reader.get(f"/v1/{SITE}/{path}", headers=headers)
        for headers in (
            {},
            {"origin": PAGE},
            {"origin": "https://evil.example"},
            {"cookie": f"transom-{SITE}={charlie.token}"},
            {"authorization": f"Bearer {charlie.token}"},
        )
    ]

    assert {answer.content for answer in answers} == {answers[0].content}
    for answer in answers:
        assert answer.headers["access-control-allow-origin"] == "*"
        assert answer.headers["vary"] == "accept-encoding"
        assert "set-cookie" not in answer.headers
        assert "access-control-allow-credentials" not in answer.headers


async def test_a_preflight_is_answered_without_harm(world: World) -> None:
    before = await world.dump()
    for path in ("page", "thread", "counts", "interactions", "session", "me"):
        answer = await world.reader.options(
            f"/v1/{SITE}/{path}",
            headers={"origin": "https://evil.example", "access-control-request-method": "POST"},
        )

        assert (answer.status_code, answer.json()["code"]) == (405, "method_not_allowed")
        assert "access-control-allow-methods" not in answer.headers
        assert answer.headers["allow"]
    assert await world.dump() == before


ELSEWHERE = [
    "https://evil.example/post",
    "https://blog.example.evil.example/post",
    "https://blog.example@evil.example/",
    "http://blog.example/post",
    "javascript:alert(1)",
    "data:text/html,hello",
    "//evil.example/post",
    "/post",
    "https://",
    "blog.example/post",
]


async def test_a_page_elsewhere_makes_no_subject(world: World, charlie: Visitor) -> None:
    for url in ELSEWHERE:
        for subject in (None, "mine"):
            answer = await charlie.like(subject=subject, url=url)

            assert (answer.status_code, answer.json()["code"]) == (403, "origin_not_allowed")
            assert answer.json()["field"] == "url"
        assert await world.rows("select count(*) from subjects") == [(0,)]


async def test_the_document_links_to_pages_of_the_site_alone(world: World, charlie: Visitor) -> None:
    await charlie.says("hello", subject="mine", url=f"{PAGE}/post", title="A <b>post</b>")
    answer = await world.reader.get(f"/v1/{SITE}/thread?subject=mine&format=page")

    assert f'<a href="{PAGE}/post">A &lt;b&gt;post&lt;/b&gt;</a>' in answer.text
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert f"frame-ancestors 'self' {PAGE}" in answer.headers["content-security-policy"]
