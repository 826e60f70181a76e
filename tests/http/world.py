"""A server on a folder of its own, and the people who meet there: Alice, Bob, Charlie and Dana."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from contextvars import ContextVar
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx

from tests import databases
from tests.http.clock import NOON, Clock
from tests.http.ways import Straight, Transports, Way
from widget_server import settings
from widget_server.app import Server, opened
from widget_server.doing import Doing, Outcome
from widget_server.ids import uuid7
from widget_server.interact import perform
from widget_server.moderation.pipeline import Check
from widget_server.notify.base import Notifier
from widget_server.opening import DATABASE
from widget_server.plugins import Plugin
from widget_server.store import moderators, sites
from widget_server.store.changes import touched
from widget_server.store.moderators import Moderator
from widget_server.vocabulary import Person, PersonKind, Role, Site, SiteSettings, Subject, Transaction
from widget_server.widgets.base import Widget

SITE = "blog"
OTHER_SITE = "shop"
PAGE = "https://blog.example"
OTHER_PAGE = "https://shop.example"
HOST = "https://talk.example"

UNLIMITED: Mapping[str, object] = {
    "rate_client": 1_000_000,
    "rate_person": 1_000_000,
    "rate_site": 1_000_000,
    "rate_new": 1_000_000,
    "rate_read": 1_000_000,
}
"""So that a test meets a limit only where it asks for one."""


STRAIGHT = Straight()
WAY: ContextVar[Way] = ContextVar("way", default=STRAIGHT)
"""How the requests of the test at hand come to its servers."""


class Visitor:
    """Somebody on a page of a site, whose browser keeps the token."""

    def __init__(self, client: httpx.AsyncClient, name: str, site: str = SITE, page: str = PAGE) -> None:
        self.client = client
        self.name = name
        self.site = site
        self.origin = page
        self.token: str | None = None

    async def post(self, where: str = "interactions", /, **fields: object) -> httpx.Response:
        """Send fields as the page's script does; a token that comes back is kept."""
        return await self._send(where, fields, as_json=False)

    async def post_json(self, where: str = "interactions", /, **fields: object) -> httpx.Response:
        """Send them as JSON."""
        return await self._send(where, fields, as_json=True)

    async def _send(self, where: str, fields: Mapping[str, object], *, as_json: bool) -> httpx.Response:
        sent = {"subject": "a", "token": self.token, **fields}
        if not as_json:
            sent = {name: value for name, value in sent.items() if value is not None}
        elif self.token is None and "token" not in fields:
            del sent["token"]
        answer = await self.client.post(
            f"/v1/{self.site}/{where}",
            headers={"origin": self.origin, "accept": "application/json"},
            data=None if as_json else sent,
            json=sent if as_json else None,
        )
        if answer.status_code == 200:
            self.token = answer.json().get("token", self.token)
        return answer

    async def like(self, **fields: object) -> httpx.Response:
        """Like a subject."""
        return await self.post(widget="like", action="like", **fields)

    async def unlike(self, **fields: object) -> httpx.Response:
        """Take the like back."""
        return await self.post(widget="like", action="unlike", **fields)

    async def comment(self, text: str, **fields: object) -> httpx.Response:
        """Write a comment under the visitor's name."""
        return await self.post(
            **{
                "widget": "comments",
                "action": "comment",
                "text": text,
                "name": self.name,
                **fields,
            }
        )

    async def says(self, text: str, **fields: object) -> str:
        """Write a comment that is accepted, and give its id."""
        answer = await self.comment(text, **fields)
        assert answer.status_code == 200, answer.text
        return str(answer.json()["id"])

    async def edit(self, comment: str, text: str, **fields: object) -> httpx.Response:
        """Change a comment."""
        return await self.post(widget="comments", action="edit", id=comment, text=text, **fields)

    async def delete(self, comment: str, **fields: object) -> httpx.Response:
        """Take a comment back."""
        return await self.post(widget="comments", action="delete", id=comment, **fields)

    async def session(self, **fields: object) -> httpx.Response:
        """Ask what is one's own."""
        return await self.post("session", **fields)

    async def own(self, **fields: object) -> dict[str, Any]:
        """What is one's own, by widget."""
        answer = await self.session(**fields)
        assert answer.status_code == 200, answer.text
        widgets: dict[str, Any] = answer.json()["widgets"]
        return widgets


