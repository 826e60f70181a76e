"""Who may pass: every address of the admin, for everybody who might come."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass

import httpx
import pytest
import pytest_asyncio
from starlette.routing import Route

from tests.admin.world import URL, Admin, World
from widget_server.web.admin import routes

OPEN = {"/admin", "/admin/", "/admin/sign-in", "/admin/static/{version}/{name}", "/admin/{rest:path}"}
"""Addresses for everybody: how to get in, and files that hold no secret."""


@dataclass(frozen=True, slots=True)
class Scene:
    """A world with one comment on each site, and what every address needs."""

    world: World
    comment: str
    foreign: str
    session: str
    routes: list[tuple[str, str]]

    def addresses(self, site: str, comment: str) -> list[tuple[str, str]]:
        """Method and path of each address that is not for everybody."""
        named = {
            "{site}": site,
            "{comment}": comment,
            "{session}": self.session,
            "{widget}": "poll",
            "{plugin}": "poll",
        }
        found = []
        for method, path in self.routes:
            for name, value in named.items():
                path = path.replace(name, value)  # noqa: PLW2901 - filled in, one after the other
            needs_subject = path.endswith("/summaries")
            found.append((method, f"{path}?subject=a" if needs_subject else path))
        return found


@pytest_asyncio.fixture
async def scene(world: World) -> AsyncIterator[Scene]:
    """Comments on both sites."""
    comment = await world.comment("Charlie", "The held one")
    foreign = await world.comment("Mallory", "Text of another site", site="other", page="/there")
    alice = await world.sign_in("alice@example.com")
    listed = (await alice.get("sessions")).text
    session = listed.partition("/sessions/")[2].partition("/revocation")[0]
    built = await asyncio.to_thread(routes, world.server.house, world.server.settings)
    table = [(route.methods or set(), route.path) for route in built if isinstance(route, Route)]
    guarded = [("POST" if "POST" in methods else "GET", path) for methods, path in table if path not in OPEN]
    yield Scene(world, comment, foreign, session, guarded)


def forms(token: str) -> dict[str, str]:
    """What every form might want."""
    return {"form_token": token, "action": "approve", "revision": "1", "seen": "held"}


async def send(client: httpx.AsyncClient, method: str, path: str, token: str) -> int:
    """The status of one request."""
    if method == "GET":
        return (await client.get(path)).status_code
    return (await client.post(path, data=forms(token))).status_code


async def test_nobody_gets_anywhere(scene: Scene) -> None:
    client = scene.world.client()

    answers = {
        (method, path): await send(client, method, path, "0" * 64)
        for method, path in scene.addresses("blog", scene.comment)
    }

    assert len(answers) >= 14
    assert set(answers.values()) == {401}


async def test_an_embed_token_is_worth_nothing_here(scene: Scene) -> None:
    tokens = scene.world.server.house.tokens
    person = scene.world.people["blog.Charlie"]
    token = tokens.guest("blog", person.id, scene.world.clock.now)
    client = scene.world.client()
    client.headers["authorization"] = f"Bearer {token}"
    for value in (token, f"blog.{token}"):
        client.cookies.set("__Host-transom-admin", value, domain="talk.example.com")
        for method, path in scene.addresses("blog", scene.comment):
            if method == "GET":
                answer = await client.get(path, params={"token": token})
            else:
                answer = await client.post(path, data={**forms(token), "token": token})

            assert (path, 401) == (path, answer.status_code)


async def test_an_admin_session_is_worth_nothing_in_the_embed(scene: Scene) -> None:
    bob = await scene.world.sign_in("bob@example.com")
    fields = {
        "subject": "blog.example/post",
        "url": "https://blog.example/post",
        "widget": "comments",
        "action": "approve",
        "id": scene.comment,
    }

    answer = await bob.client.post(
        "/v1/blog/interactions", data=fields, headers={"origin": "https://blog.example"}
    )

    assert answer.status_code == 403
    assert (await scene.world.stored(scene.comment)).status == "held"


async def test_a_moderator_of_another_site_gets_nowhere_and_learns_nothing(scene: Scene) -> None:
    eve = await scene.world.sign_in("eve@example.com", "other")

    for method, path in scene.addresses("blog", scene.comment):
        if path == "/admin/sign-out":
            continue
        answer = await eve.client.request(method, path, data=forms(eve.token) if method == "POST" else None)

        assert (path, 403) == (path, answer.status_code)
        assert "The held one" not in answer.text
    assert (await scene.world.stored(scene.comment)).status == "held"


async def test_a_comment_of_another_site_is_not_found_below_ones_own(scene: Scene) -> None:
    bob = await scene.world.sign_in("bob@example.com")
    paths = [each for each in scene.addresses("blog", scene.foreign) if scene.foreign in each[1]]

    assert len(paths) == 3
    for method, path in paths:
        answer = await bob.client.request(method, path, data=forms(bob.token) if method == "POST" else None)

        assert (path, 404) == (path, answer.status_code)
        assert "Text of another site" not in answer.text
    listed = (await bob.get("comments")).text
    assert "The held one" in listed
    assert "Text of another site" not in listed
    assert (await scene.world.stored(scene.foreign, "other")).status == "published"


async def test_a_revoked_session_gets_nowhere(scene: Scene) -> None:
    bob, other = [await scene.world.sign_in("bob@example.com") for _ in range(2)]
    await other.post("sessions/others/revocation")

    answers = [
        await send(bob.client, method, path, bob.token)
        for method, path in scene.addresses("blog", scene.comment)
    ]

    assert set(answers) == {401}


async def test_the_moderator_of_the_site_gets_everywhere(scene: Scene) -> None:
    bob = await scene.world.sign_in("bob@example.com")

    for method, path in scene.addresses("blog", scene.comment):
        if method == "GET":
            assert (path, 200) == (path, (await bob.client.get(path)).status_code)
    decided = await bob.decide(scene.comment, "approve", revision="1", seen="held")
    assert decided.status_code == 303


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "https://evil.example"},
        {"origin": "null"},
        {"origin": f"{URL}.evil.example"},
        {"origin": URL.replace("https", "http")},
        {"origin": f"{URL}:8443"},
        {"origin": ""},
        {"origin": URL, "sec-fetch-site": "cross-site"},
        {"origin": URL, "sec-fetch-site": "same-site"},
        {"origin": URL, "sec-fetch-site": "none"},
    ],
)
async def test_a_form_of_another_origin_changes_nothing(scene: Scene, headers: dict[str, str]) -> None:
    bob = await scene.world.sign_in("bob@example.com")
    link = await scene.world.link("bob@example.com")

    for method, path in scene.addresses("blog", scene.comment):
        if method == "POST":
            answer = await bob.client.post(path, data=forms(bob.token), headers=headers)
            assert (path, 403) == (path, answer.status_code)
    sign_in = await bob.client.post("/admin/sign-in", data={"site": "blog", "link": link}, headers=headers)

    assert sign_in.status_code == 403
    assert (await scene.world.stored(scene.comment)).status == "held"
    assert (await bob.get("queue")).status_code == 200


async def test_a_form_without_the_sessions_own_token_changes_nothing(scene: Scene) -> None:
    bob = await scene.world.sign_in("bob@example.com")
    other = await scene.world.sign_in("bob@example.com")

    for method, path in scene.addresses("blog", scene.comment):
        for token in ("", "0" * 64, other.token, "ü"):
            if method == "POST":
                answer = await bob.client.post(path, data=forms(token))
                assert (path, 403) == (path, answer.status_code)
    assert (await scene.world.stored(scene.comment)).status == "held"


async def test_a_form_from_our_own_page_needs_no_origin_where_the_browser_says_so(scene: Scene) -> None:
    bob = await scene.world.sign_in("bob@example.com")
    del bob.client.headers["origin"]

    without = await bob.decide(scene.comment, "approve", revision="1", seen="held")
    bob.client.headers["sec-fetch-site"] = "same-origin"
    told = await bob.decide(scene.comment, "approve", revision="1", seen="held")

    assert (without.status_code, told.status_code) == (403, 303)


async def test_every_answer_carries_the_headers_that_keep_it_safe(scene: Scene) -> None:
    bob = await scene.world.sign_in("bob@example.com")
    client = scene.world.client()
    static = (await bob.get("queue")).text.partition('rel="stylesheet" href="')[2].partition('"')[0]
    paths = ["/admin", "/admin/", "/admin/sign-in", "/admin/nowhere", static]
    answers = [await each.get(path) for each in (bob.client, client) for path in paths]
    for method, path in scene.addresses("blog", scene.comment):
        answers += [
            await each.request(method, path, data=forms("") if method == "POST" else None)
            for each in (bob.client, client)
        ]

    for answer in answers:
        policy = answer.headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "frame-ancestors 'none'" in policy
        assert "unsafe" not in policy
        assert answer.headers["x-frame-options"] == "DENY"
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["referrer-policy"] == "same-origin"
        assert "access-control-allow-origin" not in answer.headers
        expected = "immutable" if "/static/" in str(answer.url) else "no-store"
        assert expected in answer.headers["cache-control"]


async def test_no_page_holds_a_script_a_style_or_a_handler_of_its_own(scene: Scene, alice: Admin) -> None:
    for method, path in scene.addresses("blog", scene.comment):
        if method == "GET":
            page = (await alice.client.get(path)).text
            assert "<style" not in page
            assert " style=" not in page
            assert " onclick" not in page
            assert page.count("<script") == page.count('<script type="module" src="/admin/static/')


async def test_requests_that_interleave_never_see_each_others_person(scene: Scene) -> None:
    world = scene.world
    alice, bob = [await world.sign_in(f"{name}@example.com") for name in ("alice", "bob")]
    eve = await world.sign_in("eve@example.com", "other")
    who = [("Alice", "The Blog", alice), ("Bob", "The Blog", bob), ("Eve", "Another", eve)] * 8

    async def look(name: str, site: str, admin: Admin) -> tuple[bool, bool, set[str]]:
        page = (await admin.get("queue")).text
        others = {each for each in ("Alice", "Bob", "Eve") if each != name and f"<bdi>{each}</bdi>" in page}
        return f"<bdi>{name}</bdi>" in page, f"<bdi>{site}</bdi>" in page, others

    nobody = [world.client().get("/admin/sites/blog/queue") for _ in range(8)]
    seen, refused = await asyncio.gather(
        asyncio.gather(*(look(*each) for each in who)), asyncio.gather(*nobody)
    )

    assert seen == [(True, True, set())] * len(who)
    assert {answer.status_code for answer in refused} == {401}
