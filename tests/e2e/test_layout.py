"""Nothing moves under a reader's eyes, and what a page with a thread costs is little."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest
from playwright.async_api import Page, Route

from tests.e2e.conftest import EVERYTHING, World
from tests.e2e.reading import filled, read, seen, settle, thread, watched

pytestmark = pytest.mark.asyncio(loop_scope="session")

SLOW_4G = {
    "offline": False,
    "latency": 562.5,  # ms
    "downloadThroughput": 1.6e6 * 0.9 / 8,  # bytes a second
    "uploadThroughput": 750e3 * 0.9 / 8,
}
PARAGRAPH = "<p>Somebody wrote a long text about something, and this is one of its many paragraphs.</p>"
LONG = (
    "<p><transom-like></transom-like> <transom-count></transom-count></p>"
    f"{PARAGRAPH * 250}"
    '<transom-comments class="transom-reserve"></transom-comments>'
    f"<footer>{PARAGRAPH * 20}</footer>"
)
HURRY = """(speed) => new Promise((done) => {
  const start = performance.now();
  const step = (now) => {
    const end = document.documentElement.scrollHeight - innerHeight;
    scrollTo(0, Math.min(end, (now - start) / 1000 * speed));
    scrollY >= end - 1 ? done() : requestAnimationFrame(step);
  };
  requestAnimationFrame(step);
})"""
BUDGET = 15_000  # bytes


@pytest.mark.parametrize("count", [0, 1, 100, 1_000])
async def test_nothing_moves_while_a_reader_hurries_down_on_a_slow_network(
    world: World, page: Page, count: int
) -> None:
    await filled(world, count, replies=count // 2)
    await slow_down(page)
    noticed = await watched(page)

    await page.goto(world.page(LONG), wait_until="commit")
    await page.locator("footer").wait_for(state="attached")
    await page.evaluate(HURRY, 3_000)
    await thread(page).locator("#heading").wait_for()
    await settle(page)

    assert await seen(page, "shifts") == []
    # An open page reads itself once more when it begins to hear of others.
    assert len(noticed.asked("/page")) <= 1 + len(noticed.asked("/live"))


async def test_nothing_moves_when_the_thread_stands_on_the_first_screen(world: World, page: Page) -> None:
    world.act("Alice", "comment", text="A word")
    await slow_down(page)
    await watched(page)

    await read(page, world.page(EVERYTHING + "<footer>The end</footer>"))
    await settle(page)

    assert await seen(page, "shifts") == []


async def test_the_watch_would_see_something_move(world: World, page: Page) -> None:
    await filled(world, 20)
    await watched(page)

    await read(page, world.page("<transom-comments></transom-comments><footer>The end</footer>"))
    await settle(page)

    assert await seen(page, "shift") > 0


@pytest.mark.parametrize("likes", [0, 1, 120])
async def test_a_like_and_a_count_keep_their_size_from_before_they_are_filled(
    world: World, page: Page, likes: int
) -> None:
    for number in range(likes):
        world.act(f"Person {number}", "like")
    await page.route("**/page?*", lambda route: route.abort())
    await page.goto(world.page(path="/empty"))
    await settle(page)
    empty = await sizes(page)
    await page.unroute_all()

    await read(page, world.page())
    full = await sizes(page)
    await page.locator("transom-like button").click()
    await page.locator("transom-like [aria-pressed=true]:not(form[aria-busy] *)").wait_for()
    liked = await sizes(page)

    assert empty == full == liked


async def test_a_hundred_comments_take_two_requests_of_little_size(world: World, page: Page) -> None:
    await filled(world, 100, replies=60)
    answers = []
    page.on("response", lambda answer: answers.append(answer))  # noqa: PLW0108 - it looks at the signature

    await read(page, world.page())
    await settle(page)
    asked = [
        answer
        for answer in answers
        if urlsplit(answer.url).netloc == urlsplit(world.server).netloc and not answer.url.endswith(".css")
    ]

    assert await thread(page).locator("article").count() == 100
    assert len(asked) == 2
    assert [await answer.header_value("content-encoding") for answer in asked] == ["br", "br"]
    assert sum([(await answer.request.sizes())["responseBodySize"] for answer in asked]) <= BUDGET


async def test_what_is_far_below_is_fetched_when_the_reader_comes_near(world: World, page: Page) -> None:
    noticed = await watched(page)
    waiting: list[Route] = []
    await page.route("**/never.png", lambda route: waiting.append(route))  # noqa: PLW0108 - Playwright asks
    body = (
        '<img src="/never.png" width="1" height="1" alt=""><transom-like subject="near"></transom-like>'
        '<div id="gap"></div><transom-like subject="far"></transom-like>'
        "<script>document.querySelector('#gap').style.height = '10000px'</script>"
    )

    await page.goto(world.page(body), wait_until="commit")
    await page.locator("[subject=near] button").wait_for()
    await page.evaluate("() => new Promise((done) => requestIdleCallback(() => requestAnimationFrame(done)))")
    before = [address for address in noticed.asked("/page") if "subject=far" in address]
    await page.evaluate("() => scrollTo(0, 8000)")
    await page.locator("[subject=far] button").wait_for()

    assert before == []
    assert len(waiting) == 1
    await waiting[0].abort()


async def test_what_is_far_below_is_fetched_when_the_browser_has_time(world: World, page: Page) -> None:
    body = '<div id="gap"></div><transom-like subject="far"></transom-like>'
    script = "<script>document.querySelector('#gap').style.height = '10000px'</script>"

    await page.goto(world.page(body + script))

    await page.locator("[subject=far] button").wait_for()


async def test_who_saves_data_fetches_only_what_is_near(world: World, page: Page) -> None:
    noticed = await watched(page)
    await page.add_init_script(
        "Object.defineProperty(navigator, 'connection', { value: { saveData: true } })"
    )
    body = (
        '<transom-like subject="near"></transom-like>'
        '<div id="gap"></div><transom-like subject="far"></transom-like>'
        "<script>document.querySelector('#gap').style.height = '10000px'</script>"
    )

    await page.goto(world.page(body))
    await page.locator("[subject=near] button").wait_for()
    await settle(page)
    before = [address for address in noticed.asked("/page") if "subject=far" in address]
    await page.evaluate("() => scrollTo(0, 8000)")
    await page.locator("[subject=far] button").wait_for()

    assert before == []


async def slow_down(page: Page) -> None:
    """Give a tab the network of a train."""
    protocol = await page.context.new_cdp_session(page)
    await protocol.send("Network.enable")
    await protocol.send("Network.emulateNetworkConditions", SLOW_4G)


async def sizes(page: Page) -> list[float]:
    """Where a like stands and how much room it takes, and from where to where a count goes in its line."""
    found: list[float] = await page.evaluate(
        """() => {
          const [like, count] = ['transom-like', 'transom-count'].map((name) =>
            document.querySelector(name).getBoundingClientRect());
          return [like.x, like.y, like.width, like.height, count.x, count.width];
        }"""
    )
    return found
