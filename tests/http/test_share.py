"""Sharing: counted exactly, and whoever comes by a shared link is counted without being known."""

from __future__ import annotations

import json

import httpx
import pytest

from tests.http.rogue import Rogue, as_extra
from tests.http.world import SITE, Visitor, World, a_world
from widget_server.vocabulary import Choose, Role
from widget_server.widgets.base import Action
from widget_server.widgets.share.widget import LIFE

CODE, OTHER = "0123456789abc", "zyxwvutsrqpon"

SHARES = (
    "select person, kind, target, client, data from interactions where widget = 'share' order by interaction"
)


async def share(visitor: Visitor, via: str = "copy", code: str | None = CODE, **fields: object) -> str:
    """Pass a page on; gives the interaction's id."""
    answer = await visitor.post(widget="share", action="share", via=via, code=code, **fields)
    assert answer.status_code == 200, answer.text
    return str(answer.json()["id"])


async def arrive(visitor: Visitor, code: str = CODE, **fields: object) -> httpx.Response:
    """Come by a link."""
    return await visitor.post(widget="share", action="arrive", code=code, **fields)


async def arrivals(world: World) -> int:
    """How many came by links that are remembered."""
    rows = await world.rows("select coalesce(sum(arrivals), 0) from share_links")
    return int(rows[0][0])


async def test_each_share_is_counted_and_recorded_with_how_it_was_done(
    world: World, charlie: Visitor, dana: Visitor
) -> None:
    for via in ("sheet", "copy", "copy"):
        await share(charlie, via, None)
    await dana.post(widget="share", action="share")

    assert (await world.page())["share"] == {"count": 4, "mine": False, "coded": True, "url": ""}
    assert (await charlie.own())["share"]["mine"] is True
    assert [json.loads(row[4])["value"] for row in await world.rows(SHARES)] == [
        "sheet",
        "copy",
        "copy",
        "link",
    ]


async def test_who_comes_by_a_link_is_counted_and_nobody_in_particular(
    world: World, charlie: Visitor, dana: Visitor
) -> None:
    shared = await share(charlie)
    people = await world.rows("select * from people")
    answer = await arrive(dana)

    assert answer.status_code == 200
    assert "token" not in answer.json()
    assert "set-cookie" not in answer.headers
    assert await world.rows("select * from people") == people
    assert (await world.rows(SHARES))[1:] == [("", "arrive", shared, None, "{}")]
    assert await arrivals(world) == 1
    assert (await world.page())["share"]["count"] == 1


async def test_who_has_a_token_comes_as_nobody_too(world: World, charlie: Visitor, dana: Visitor) -> None:
    shared = await share(charlie)
    await dana.like()
    await arrive(dana)
    held = (await dana.post("me", subject=None)).json()

    assert (await world.rows(SHARES))[1:] == [("", "arrive", shared, None, "{}")]
    assert [each["kind"] for each in held["interactions"]] == ["like"]


async def test_nobody_comes_by_an_own_link(world: World, charlie: Visitor, dana: Visitor) -> None:
    await share(charlie)
    own = await arrive(charlie)

    assert own.status_code == 200
    assert await arrivals(world) == 0
    assert len(await world.rows(SHARES)) == 1

    dana.token = "not a token"
    await arrive(dana)

    assert await arrivals(world) == 1


async def test_a_link_that_nobody_passed_on_brings_nobody(world: World, charlie: Visitor) -> None:
    before = await world.dump()
    answer = await arrive(charlie, OTHER, subject="never seen", url="https://blog.example/never")

    assert answer.status_code == 200
    assert await world.dump() == before


async def test_a_link_is_followed_for_ninety_days(world: World, charlie: Visitor, dana: Visitor) -> None:
    await share(charlie)
    world.clock.forward(LIFE / 1000 - 1)
    await arrive(dana)
    world.clock.forward(1)
    await arrive(dana)

    assert await arrivals(world) == 1

    await share(charlie, code=OTHER)

    assert await world.rows("select code from share_links") == [(OTHER,)]


async def test_a_code_belongs_to_whom_it_came_from_first(
    world: World, charlie: Visitor, dana: Visitor
) -> None:
    shared = await share(charlie)
    await share(dana)
    await arrive(dana)

    assert await world.rows("select interaction, arrivals from share_links") == [(shared, 1)]
    assert (await world.page())["share"]["count"] == 2


