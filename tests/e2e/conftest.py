"""A server, a page of another origin that carries its widgets, and a browser that reads it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio
from playwright.async_api import Browser, BrowserContext, Page, async_playwright

from tools.ports import free_port
from widget_server.app import Lazy
from widget_server.opening import database_of, now
from widget_server.settings import Settings, load
from widget_server.store import sites
from widget_server.store.changes import touched
from widget_server.testing.running import Listening, Pages
from widget_server.vocabulary import Site, SiteSettings, Transaction

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]

DOCUMENT = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>A page</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="stylesheet" href="{server}/transom.css">
<script type="module" async src="{server}/transom.js" data-site="blog"></script>
</head><body><main><h1>A page</h1>{body}</main></body></html>"""

EVERYTHING = (
    "<p><transom-like></transom-like> <transom-count></transom-count></p>"
    '<transom-comments class="transom-reserve"></transom-comments>'
)

STRICT = (
    "default-src 'none'; script-src {server}; connect-src {server}; style-src {server}; img-src {server};"
    " frame-src {server}; require-trusted-types-for 'script'; trusted-types transom"
)

ROOMY = {"rate_client": 1_000_000, "rate_person": 1_000_000, "rate_site": 1_000_000, "rate_new": 1_000_000}


@dataclass(slots=True)
class World:
    """A server with the site `blog`, and the blog, which is served from another origin."""

    server: str
    blog: str
    settings: Settings
    listening: Listening
    pages: Pages
    tokens: dict[str, str] = field(default_factory=dict)

    def page(
        self, body: str = EVERYTHING, path: str = "/post", *, strict: bool = False, document: str = DOCUMENT
    ) -> str:
        """Put a page into the blog; gives its address."""
        policy = STRICT.format(server=self.server) if strict else None
        text = document.replace("{server}", self.server).replace("{body}", body)
        self.pages.documents[path] = (text, policy)
        return self.blog + path

    def key(self, path: str = "/post") -> str:
        """The subject of a page of the blog."""
        return self.blog.removeprefix("http://") + path

    def act(self, person: str, action: str, path: str = "/post", **fields: str) -> dict[str, Any]:
        """Do something as a person who is known by name, over HTTP."""
        known = {"token": self.tokens[person]} if person in self.tokens else {}
        about = {"subject": self.key(path), "url": self.blog + path, "title": "A page"}
        widget = "like" if action in {"like", "unlike"} else "comments"
        name = {"name": person} if action == "comment" else {}
        answer = httpx.post(
            f"{self.server}/v1/blog/interactions",
            data={**about, "widget": widget, "action": action, **name, **known, **fields},
            headers={"origin": self.blog, "accept": "application/json"},
        )
        assert answer.status_code == httpx.codes.OK, answer.text
        said: dict[str, Any] = answer.json()
        if "token" in said:
            self.tokens[person] = said["token"]
        return said

    def comments(self, path: str = "/post") -> list[dict[str, Any]]:
        """What readers see of a thread."""
        answer = httpx.get(
            f"{self.server}/v1/blog/page", params={"subject": self.key(path), "widgets": "comments"}
        )
        found: list[dict[str, Any]] = answer.json()["widgets"]["comments"]["comments"]
        return found

    def likes(self, path: str = "/post") -> int:
        """How many like a page."""
        answer = httpx.get(
            f"{self.server}/v1/blog/page", params={"subject": self.key(path), "widgets": "like"}
        )
        count: int = answer.json()["widgets"]["like"]["count"]
        return count


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """A fresh server and a blog without pages."""
    yield from build_world(tmp_path)


@pytest.fixture
def held_world(tmp_path: Path) -> Iterator[World]:
    """The same, on a site whose moderators see every comment first."""
    yield from build_world(tmp_path, mode="all_held")


def build_world(
    folder: Path,
    plugins: Sequence[str] = (),
    **chosen: Any,  # noqa: ANN401 - each setting has its own type
) -> Iterator[World]:
    """Start both servers; stop them afterwards. `plugins` are files, as the server's settings name them."""
    both = Listening(free_port()), Listening(free_port())
    server, blog = (listening.address for listening in both)
    settings = load(
        {}, overrides={"data": folder / "data", "public_url": server, "plugins": plugins, **ROOMY}
    )
    asyncio.run(_make(settings, blog, SiteSettings(**chosen)))
    pages = Pages()
    both[0].app, both[1].app = Lazy(settings), pages
    try:
        for listening in both:
            listening.start()
        yield World(server, blog, settings, both[0], pages)
    finally:
        for listening in both:
            listening.stop()


async def _make(settings: Settings, blog: str, chosen: SiteSettings) -> None:
    def transaction() -> Transaction[None]:
        yield from sites.add(Site("blog", "Blog", (blog,), chosen, now()))
        yield from touched("blog", "")

    async with database_of(settings) as database:
        await database.write(transaction())


@pytest_asyncio.fixture(loop_scope="session", scope="session")
async def browser(chromium: str) -> AsyncIterator[Browser]:
    """One browser for all tests."""
    async with async_playwright() as playwright:
        started = await playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        yield started
        await started.close()


@pytest_asyncio.fixture(loop_scope="session")
async def reader(browser: Browser) -> AsyncIterator[BrowserContext]:
    """A reader with nothing remembered."""
    context = await browser.new_context(locale="en-GB", timezone_id="Europe/Berlin")
    context.set_default_timeout(8_000)
    yield context
    await context.close()


@pytest_asyncio.fixture(loop_scope="session")
async def page(reader: BrowserContext) -> Page:
    """An empty tab."""
    return await reader.new_page()
