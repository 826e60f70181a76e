"""What readers do and what their browser notices: shared by the browser's tests."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from io import BytesIO
from typing import Any
from urllib.parse import urlsplit

from playwright.async_api import BrowserContext, ConsoleMessage, Dialog, Locator, Page

from tests.e2e.conftest import World
from widget_server.opening import database_of, now
from widget_server.transfer.importing import import_file
from widget_server.transfer.wordpress import WORDPRESS

WATCH = """
globalThis.name = 'watched';
const seen = { violations: [], shift: 0, shifts: [], tasks: [] };
Object.defineProperty(globalThis, Symbol.for('seen'), { value: seen });
addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI, sample }) =>
  seen.violations.push(`${violatedDirective} ${blockedURI} ${sample}`), true);
new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) {
    seen.shift += entry.value;
    seen.shifts.push(`${entry.value.toFixed(4)} ${entry.sources.map(({ node, previousRect: a, currentRect: b }) =>
      `${node?.nodeName}.${node?.className ?? ''} ${a.top}+${a.height} to ${b.top}+${b.height}`)}`);
  }
}).observe({ type: 'layout-shift', buffered: true });
new PerformanceObserver((list) => seen.tasks.push(...list.getEntries().map(({ duration }) => duration)))
  .observe({ type: 'longtask', buffered: true });
"""
"""Notes what breaks a page's policy, what moves, and what keeps the browser from answering its reader."""

SETTLED = """() => new Promise((done) => {
  // A blinking caret can keep a browser busy for ever.
  const idle = (n) =>
    requestIdleCallback(() => requestAnimationFrame(() => n ? idle(n - 1) : done()), { timeout: 500 });
  document.readyState === 'complete' ? idle(2) : addEventListener('load', () => idle(2));
})"""


@dataclass(slots=True)
class Noticed:
    """What a tab asked for, said and suffered."""

    requests: list[str] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)
    dialogs: list[str] = field(default_factory=list)

    @property
    def hosts(self) -> set[str]:
        """Whom the tab spoke to."""
        return {urlsplit(address).netloc for address in self.requests if urlsplit(address).netloc}

    def asked(self, path: str) -> list[str]:
        """The requests whose path ends like this."""
        return [address for address in self.requests if urlsplit(address).path.endswith(path)]


async def watched(page: Page) -> Noticed:
    """Notice everything from now on; call it before a page is opened."""
    noticed = Noticed()
    page.on("request", lambda request: noticed.requests.append(request.url))
    page.on("requestfailed", lambda request: noticed.failed.append(request.url))
    page.on("pageerror", lambda error: noticed.lines.append(str(error)))

    def heard(line: ConsoleMessage) -> None:
        # The blog has no icon; that is no matter of the widgets'.
        if line.type in {"error", "warning"} and not line.location["url"].endswith("/favicon.ico"):
            noticed.lines.append(line.text)

    page.on("console", heard)

    async def dismissed(dialog: Dialog) -> None:
        noticed.dialogs.append(dialog.message)
        await dialog.dismiss()

    page.on("dialog", dismissed)
    await page.add_init_script(WATCH)
    return noticed


async def seen(page: Page, what: str) -> Any:  # noqa: ANN401 - whatever WATCH keeps there
    """What the watching script noticed."""
    return await page.evaluate(f"() => globalThis[Symbol.for('seen')].{what}")


async def settle(page: Page) -> None:
    """Wait until the page has loaded and the browser has nothing better to do."""
    await page.evaluate(SETTLED)


async def read(page: Page, address: str) -> None:
    """Open a page and wait for its thread."""
    await page.goto(address)
    await thread(page).locator("#heading").wait_for()


def thread(page: Page) -> Locator:
    """The thread of a page."""
    return page.locator("transom-comments").first


def form(page: Page) -> Locator:
    """The form for a new comment."""
    return thread(page).locator("#compose")


def comment(page: Page, text: str) -> Locator:
    """The comment whose own text holds this."""
    return thread(page).locator("article", has=page.locator(f":scope > [part=text]:has-text({text!r})"))


async def write(page: Page, text: str, name: str = "") -> Locator:
    """Post a comment and wait until it stands in the thread."""
    await form(page).locator("textarea").fill(text)
    if name:
        await form(page).locator("[name=name]").fill(name)
    await form(page).locator("button[value=comment]").click()
    posted = comment(page, text)
    await posted.wait_for()
    return posted


