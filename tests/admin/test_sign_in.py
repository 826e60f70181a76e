"""Coming in by a one-time link, and the sessions that follow."""

from __future__ import annotations

from pathlib import Path

from tests import databases
from tests.admin.world import DAY, MINUTE, URL, Admin, Clock, World
from widget_server.app import opened
from widget_server.settings import load


async def test_looking_at_a_link_uses_nothing_up_and_the_button_works_once(world: World) -> None:
    link = await world.link("bob@example.com")
    scanner, browser, thief = world.client(), world.client(), world.client()
    address = f"/admin/sign-in?site=blog&link={link}"
    for _ in range(5):
        page = await scanner.get(address)
        assert page.status_code == 200
        assert "set-cookie" not in page.headers
        await scanner.head(address)

    entered = await browser.post("/admin/sign-in", data={"site": "blog", "link": link})
    again = await thief.post("/admin/sign-in", data={"site": "blog", "link": link})

    assert entered.status_code == 303
    assert entered.headers["location"] == "/admin/sites/blog/queue"
    assert (await browser.get("/admin/sites/blog/queue")).status_code == 200
    assert again.status_code == 401
    assert "used already" in again.text
    assert (await thief.get("/admin/sites/blog/queue")).status_code == 401


async def test_a_link_ends_after_fifteen_minutes(world: World) -> None:
    late, in_time = await world.link("bob@example.com"), await world.link("bob@example.com")

    world.clock.now += 15 * MINUTE - 1
    good = await world.client().post("/admin/sign-in", data={"site": "blog", "link": in_time})
    world.clock.now += 1
    over = await world.client().post("/admin/sign-in", data={"site": "blog", "link": late})

    assert (good.status_code, over.status_code) == (303, 401)


async def test_a_link_is_for_one_site(world: World) -> None:
    link = await world.link("bob@example.com")

    wrong = await world.client().post("/admin/sign-in", data={"site": "other", "link": link})
    right = await world.client().post("/admin/sign-in", data={"site": "blog", "link": link})

    assert (wrong.status_code, right.status_code) == (401, 303)


async def test_the_cookie_is_out_of_reach_of_scripts_and_of_other_hosts(world: World, tmp_path: Path) -> None:
    link = await world.link("bob@example.com")
    secure = await world.client().post("/admin/sign-in", data={"site": "blog", "link": link})

    cookie = secure.headers["set-cookie"]
    assert cookie.startswith("__Host-transom-admin=blog.")
    for attribute in ("HttpOnly", "Path=/", "SameSite=lax", "Secure"):
        assert attribute in cookie
    assert "Domain" not in cookie

    plain = load({}, overrides={"data": tmp_path / "plain", "public_url": "http://127.0.0.1:8400"})
    async with opened(plain, clock=world.clock) as server:
        local = World(server, world.clock)
        await local.settle()
        link = await local.link("bob@example.com")
        client = local.client()
        answer = await client.post(
            "/admin/sign-in", data={"site": "blog", "link": link}, headers={"origin": "http://127.0.0.1:8400"}
        )
        assert answer.headers["set-cookie"].startswith("transom-admin=blog.")
        assert "Secure" not in answer.headers["set-cookie"]
        await client.aclose()


async def test_only_digests_of_secrets_are_stored(world: World, tmp_path: Path) -> None:
    link = await world.link("bob@example.com")
    bob = await world.sign_in("bob@example.com")
    secret = next(iter(bob.client.cookies.jar)).value or ""

    dump = repr(databases.dump(tmp_path / "data" / "transom.sqlite3"))

    assert len(secret.partition(".")[2]) == 43  # 256 bits in base64
    assert "admin_sessions" in dump
    assert secret.partition(".")[2] not in dump
    assert link not in dump


async def test_signing_in_again_ends_the_session_that_this_browser_had(world: World) -> None:
    bob = await world.sign_in("bob@example.com")
    before = next(iter(bob.client.cookies.jar)).value or ""

    await bob.client.post(
        "/admin/sign-in", data={"site": "blog", "link": await world.link("bob@example.com")}
    )
    after = next(iter(bob.client.cookies.jar)).value or ""
    old = world.client()
    old.cookies.set("__Host-transom-admin", before, domain="talk.example.com")

    assert before != after
    assert (await bob.get("queue")).status_code == 200
    assert (await old.get("/admin/sites/blog/queue")).status_code == 401


