"""The page of a widget in the admin: polls are asked, changed, closed and opened there, and the log tells of it."""

from __future__ import annotations

from dataclasses import replace

import httpx

from tests.admin.world import START, Admin, World
from widget_server.store import sites
from widget_server.store.changes import touched
from widget_server.vocabulary import Site, Transaction

PANEL = "widgets/poll"
LUNCH = {"subject": "poll:lunch", "question": "Where to?", "options": "Pizza\nCurry"}


async def do(admin: Admin, action: str, **form: str) -> httpx.Response:
    """Send one of the forms."""
    return await admin.post(f"{PANEL}/actions", action=action, **{"subject": "poll:lunch", **form})


async def vote(admin: Admin, choice: str) -> httpx.Response:
    """Somebody on the site's page votes."""
    return await admin.client.post(
        "/v1/blog/interactions",
        data={"subject": "poll:lunch", "widget": "poll", "action": "vote", "choice": choice},
        headers={"origin": "https://blog.example", "accept": "application/json"},
    )


async def test_a_moderator_asks_and_sees_who_voted_for_what(bob: Admin) -> None:
    empty = await bob.get(PANEL)
    asked = await do(bob, "ask", **LUNCH, several="yes", results="after", closes="2030-01-31T12:00")
    await vote(bob, "2")
    page = await bob.get(PANEL, done="ask")

    assert "Nothing is here yet" in empty.text
    assert (asked.status_code, asked.headers["location"]) == (303, "/admin/sites/blog/widgets/poll?done=ask")
    assert "Where to?" in page.text
    assert "2. Curry: 1" in page.text
    assert 'value="2030-01-31T12:00"' in page.text
    assert '<input type="checkbox" id="e1-change-several" name="several"' in page.text
    assert page.text.count(" checked>") == 1
    assert 'aria-current="page">Poll' in page.text


async def test_a_form_that_is_refused_comes_back_with_what_was_typed(bob: Admin) -> None:
    await do(bob, "ask", **LUNCH)
    new = await do(bob, "ask", **{**LUNCH, "subject": "poll:dinner", "options": "<One>"})
    old = await do(bob, "reword", option="9", text="Soup")
    nowhere = await do(bob, "ask", **{**LUNCH, "subject": "\u0007"})

    assert (new.status_code, old.status_code, nowhere.status_code) == (422, 422, 422)
    assert 'value="poll:dinner"' in new.text
    assert "&lt;One&gt;" in new.text
    assert "list of 2 to 20 different texts" in new.text
    assert "There is no such option in this poll." in old.text
    assert 'value="Soup"' in old.text
    assert "poll:dinner" not in (await bob.get(PANEL)).text


async def test_what_is_done_there_stands_in_the_log(world: World, bob: Admin) -> None:
    for action, form in (
        ("ask", LUNCH),
        ("change", LUNCH),
        ("reword", {"option": "1", "text": "Pasta"}),
        ("close", {}),
        ("reopen", {"closes": ""}),
        ("withdraw", {}),
    ):
        world.clock.now += 1_000
        answer = await do(bob, action, **form)
        assert answer.status_code == 303, answer.text

    log = (await bob.get("log")).text
    page = (await bob.get(PANEL)).text

    for said in (
        "asked a question",
        "changed the question",
        "put an option in other words",
        "closed it",
        "opened it again",
        "took it off its pages",
    ):
        assert said in log
    assert log.count("poll:lunch") == 6
    assert "Withdrawn" in page


async def test_closing_is_for_the_sites_own_people_and_through_their_own_forms(
    world: World, bob: Admin
) -> None:
    await do(bob, "ask", **LUNCH)
    eve = await world.sign_in("eve@example.com", "other")

    foreign = await eve.client.post(
        "/admin/sites/blog/widgets/poll/actions",
        data={"form_token": eve.token, "action": "close", "subject": "poll:lunch"},
    )
    forged = await bob.client.post(
        "/admin/sites/blog/widgets/poll/actions", data={"action": "close", "subject": "poll:lunch"}
    )
    votes = await do(bob, "vote", choice="1")
    likes = await bob.get("widgets/like")
    nothing = await bob.get("widgets/nothing")

    assert (foreign.status_code, forged.status_code, votes.status_code) == (403, 403, 404)
    assert (likes.status_code, nothing.status_code) == (404, 404)
    assert "Open" in (await bob.get(PANEL)).text


async def test_many_polls_come_in_pages(world: World, bob: Admin) -> None:
    for number in range(14):
        world.clock.now = START + number * 1_000
        await do(bob, "ask", **{**LUNCH, "subject": f"poll:{number:02}"})

    first, second = (await bob.get(PANEL)).text, (await bob.get(PANEL, skip="11")).text

    assert first.count('class="entry"') == 11
    assert "poll:13" in first
    assert "skip=11" in first
    assert second.count('class="entry"') == 3
    assert "poll:00" in second
    assert (await bob.get(PANEL, skip="-1")).status_code == 422


async def test_a_widget_that_is_switched_off_has_no_page(world: World, bob: Admin) -> None:
    house = world.server.house
    site = await house.sites.get("blog")
    await house.database.write(_settled(replace(site, settings=replace(site.settings, widgets=("like",)))))
    house.announce("blog", "")

    page, queue = await bob.get(PANEL), await bob.get("queue")

    assert page.status_code == 404
    assert "widgets/poll" not in queue.text


def _settled(site: Site) -> Transaction[None]:
    yield from sites.change(site)
    yield from touched(site.id, "")
