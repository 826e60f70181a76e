"""What the widgets of a subject show to those who keep order, and to nobody else."""

from __future__ import annotations

from tests.admin.world import BLOG, Admin, World

CODE = "0123456789abc"
SUBJECT = "blog.example/post"


async def shared(world: World) -> None:
    """Charlie passes the page on, and two come by the link."""
    about = {"subject": SUBJECT, "url": f"{BLOG}/post", "widget": "share", "code": CODE}
    for number, action in enumerate(("share", "arrive", "arrive")):
        client = world.client()
        client.headers.update({"origin": BLOG, "accept": "application/json"})
        answer = await client.post(
            "/v1/blog/interactions",
            data={**about, "action": action, **({"via": "sheet"} if number == 0 else {})},
        )
        assert answer.status_code == 200, answer.text


async def test_arrivals_are_for_those_who_keep_order_alone(world: World, bob: Admin) -> None:
    await shared(world)
    answer = await bob.get("summaries", subject=SUBJECT)
    everybody = (await world.client().get("/v1/blog/page", params={"subject": SUBJECT})).json()

    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["cache-control"] == "no-store"
    told = answer.json()
    assert (told["subject"], told["degraded"]) == (SUBJECT, [])
    assert told["widgets"]["like"] == {"count": 0, "mine": False}
    assert told["widgets"]["share"]["arrivals"] == 2
    assert told["widgets"]["share"]["ways"] == {"sheet": 1, "copy": 0, "link": 0}
    assert told["widgets"]["share"]["url"] == f"{BLOG}/post"
    assert everybody["widgets"]["share"] == {"count": 1, "mine": False, "coded": True, "url": ""}


async def test_strangers_and_other_sites_get_no_summaries(world: World) -> None:
    eve = await world.sign_in("eve@example.com", "other")
    foreign = await eve.client.get("/admin/sites/blog/summaries", params={"subject": SUBJECT})
    stranger = await world.client().get("/admin/sites/blog/summaries", params={"subject": SUBJECT})

    assert (foreign.status_code, stranger.status_code) == (403, 401)


async def test_a_summary_needs_a_subject(bob: Admin) -> None:
    refused = await bob.client.get("/admin/sites/blog/summaries", headers={"accept": "application/json"})

    assert (refused.status_code, refused.json()["field"]) == (422, "subject")
