"""A page's own buttons become like buttons, however many there are and whenever they come."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from playwright.async_api import Browser, Locator, Page, Route, expect

from tests.e2e.conftest import World
from tests.e2e.reading import Noticed, seen, settle, storage, watched

pytestmark = pytest.mark.asyncio(loop_scope="session")

BUTTON = '<button data-transom-like="{subject}">♡ <span data-transom-count>0</span></button>'

HEAR = """for (const name of ['before-post', 'posted', 'error'])
  addEventListener(`transom-${name}`, ({ target, detail }) => (globalThis.heard ??= []).push(
    [name, target.dataset.transomLike, detail.action ?? detail.code ?? 'network']));"""


def button(subject: str) -> str:
    """A button of the page's own."""
    return BUTTON.format(subject=subject)


def gallery(count: int) -> str:
    """A page with so many of them."""
    return "".join(f"<p>{button(f'photo:{number}')}</p>" for number in range(count))


def of(page: Page, subject: str) -> Locator:
    """The button for a subject."""
    return page.locator(f"[data-transom-like='{subject}']")


def like(world: World, subject: str, count: int = 1) -> None:
    """So many strangers like it."""
    for _ in range(count):
        sent = {"subject": subject, "widget": "like", "action": "like"}
        answer = httpx.post(
            f"{world.server}/v1/blog/interactions",
            data=sent,
            headers={"origin": world.blog, "accept": "application/json"},
        )
        assert answer.status_code == httpx.codes.OK, answer.text


def likes(world: World, subject: str) -> int:
    """How many like it."""
    answer = httpx.get(f"{world.server}/v1/blog/page", params={"subject": subject, "widgets": "like"})
    count: int = answer.json()["widgets"]["like"]["count"]
    return count


def asked_for(noticed: Noticed) -> list[list[str]]:
    """The subjects of each page request."""
    return [parse_qs(urlsplit(url).query)["subject"][0].split("\n") for url in noticed.asked("/page")]


async def is_shown(locator: Locator, count: int, *, mine: bool) -> None:
    """Wait until a button shows so many."""
    await expect(locator).to_have_attribute("aria-pressed", "true" if mine else "false")
    await expect(locator.locator("[data-transom-count]")).to_have_text(f"{count}")


async def test_300_buttons_for_150_photos_are_one_request_and_move_nothing(world: World, page: Page) -> None:
    like(world, "photo:0", 2)
    like(world, "photo:149")
    noticed = await watched(page)

    await page.goto(world.page(gallery(150) + gallery(150)))
    await is_shown(of(page, "photo:0").first, 2, mine=False)
    await is_shown(of(page, "photo:149").last, 1, mine=False)
    await settle(page)

    assert [len(subjects) for subjects in asked_for(noticed)] == [150]
    assert noticed.asked("/session") == []
    assert noticed.lines == []
    assert await seen(page, "shift") == 0
    assert await storage(page) == {"local": [], "session": [], "databases": [], "caches": [], "workers": []}
    assert (
        await of(page, "photo:7").first.evaluate("(it) => it.getAttribute('style') ?? it.shadowRoot") is None
    )


async def test_300_photos_are_two_requests_and_everybodys_own_is_asked_for_in_as_many(
    world: World, page: Page
) -> None:
    await page.goto(world.page(gallery(300)))
    await of(page, "photo:299").click()
    await is_shown(of(page, "photo:299"), 1, mine=True)
    noticed = await watched(page)

    await page.reload()
    await is_shown(of(page, "photo:299"), 1, mine=True)

    assert [len(subjects) for subjects in asked_for(noticed)] == [200, 100]
    assert len(noticed.asked("/session")) == 2


async def test_a_like_is_shown_at_once_survives_a_reload_and_is_taken_back(world: World, page: Page) -> None:
    await page.add_init_script(HEAR)
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    await page.goto(world.page(button("photo:17") + button("photo:18")))
    photo = of(page, "photo:17")
    await is_shown(photo, 0, mine=False)
    await page.route("**/interactions", hold)

    await photo.click()
    await is_shown(photo, 1, mine=True)
    assert likes(world, "photo:17") == 0

    async with page.expect_response("**/interactions"):
        await held.pop().continue_()
    await page.unroute("**/interactions")
    await page.wait_for_function("heard.length === 2")

    assert await page.evaluate("heard") == [
        ["before-post", "photo:17", "like"],
        ["posted", "photo:17", "like"],
    ]
    assert likes(world, "photo:17") == 1

    like(world, "photo:17")
    await page.reload()
    await is_shown(photo, 2, mine=True)
    await is_shown(of(page, "photo:18"), 0, mine=False)

    async with page.expect_response("**/interactions"):
        await photo.click()
    await is_shown(photo, 1, mine=False)
    assert likes(world, "photo:17") == 1


