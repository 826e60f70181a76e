"""A poll on a page: voted on with pointer and keys, changed, taken back, and readable when nothing else works."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from playwright.async_api import Browser, Locator, Page, expect

from tests.e2e.conftest import DOCUMENT, World, build_world
from tests.e2e.reading import seen, settle, unreachable, watched
from tests.e2e.test_accessibility import BOTH_SCHEMES, SMALL, axe
from widget_server.app import opened
from widget_server.doing import Doing
from widget_server.ids import uuid7
from widget_server.interact import perform
from widget_server.vocabulary import Person, PersonKind, Role, Subject

pytestmark = pytest.mark.asyncio(loop_scope="session")

LUNCH = '<transom-poll subject="poll:lunch"></transom-poll><p>Below</p>'
OWN = (
    '<transom-poll subject="poll:own" results="after"><p>Where  to?</p>'
    "<ul><li>Pizza</li><li>Curry <b>hot</b></li></ul></transom-poll><p>Below</p>"
)
OPTIONS = ("Pizza", "Curry", "Soup")


@pytest.fixture
def bringing_world(tmp_path: Path) -> Iterator[World]:
    """A site that lets its pages bring questions along."""
    yield from build_world(tmp_path, plugins={"poll": {"from_snippet": True}})


async def ask(world: World, action: str = "ask", subject: str = "poll:lunch", **fields: object) -> None:
    """Bob asks where to eat, or does something else with the poll."""
    if action in {"ask", "change"}:
        fields = {"question": "Where to?", "options": OPTIONS, **fields}
    async with opened(world.settings) as server:
        house, now = server.house, server.house.clock()
        bob = Person("blog", uuid7(now), PersonKind.MODERATOR, "Bob")
        site = await house.sites.get("blog")
        doing = Doing(site, Subject("blog", subject), "poll", action, fields, bob, now, Role.MODERATOR)
        await perform(house, doing)


def result(world: World, subject: str = "poll:lunch") -> dict[str, int | None]:
    """Votes by the text of the option, as everybody sees them."""
    query = {"subject": subject, "widgets": "poll"}
    found = httpx.get(f"{world.server}/v1/blog/page", params=query).json()["widgets"]["poll"]
    return {each["text"]: each["count"] for each in found["options"]}


async def shown(page: Page, address: str) -> Locator:
    """Open a page and wait for its polls."""
    await page.goto(address)
    poll = page.locator("transom-poll")
    for number in range(await poll.count()):
        await poll.nth(number).locator("#poll").wait_for()
    return poll


async def test_one_votes_changes_the_vote_and_takes_it_back(world: World, page: Page) -> None:
    await ask(world)
    noticed = await watched(page)
    poll = await shown(page, world.page(LUNCH, strict=True))

    await poll.get_by_label("Curry").check()
    await poll.get_by_role("button", name="Vote", exact=True).click()
    await expect(poll.locator("[part=own]")).to_be_visible()
    first = result(world)
    await page.reload()
    await expect(poll.get_by_label("Curry")).to_be_checked()
    await poll.get_by_label("Soup").check()
    await poll.get_by_role("button", name="Change my vote").click()
    await expect(poll.locator("label", has_text="Soup").locator("[part=own]")).to_be_visible()
    second = result(world)
    await poll.get_by_role("button", name="Take my vote back").click()
    await expect(poll.get_by_role("button", name="Vote", exact=True)).to_be_visible()

    assert first == {"Pizza": 0, "Curry": 1, "Soup": 0}
    assert second == {"Pizza": 0, "Curry": 0, "Soup": 1}
    assert result(world) == {"Pizza": 0, "Curry": 0, "Soup": 0}
    assert noticed.lines == []


async def test_keys_alone_are_enough_and_what_became_of_it_is_said(world: World, page: Page) -> None:
    await ask(world, several=True, results="after")
    poll = await shown(page, world.page(LUNCH))
    spoken = await poll.aria_snapshot()

    await page.keyboard.press("Tab")
    await page.keyboard.press("Space")
    await page.keyboard.press("Tab")
    await page.keyboard.press("Tab")
    await page.keyboard.press("Space")
    await page.keyboard.press("Tab")
    await page.keyboard.press("Enter")
    await expect(poll.locator("output", has_text="Your vote is counted.")).to_be_attached()
    focused = await poll.evaluate("(it) => it.shadowRoot.activeElement?.id")

    assert 'group "Where to?"' in spoken
    assert 'checkbox "Curry"' in spoken
    assert focused == "poll"
    await expect(poll.locator("label", has_text="Curry")).to_contain_text("0 votes")
    await expect(poll.locator("label", has_text="Soup")).to_contain_text("1 vote 100%")


async def test_a_choice_that_was_not_sent_is_kept_until_the_poll_is_another(world: World, page: Page) -> None:
    await ask(world, several=True)
    noticed = await watched(page)
    poll = await shown(page, world.page(LUNCH))

    await poll.get_by_label("Pizza").check()
    await poll.get_by_label("Soup").check()
    await page.reload()
    await expect(poll.get_by_label("Soup")).to_be_checked()
    await expect(poll.get_by_label("Curry")).not_to_be_checked()
    await ask(world, "change", options=OPTIONS[:2], several=True)
    await page.reload()
    await expect(poll.locator("label")).to_have_count(2)

    assert await poll.get_by_label("Pizza").is_checked() is False
    assert noticed.lines == []


async def test_a_poll_that_was_changed_meanwhile_says_so(world: World, page: Page) -> None:
    await ask(world)
    poll = await shown(page, world.page(LUNCH))
    await poll.get_by_label("Curry").check()
    await ask(world, "reword", option="2", text="Thai curry")

    await poll.get_by_role("button", name="Vote", exact=True).click()
    error = poll.locator("[part=error]", has_text="The poll was changed meanwhile.")
    await expect(error).to_be_visible()
    await page.reload()
    await poll.get_by_label("Thai curry").check()
    await poll.get_by_role("button", name="Vote", exact=True).click()
    await expect(poll.locator("[part=own]")).to_be_visible()

    assert result(world) == {"Pizza": 0, "Thai curry": 1, "Soup": 0}


async def test_a_page_asks_its_own_question_and_shows_it_when_the_server_is_away(
    bringing_world: World, page: Page
) -> None:
    world = bringing_world
    address = world.page(OWN, strict=True)
    with unreachable(world):
        await page.goto(address)
        await expect(page.get_by_text("Curry hot")).to_be_visible()
    noticed = await watched(page)

    poll = await shown(page, address)
    await expect(poll.locator("legend")).to_have_text("Where to?")
    before = (list(noticed.asked("/interactions")), result(world, "poll:own"))
    await poll.get_by_label("Curry hot").check()
    await poll.get_by_role("button", name="Vote", exact=True).click()
    await expect(poll.locator("[part=own]")).to_be_visible()
    await page.reload()
    await expect(poll.locator("label", has_text="Curry hot").locator("[part=own]")).to_be_visible()

    assert before == ([], {})
    assert result(world, "poll:own") == {"Pizza": None, "Curry hot": None}
    assert noticed.lines == []


async def test_where_a_site_does_not_let_it_a_page_only_shows_its_question(world: World, page: Page) -> None:
    await shown(page, world.page(OWN))

    await expect(page.get_by_text("Curry hot")).to_be_visible()
    assert await page.locator("transom-poll form").count() == 0


@pytest.mark.parametrize("subject", ["asked", "closed"])
async def test_nothing_moves_when_a_poll_takes_the_place_of_its_question(
    world: World, page: Page, subject: str
) -> None:
    body = OWN.replace("poll:own", f"poll:{subject}")
    await ask(world, subject=f"poll:{subject}", options=("Pizza", "Curry hot"))
    if subject == "closed":
        await ask(world, "close", subject="poll:closed")
    await watched(page)

    await shown(page, world.page(body))
    await settle(page)

    assert await seen(page, "shift") < 0.02, await seen(page, "shifts")


async def test_without_javascript_one_votes_all_the_same(world: World, browser: Browser) -> None:
    await ask(world, several=True)
    context = await browser.new_context(java_script_enabled=False)
    context.set_default_timeout(8_000)
    page = await context.new_page()
    await page.goto(f"{world.server}/v1/blog/thread?subject=poll:lunch&format=page&widgets=poll")

    await page.get_by_label("Pizza").check()
    await page.get_by_label("Soup").check()
    await page.get_by_role("button", name="Vote", exact=True).click()
    await expect(page.get_by_text("1 person voted")).to_be_visible()
    voted = result(world)
    await page.get_by_role("button", name="Take my vote back").click()
    await expect(page.get_by_text("0 people voted")).to_be_visible()
    await context.close()

    assert voted == {"Pizza": 1, "Curry": 0, "Soup": 1}


@pytest.mark.parametrize("language", ["en", "ar"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_axe_finds_nothing_wrong(bringing_world: World, page: Page, scheme: str, language: str) -> None:
    world = bringing_world
    await page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    document = BOTH_SCHEMES.replace('lang="en"', f'lang="{language}" dir="auto"')
    await ask(world, closes="2100-01-01T00:00Z")
    await ask(world, subject="poll:over")
    await ask(world, "close", subject="poll:over")
    over = '<transom-poll subject="poll:over"></transom-poll>'
    await shown(page, world.page(LUNCH + OWN + over, document=document))
    before = await axe(page)

    poll = page.locator("transom-poll").first
    await poll.locator("input[type=radio]").first.check()
    await poll.locator("[value=vote]").click()
    await poll.locator("[value=unvote]").wait_for()

    assert before == await axe(page) == []


@pytest.mark.parametrize("language", ["en", "de", "ar"])
async def test_a_small_screen_needs_no_scrolling_to_the_side(world: World, page: Page, language: str) -> None:
    await page.set_viewport_size({"width": 320, "height": 640})
    await ask(world, question="Donau" * 30, options=("Wort" * 40, "Short"), closes="2100-01-01T00:00Z")
    document = DOCUMENT.replace('lang="en"', f'lang="{language}"')
    poll = await shown(page, world.page(LUNCH, document=document))
    await poll.locator("input[type=radio]").last.check()
    await poll.locator("[value=vote]").click()
    await poll.locator("[value=unvote]").wait_for()
    await settle(page)
    buttons = SMALL.replace("transom-comments, transom-like", "transom-poll").replace(
        "input:not([type=hidden])", "label"
    )

    assert await page.evaluate("() => document.documentElement.scrollWidth") <= 320
    assert await page.evaluate(buttons) == []