async def test_erasing_leads_the_links_nowhere_and_leaves_the_count(
    world: World, charlie: Visitor, dana: Visitor
) -> None:
    await share(charlie)
    await arrive(dana)
    held = (await charlie.post("me", subject=None)).json()["plugins"]["share"]["links"]
    await charlie.post("me", subject=None, action="erase")
    await arrive(dana)

    assert [(each["code"], each["arrivals"]) for each in held] == [(CODE, 1)]
    assert await world.rows("select * from share_links") == []
    assert [row[1] for row in await world.rows(SHARES)] == ["share", "arrive"]
    assert (await world.page())["share"]["count"] == 1


async def test_a_site_that_does_not_ask_learns_nothing(world: World, charlie: Visitor, dana: Visitor) -> None:
    await share(charlie)
    await world.settle(plugins={"share": {"arrivals": False}})
    refused = await arrive(dana)
    await share(charlie, code=OTHER)

    assert (refused.status_code, refused.json()["code"]) == (403, "forbidden")
    assert await world.rows("select code, arrivals from share_links") == [(CODE, 0)]
    assert (await world.page())["share"] == {"count": 2, "mine": False, "coded": False, "url": ""}


async def test_arrivals_are_limited_as_reading_is(world: World) -> None:
    async with a_world(world.folder.parent / "limited", rate_read=2, rate_client=1) as limited:
        charlie, dana = limited.visitor("Charlie", "203.0.113.7"), limited.visitor("Dana", "203.0.113.8")
        await share(charlie)
        answers = [await arrive(dana) for _ in range(3)]
        liked = await dana.like()

        assert [answer.status_code for answer in answers] == [200, 200, 429]
        assert answers[2].headers["retry-after"] == "30"
        assert liked.status_code == 200
        assert await arrivals(limited) == 2


async def test_arrivals_come_from_the_sites_own_pages_alone(
    world: World, charlie: Visitor, dana: Visitor
) -> None:
    await share(charlie)
    dana.origin = "https://elsewhere.example"
    refused = await arrive(dana)

    assert refused.json()["code"] == "origin_not_allowed"
    assert await arrivals(world) == 0


@pytest.mark.parametrize(
    "fields",
    [
        {"action": "share", "code": "0123456789AB!"},
        {"action": "share", "code": "short"},
        {"action": "share", "via": "pigeon"},
        {"action": "arrive", "code": "٠١٢٣٤٥٦٧٨٩abc"},
        {"action": "arrive"},
    ],
)
async def test_what_is_no_code_and_no_way_is_refused(
    world: World, charlie: Visitor, fields: dict[str, str]
) -> None:
    before = await world.dump()
    refused = await charlie.post(widget="share", **fields)

    assert (refused.status_code, refused.json()["code"]) == (422, "field_invalid")
    assert await world.dump() == before


async def test_an_arrival_leaves_the_other_widgets_html_kept(
    world: World, charlie: Visitor, dana: Visitor
) -> None:
    page = f"/v1/{SITE}/page?subject=a&format=fragments&widgets=share,comments"
    await share(charlie)
    before = (await world.reader.get(page)).json()["widgets"]
    await arrive(dana)

    assert (await world.reader.get(page)).json()["widgets"] == before


async def test_what_a_widget_lets_readers_do_can_only_be_recorded(world: World) -> None:
    rogue = Rogue(accepts=lambda: Choose("poke", ("x",)))
    rogue.actions = {"poke": Action("Poke", {}, Role.READER)}
    async with a_world(world.folder.parent / "rogue", extra=as_extra(rogue)) as other:
        charlie = other.visitor("Charlie")
        before = await other.dump()
        failed = await charlie.post(widget="rogue", action="poke")

        assert (failed.status_code, failed.json()["code"]) == (503, "plugin_failed")
        assert await other.dump() == before


async def test_without_javascript_the_page_shows_the_address_and_its_form_leads_back(world: World) -> None:
    shown = await world.reader.get(f"/v1/{SITE}/thread?subject=a&widgets=share&format=page&lang=en")
    sent = await world.reader.post(
        f"/v1/{SITE}/interactions?widgets=share",
        data={"subject": "a", "widget": "share", "action": "share", "lang": "en"},
        headers={"origin": world.url.removesuffix("/talk"), "accept": "text/html"},
    )

    assert 'name="widget" value="share"' in shown.text
    assert 'readonly value="a"' in shown.text
    assert 'id="arrive"' not in shown.text
    assert (sent.status_code, "widgets=share" in sent.headers["location"]) == (303, True)
    assert (await world.page(widgets="share"))["share"]["count"] == 1