async def test_two_people_see_each_their_own(world: World, page: Page, browser: Browser) -> None:
    address = world.page(button("photo:1") + button("photo:2"))
    await page.goto(address)
    await of(page, "photo:1").click()
    await is_shown(of(page, "photo:1"), 1, mine=True)
    await page.wait_for_function("Object.keys(localStorage).length")

    async with await browser.new_context() as other:
        theirs = await other.new_page()
        await theirs.goto(address)
        await is_shown(of(theirs, "photo:1"), 1, mine=False)
        async with theirs.expect_response("**/interactions"):
            await of(theirs, "photo:2").click()
    await page.reload()

    await is_shown(of(page, "photo:1"), 1, mine=True)
    await is_shown(of(page, "photo:2"), 1, mine=False)


async def test_buttons_that_come_later_are_bound_and_those_that_go_are_forgotten(
    world: World, page: Page
) -> None:
    like(world, "late")
    noticed = await watched(page)
    await page.goto(world.page("<div id=place></div>"))
    await settle(page)

    assert noticed.asked("/own.js") == []

    await page.evaluate("(html) => { place.innerHTML = `<section>${html}</section>` }", button("late"))
    await is_shown(of(page, "late"), 1, mine=False)
    await page.evaluate("(html) => { place.innerHTML = `<section>${html}</section>` }", button("later"))
    await is_shown(of(page, "later"), 0, mine=False)
    await page.evaluate("place.querySelector('button').dataset.transomLike = 'late'")
    await is_shown(of(page, "late"), 1, mine=False)
    await of(page, "late").click()
    await is_shown(of(page, "late"), 2, mine=True)

    assert len(noticed.asked("/own.js")) == 1
    assert asked_for(noticed) == [["late"], ["later"], ["late"]]

    await page.evaluate("place.replaceChildren()")
    await page.evaluate("() => transom.refresh()")
    await settle(page)

    assert len(noticed.asked("/page")) == 3


async def test_the_keyboard_works_and_a_form_around_it_is_not_sent(world: World, page: Page) -> None:
    await page.goto(world.page(f"<form action=/sent>{button('photo:1')}</form>"))
    photo = of(page, "photo:1")
    await is_shown(photo, 0, mine=False)
    await photo.focus()

    await page.keyboard.press("Enter")
    await is_shown(photo, 1, mine=True)
    await page.keyboard.press("Space")
    await is_shown(photo, 0, mine=False)

    await expect(photo).to_be_focused()
    assert page.url == f"{world.blog}/post"


async def test_quick_presses_end_as_the_last_one_says(world: World, page: Page) -> None:
    await page.goto(world.page(button("photo:1") * 2))
    photo = of(page, "photo:1")
    await is_shown(photo.first, 0, mine=False)
    answered: list[str] = []
    page.on("response", lambda answer: answered.append(answer.url) if "interactions" in answer.url else None)

    await photo.first.evaluate("(it) => { it.click(); it.click(); it.click() }")
    while len(answered) < 3:
        await page.wait_for_event("response")

    await is_shown(photo.first, 1, mine=True)
    await is_shown(photo.last, 1, mine=True)
    assert likes(world, "photo:1") == 1


async def test_what_is_refused_is_taken_back_and_what_the_page_forbids_is_not_done(
    world: World, page: Page
) -> None:
    await page.add_init_script(HEAR)
    await page.goto(world.page(button("photo:1")))
    photo = of(page, "photo:1")
    await is_shown(photo, 0, mine=False)
    refusal = '{"code": "rate_limited", "detail": "Slowly."}'
    await page.route("**/interactions", lambda route: route.fulfill(status=429, body=refusal))

    await photo.click()
    await page.wait_for_function("globalThis.heard?.length === 2")

    await is_shown(photo, 0, mine=False)
    assert await page.evaluate("heard") == [
        ["before-post", "photo:1", "like"],
        ["error", "photo:1", "rate_limited"],
    ]

    await page.unroute("**/interactions")
    await page.evaluate("addEventListener('transom-before-post', (event) => event.preventDefault())")
    await photo.click()

    await is_shown(photo, 0, mine=False)
    assert likes(world, "photo:1") == 0


async def test_without_a_name_it_is_about_the_page_and_an_element_beside_it_is_the_same_person(
    world: World, page: Page
) -> None:
    await page.goto(world.page("<button data-transom-like>Like</button><transom-like></transom-like>"))
    own, element = page.locator("[data-transom-like]"), page.locator("transom-like button")
    await expect(own).to_have_attribute("aria-pressed", "false")
    await element.wait_for()

    await page.evaluate(
        """() => {
            document.querySelector('transom-like').shadowRoot.querySelector('button').click();
            document.querySelector('[data-transom-like]').click();
        }"""
    )
    await expect(own).to_have_attribute("aria-pressed", "true")
    await expect(element).to_have_attribute("aria-pressed", "true")
    await page.wait_for_function("Object.keys(sessionStorage).length === 0")

    assert (await own.text_content(), world.likes()) == ("Like", 1)


async def test_it_works_under_a_strict_policy(world: World, page: Page) -> None:
    noticed = await watched(page)
    await page.goto(world.page(button("photo:1"), strict=True))
    async with page.expect_response("**/interactions"):
        await of(page, "photo:1").click()

    await is_shown(of(page, "photo:1"), 1, mine=True)
    assert await seen(page, "violations") == []
    assert noticed.lines == []