class World:
    """A running server, and all that a test may do with it."""

    def __init__(
        self, server: Server, clock: Clock, folder: Path, stack: AsyncExitStack, transports: Transports
    ) -> None:
        self.server = server
        self.clock = clock
        self.folder = folder
        self._stack = stack
        self._transports = transports
        self._clients: dict[str, httpx.AsyncClient] = {}

    @property
    def url(self) -> str:
        """The address under which browsers find the server."""
        return HOST + WAY.get().prefix

    @property
    def reader(self) -> httpx.AsyncClient:
        """A client for plain requests."""
        return self.client("192.0.2.1")

    def client(self, address: str, port: int = 40_000) -> httpx.AsyncClient:
        """A client that comes from an address."""
        if address not in self._clients:
            transport = self._transports(address, port)
            self._clients[address] = httpx.AsyncClient(transport=transport, base_url=self.url, timeout=60)
        return self._clients[address]

    def visitor(self, name: str, address: str = "203.0.113.7", site: str = SITE, page: str = PAGE) -> Visitor:
        """Somebody who comes from an address, unknown as yet."""
        return Visitor(self.client(address), name, site, page)

    async def page(self, subject: str = "a", site: str = SITE, **query: str) -> dict[str, Any]:
        """What everybody sees of a subject, by widget."""
        answer = await self.reader.get(f"/v1/{site}/page", params={"subject": subject, **query})
        assert answer.status_code == 200, answer.text
        widgets: dict[str, Any] = answer.json()["widgets"]
        return widgets

    async def thread(self, subject: str = "a", **query: str) -> dict[str, Any]:
        """A further part of a thread."""
        answer = await self.reader.get(
            f"/v1/{SITE}/thread", params={"subject": subject, "format": "json", **query}
        )
        assert answer.status_code == 200, answer.text
        part: dict[str, Any] = answer.json()
        return part

    async def settle(self, site: str = SITE, **chosen: Any) -> None:  # noqa: ANN401 - as `replace` takes them
        """Alice, who owns the site, changes its settings."""
        house = self.server.house
        known = await house.sites.get(site)
        changed = replace(known, settings=replace(known.settings, **chosen))
        await house.database.write(_change(changed))
        house.announce(site, "")

    async def judge(
        self,
        action: str,
        comment: str,
        *,
        subject: str = "a",
        site: str = SITE,
        widget: str = "comments",
        **fields: object,
    ) -> Outcome:
        """Bob, who moderates the site, decides on a text."""
        house = self.server.house
        doing = Doing(
            await house.sites.get(site),
            Subject(site, subject),
            widget,
            action,
            {"id": comment, **fields},
            Person(site, BOB, PersonKind.MODERATOR, "Bob"),
            self.clock.now,
            role=Role.MODERATOR,
        )
        return await perform(house, doing)

    async def dump(self) -> dict[str, list[tuple[Any, ...]]]:
        """Every row of every table."""
        return await asyncio.to_thread(databases.dump, self.folder / DATABASE)

    async def rows(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        """What the database answers."""
        return await asyncio.to_thread(databases.rows, self.folder / DATABASE, query, *values)

    async def close(self) -> None:
        """Close the server now, and not only with the test."""
        await self._stack.aclose()


BOB = uuid7(NOON - 1)


@asynccontextmanager
async def a_world(
    folder: Path,
    *,
    extra: Mapping[str, Plugin[Widget]] | None = None,
    checks: Mapping[str, Plugin[Check]] | None = None,
    notifiers: Mapping[str, Plugin[Notifier]] | None = None,
    **chosen: object,
) -> AsyncIterator[World]:
    """A server with two sites; `chosen` are settings of the server."""
    way = WAY.get()
    values = {"data": str(folder), "public_url": HOST + way.prefix, **UNLIMITED, **way.settings, **chosen}
    given = settings.load({}, None, values)
    clock = Clock()
    async with AsyncExitStack() as stack:
        server = await stack.enter_async_context(
            opened(
                given, clock=clock, monotonic=clock.monotonic, extra=extra, checks=checks, notifiers=notifiers
            )
        )
        database = server.house.database
        if not (await database.read(sites.every())):
            await database.write(_blog())
            await database.write(_shop())
        world = World(server, clock, folder, stack, await stack.enter_async_context(way.to(server.app)))
        yield world
        for client in world._clients.values():
            await client.aclose()


def _shop() -> Transaction[None]:
    yield from sites.add(Site(OTHER_SITE, "Shop", (OTHER_PAGE,), SiteSettings(), NOON))


def _blog() -> Transaction[None]:
    yield from sites.add(Site(SITE, "Blog", (PAGE,), SiteSettings(), NOON))
    alice = Moderator(SITE, uuid7(NOON - 2), "alice@blog.example", "Alice", "owner", NOON)
    yield from moderators.add(alice)
    yield from moderators.add(Moderator(SITE, BOB, "bob@blog.example", "Bob", "moderator", NOON))


def _change(site: Site) -> Transaction[None]:
    yield from sites.change(site)
    yield from touched(site.id, "")
