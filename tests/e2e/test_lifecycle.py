"""Elements come, move, change and go at any time, and leave nothing behind."""

from __future__ import annotations

import pytest
from playwright.async_api import CDPSession, Page, Route

from tests.e2e.conftest import DOCUMENT, EVERYTHING, World
from tests.e2e.reading import comment, read, settle, thread, watched, write

pytestmark = pytest.mark.asyncio(loop_scope="session")

CYCLES = 1_000
LIVING = {
    "observers": "IntersectionObserver.prototype",
    "sheets": "CSSStyleSheet.prototype",
    "sockets": "WebSocket.prototype",
    "streams": "EventSource.prototype",
    "elements": "customElements.get('transom-comments').prototype",
}
TIMERS = """
const timers = new Set(), { setTimeout, clearTimeout, setInterval, clearInterval } = globalThis;
globalThis.setTimeout = (act, wait, ...more) => {
  const id = setTimeout(() => { timers.delete(id); act(...more); }, wait);
  timers.add(id);
  return id;
};
globalThis.clearTimeout = (id) => { timers.delete(id); clearTimeout(id); };
globalThis.setInterval = (...all) => { const id = setInterval(...all); timers.add(id); return id; };
globalThis.clearInterval = (id) => { timers.delete(id); clearInterval(id); };
Object.defineProperty(globalThis, Symbol.for('timers'), { value: timers });
"""
MOUNT = """async ([from, to]) => {
  const tags = ['transom-comments', 'transom-like', 'transom-count'];
  for (let n = from; n < to; n++) {
    const it = document.createElement(tags[n % 3]);
    it.setAttribute('subject', `subject ${n % 5}`);
    // Most go before their answer comes, some when it is there.
    const ready = n % 20 ? null : new Promise((done) => it.addEventListener('transom-ready', done));
    document.querySelector('main').append(it);
    await ready;
    it.remove();
  }
}"""


async def test_a_thousand_elements_that_came_and_went_leave_nothing(world: World, page: Page) -> None:
    await page.add_init_script(TIMERS)
    async with page.expect_response("**/live?*"):  # the second module is there, and follows the thread
        await read(page, world.page())
    await page.evaluate(MOUNT, [0, 40])
    protocol = await page.context.new_cdp_session(page)
    await protocol.send("Performance.enable")
    before = await living(page, protocol)

    await page.evaluate(MOUNT, [0, CYCLES])

    after = await living(page, protocol)
    assert {name: number - before[name] for name, number in after.items() if number > before[name]} == {}


async def test_the_count_of_what_lives_would_see_a_leak(world: World, page: Page) -> None:
    await page.add_init_script(TIMERS)
    await read(page, world.page())
    protocol = await page.context.new_cdp_session(page)
    await protocol.send("Performance.enable")
    before = await living(page, protocol)

    await page.evaluate(
        """() => {
          window.kept = [document.createElement('transom-comments'), new CSSStyleSheet(),
            new IntersectionObserver(() => {}), setTimeout(() => {}, 1e6)];
          addEventListener('resize', () => {});
        }"""
    )

    after = await living(page, protocol)
    assert {name: number - before[name] for name, number in after.items()} == {
        "Nodes": after["Nodes"] - before["Nodes"],
        "JSEventListeners": 1,
        "timers": 1,
        "observers": 1,
        "sheets": 1,
        "sockets": 0,
        "streams": 0,
        "elements": 1,
    }
    assert after["Nodes"] > before["Nodes"]


async def test_an_element_that_is_moved_keeps_working(world: World, page: Page) -> None:
    await read(page, world.page(EVERYTHING + '<section id="other"></section>'))
    await write(page, "Before the move")

    await page.evaluate(
        "() => document.querySelector('#other').append(document.querySelector('transom-comments'))"
    )
    await comment(page, "Before the move").wait_for()
    await write(page, "After the move")
    await page.evaluate(
        """() => {
          window.aside = document.querySelector('transom-comments');
          aside.remove();
        }"""
    )
    await page.evaluate("() => document.querySelector('main').prepend(aside)")
    await write(page, "After it was away")

    assert await thread(page).locator("article").count() == 3
    assert len(world.comments()) == 3


async def test_an_element_shows_its_new_subject_and_nothing_of_the_old(world: World, page: Page) -> None:
    world.act("Alice", "comment", text="About the page")
    await read(page, world.page())
    await comment(page, "About the page").wait_for()

    await page.evaluate("() => document.querySelector('transom-comments').setAttribute('subject', 'another')")
    await thread(page).locator(".empty").wait_for()
    await write(page, "About another")
    await page.evaluate("() => document.querySelector('transom-comments').removeAttribute('subject')")
    await comment(page, "About the page").wait_for()

    assert await comment(page, "About another").count() == 0