async def show_more(page: Page) -> None:
    """Ask for the next comments and wait for the first of them."""
    articles = thread(page).locator("article")
    number = await articles.count()
    await thread(page).get_by_text("Show more comments").click()
    await articles.nth(number).wait_for(state="attached")


async def act_everywhere(page: Page) -> None:
    """Like, comment, reply, edit, delete, take the like back; each is waited for."""
    like = page.locator("transom-like button")
    await like.click()
    await page.locator("transom-like [aria-pressed=true]:not(form[aria-busy] *)").wait_for()
    first = await write(page, "A first thought", "Charlie")
    await first.locator("> footer [data-reply]").click()
    reply = thread(page).locator("form[id^=r-]")
    await reply.locator("textarea").fill("An answer to it")
    await reply.locator("button[value=comment]").click()
    answer = comment(page, "An answer to it")
    await answer.wait_for()
    await answer.locator("> footer summary").first.click()
    await answer.locator("form[id^=e-] textarea").fill("A better answer to it")
    await answer.locator("button[value=edit]").click()
    better = comment(page, "A better answer to it")
    await better.locator("> footer summary").last.click()
    await better.locator("button[value=delete]").click()
    await thread(page).locator("[part=tombstone]").wait_for()
    await like.click()
    await page.locator("transom-like [aria-pressed=false]").wait_for()


async def storage(page: Page) -> dict[str, list[str]]:
    """The names of all that the origin of a tab keeps in the browser."""
    found: dict[str, list[str]] = await page.evaluate(
        """async () => ({
          local: Object.keys(localStorage),
          session: Object.keys(sessionStorage),
          databases: (await indexedDB.databases()).map(({ name }) => name),
          caches: globalThis.caches ? await caches.keys() : [],
          workers: (await navigator.serviceWorker?.getRegistrations() ?? []).map(({ scope }) => scope),
        })"""
    )
    return found


async def cookies(context: BrowserContext) -> list[str]:
    """The names of all cookies that a reader holds."""
    return [f"{cookie.get('name')}" for cookie in await context.cookies()]


EXPORT = """<?xml version="1.0"?><rss xmlns:wp="http://wordpress.org/export/1.2/"><channel>
<wp:wxr_version>1.2</wp:wxr_version><item><title>A page</title><link>{url}</link><wp:post_id>1</wp:post_id>
<wp:post_type>post</wp:post_type><wp:status>publish</wp:status>{comments}</item></channel></rss>"""

ONE = """<wp:comment><wp:comment_id>{id}</wp:comment_id><wp:comment_author>Person {id}</wp:comment_author>
<wp:comment_date_gmt>{time:%Y-%m-%d %H:%M:%S}</wp:comment_date_gmt><wp:comment_approved>1</wp:comment_approved>
<wp:comment_content>Comment {id}: {text}</wp:comment_content><wp:comment_parent>{parent}</wp:comment_parent>
</wp:comment>"""


async def filled(world: World, count: int, path: str = "/post", *, replies: int = 0) -> None:
    """A page's thread of `count` comments that came from elsewhere; `replies` of them stand below others."""
    if count:
        roots = count - replies
        comments = "".join(
            ONE.format(
                id=number,
                parent=number - roots if number > roots else 0,
                time=datetime(2024, 5, 1, tzinfo=UTC) + timedelta(minutes=number),
                text=f"words that somebody wrote about it, and then wrote once more. {'Or more. ' * (number % 7)}",
            )
            for number in range(1, count + 1)
        )
        file = BytesIO(EXPORT.format(url=world.blog + path, comments=comments).encode())
        async with database_of(world.settings) as database:
            report = await import_file(file, WORDPRESS, "blog", database, now=now())
        assert report.inserted == count


@contextmanager
def unreachable(world: World) -> Iterator[None]:
    """Nobody listens where the server was."""
    world.listening.stop()
    try:
        yield
    finally:
        world.listening.start()


async def said(page: Page) -> str:
    """What the thread's live regions hold."""
    regions = thread(page).locator("output:not(:empty)")
    return "\n".join(await regions.all_inner_texts()).strip()