async def test_a_session_ends_after_a_week_without_use_and_after_thirty_days_in_any_case(
    world: World,
) -> None:
    idle = await world.sign_in("bob@example.com")
    busy = await world.sign_in("bob@example.com")

    for day in range(1, 30):
        world.clock.now += DAY
        assert (await busy.get("queue")).status_code == 200
        if day == 6:
            assert (await idle.get("queue")).status_code == 200
        if day == 13:
            assert (await idle.get("queue")).status_code == 401
    world.clock.now += DAY

    assert (await busy.get("queue")).status_code == 401


async def test_sessions_are_listed_and_ended_one_by_one_or_all_but_this(world: World) -> None:
    here = await world.sign_in("bob@example.com")
    phone = await world.sign_in("bob@example.com", agent="Mozilla/5.0 (iPhone) Safari/1 <b>x")
    desk = await world.sign_in("bob@example.com", agent="Mozilla/5.0 (Windows) Edg/1 Chrome/1")
    listed = (await here.get("sessions")).text

    assert "Safari on iPhone" in listed
    assert "&lt;b&gt;x" in listed
    assert "Edge on Windows" in listed

    digest = listed.partition("Safari on iPhone")[2].partition("sessions/")[2].partition("/revocation")[0]
    ended = await here.post(f"sessions/{digest}/revocation")
    again = await here.post(f"sessions/{digest}/revocation")

    assert (ended.status_code, again.status_code) == (303, 404)
    assert (await phone.get("queue")).status_code == 401
    assert (await desk.get("queue")).status_code == 200

    await here.post("sessions/others/revocation")

    assert (await desk.get("queue")).status_code == 401
    assert (await here.get("queue")).status_code == 200


async def test_nobody_ends_somebody_elses_session(alice: Admin, bob: Admin) -> None:
    listed = (await alice.get("sessions")).text
    digest = listed.partition("/sessions/")[2].partition("/revocation")[0]

    refused = await bob.post(f"sessions/{digest}/revocation")

    assert refused.status_code == 404
    assert (await alice.get("queue")).status_code == 200


async def test_signing_out_ends_the_session_and_not_only_the_cookie(world: World, bob: Admin) -> None:
    secret = next(iter(bob.client.cookies.jar)).value or ""

    left = await bob.client.post("/admin/sign-out", data={"form_token": bob.token})
    thief = world.client()
    thief.cookies.set("__Host-transom-admin", secret, domain="talk.example.com")

    assert left.status_code == 303
    assert (await bob.get("queue")).status_code == 401
    assert (await thief.get("/admin/sites/blog/queue")).status_code == 401


async def test_the_address_with_the_secret_is_told_to_nobody(world: World) -> None:
    link = await world.link("bob@example.com")

    page = await world.client().get(f"/admin/sign-in?site=blog&link={link}")

    assert page.headers["referrer-policy"] == "strict-origin"
    assert page.headers["cache-control"] == "no-store"


async def test_without_a_link_the_page_says_how_to_get_one(world: World) -> None:
    page = await world.client().get("/admin/sign-in")
    home = await world.client().get("/admin/")

    assert "transom moderator link" in page.text
    assert home.headers["location"] == "/admin/sign-in"
    assert (await world.client().get("/admin")).headers["location"] == "/admin/"
    assert URL.startswith("https://")


async def test_a_fresh_server_lets_nobody_in(tmp_path: Path) -> None:
    settings = load({}, overrides={"data": tmp_path / "fresh", "public_url": URL})
    async with opened(settings, clock=Clock()) as server:
        fresh = World(server, Clock())
        client = fresh.client()
        for site, link, status in (
            ("", "", 422),
            ("blog", "admin", 401),
            ("blog", "0" * 43, 401),
            ("blog", "x" * 10_000, 401),
            ("' or 1=1 --", "' or 1=1 --", 401),
        ):
            answer = await client.post("/admin/sign-in", data={"site": site, "link": link})

            assert (site, status) == (site, answer.status_code)
            assert "set-cookie" not in answer.headers
        await client.aclose()