async def test_a_late_answer_for_one_subject_is_never_shown_on_another(world: World, page: Page) -> None:
    world.act("Alice", "comment", text="About the page")
    held: list[Route] = []

    async def hold(route: Route) -> None:
        held.append(route)

    await page.route(lambda address: "/page?" in address and "another" not in address, hold)
    async with page.expect_request(lambda request: "/page?" in request.url):
        await page.goto(world.page("<transom-comments></transom-comments>"))
    await page.evaluate("() => document.querySelector('transom-comments').setAttribute('subject', 'another')")
    await thread(page).locator(".empty").wait_for()
    async with page.expect_event("requestfinished", lambda request: "another" not in request.url):
        await held[0].continue_()
    await settle(page)

    assert await thread(page).locator("article").count() == 0
    assert await thread(page).locator(".empty").is_visible()


async def test_a_late_answer_to_an_element_that_went_is_nobodys(world: World, page: Page) -> None:
    noticed = await watched(page)
    held: list[Route] = []

    async def hold(route: Route) -> None:
        held.append(route)

    await page.route("**/page?*", hold)
    async with page.expect_request(lambda request: "/page?" in request.url):
        await page.goto(world.page("<transom-comments></transom-comments>"))
    await page.evaluate(
        """() => {
          window.gone = document.querySelector('transom-comments');
          gone.remove();
        }"""
    )
    async with page.expect_event("requestfinished", lambda request: "/page?" in request.url):
        await held[0].continue_()
    await settle(page)

    assert await page.evaluate("() => gone.shadowRoot?.querySelectorAll('article').length ?? 0") == 0
    assert noticed.lines == []


async def test_a_script_that_is_there_twice_is_one(world: World, page: Page) -> None:
    twice = DOCUMENT.replace(
        "</head>", '<script type="module" src="{server}/transom.js?again"></script></head>'
    )
    noticed = await watched(page)

    await read(page, world.page(document=twice))
    await settle(page)
    await write(page, "Said once")

    assert len(noticed.asked("/transom.js")) == 2
    assert len(noticed.asked("/page")) == 1
    assert len(noticed.asked("/interactions")) == 1
    assert noticed.lines == []


async def test_many_widgets_and_subjects_share_one_page(world: World, page: Page) -> None:
    world.act("Alice", "comment", text="About the page")
    noticed = await watched(page)
    body = (
        EVERYTHING
        + '<transom-like></transom-like><transom-like subject="b"></transom-like>'
        + '<transom-comments subject="b"></transom-comments>'
        + "".join(f'<transom-count subject="item {number}"></transom-count>' for number in range(30))
    )

    await read(page, world.page(body))
    await page.locator("[subject='item 29'] #count").wait_for()
    await page.locator("transom-comments[subject=b] .empty").wait_for()
    await page.locator("transom-like").first.locator("button").click()
    await page.locator("transom-like:not([subject]) [aria-pressed=true]").nth(1).wait_for()

    assert await page.locator("transom-like[subject=b] [aria-pressed=false]").count() == 1
    assert await page.locator("transom-comments[subject=b] article").count() == 0
    assert await page.locator("transom-comments:not([subject]) article").count() == 1
    assert len(noticed.asked("/page")) == 3  # this page, the subject with a thread, all others


async def test_elements_that_are_added_later_work(world: World, page: Page) -> None:
    world.act("Alice", "comment", text="About the page")
    await page.goto(world.page("<p>Nothing yet</p>"))
    await settle(page)

    await page.evaluate(
        """() => {
          document.querySelector('main').insertAdjacentHTML('beforeend', '<transom-comments></transom-comments>');
          document.querySelector('main').append(document.createElement('transom-like'));
        }"""
    )
    await comment(page, "About the page").wait_for()
    await page.locator("transom-like button").click()
    await page.locator("transom-like [aria-pressed=true]:not(form[aria-busy] *)").wait_for()

    assert world.likes() == 1


async def living(page: Page, protocol: CDPSession) -> dict[str, int]:
    """How many things of each kind live in a tab after its garbage is gone."""
    await settle(page)
    for _ in range(3):
        await protocol.send("HeapProfiler.collectGarbage")
    metrics = (await protocol.send("Performance.getMetrics"))["metrics"]
    found = {
        metric["name"]: int(metric["value"])
        for metric in metrics
        if metric["name"] in {"Nodes", "JSEventListeners"}
    }
    found["timers"] = await page.evaluate("() => globalThis[Symbol.for('timers')].size")
    for name, prototype in LIVING.items():
        kind = await protocol.send("Runtime.evaluate", {"expression": prototype, "objectGroup": "count"})
        all_of = await protocol.send(
            "Runtime.queryObjects",
            {"prototypeObjectId": kind["result"]["objectId"], "objectGroup": "count"},
        )
        length = await protocol.send(
            "Runtime.callFunctionOn",
            {
                "objectId": all_of["objects"]["objectId"],
                "functionDeclaration": "function () { return this.length }",
                "returnByValue": True,
            },
        )
        found[name] = length["result"]["value"]
    await protocol.send("Runtime.releaseObjectGroup", {"objectGroup": "count"})
    return found
