"""A server that listens, with a widget that a test has brought, and its neighbours: likes and comments."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import uvicorn

from tests import databases
from tests.http.rogue import as_extra
from tests.http.world import UNLIMITED
from tools.ports import free_port
from widget_server.app import Server, opened
from widget_server.opening import DATABASE
from widget_server.settings import load
from widget_server.store import sites
from widget_server.vocabulary import Site, SiteSettings
from widget_server.widgets.base import Widget

BLOG = "https://blog.example"
NEIGHBOURS = ("like", "comments")
PATIENCE = 30.0


@dataclass(slots=True)
class Street:
    """A server with neighbours, as browsers see it."""

    server: Server
    client: httpx.AsyncClient
    folder: Path
    tokens: dict[str, str] = field(default_factory=dict)

    async def act(self, widget: str, action: str, who: str = "Charlie", **fields: str) -> httpx.Response:
        """Do something on a page."""
        known = {"token": self.tokens[who]} if who in self.tokens else {}
        sent = {"subject": "a", "widget": widget, "action": action, "format": "json", **known, **fields}
        answer = await self.client.post("/v1/blog/interactions", data=sent, headers={"origin": BLOG})
        if answer.status_code == httpx.codes.OK:
            self.tokens[who] = answer.json().get("token", known.get("token"))
        return answer

    async def page(self, subject: str = "a", **query: str) -> dict[str, Any]:
        """What everybody sees of a page."""
        answer = await self.client.get("/v1/blog/page", params={"subject": subject, **query})
        assert answer.status_code == httpx.codes.OK, answer.text
        told: dict[str, Any] = answer.json()
        return told

    async def me(self, action: str, who: str = "Charlie") -> dict[str, Any]:
        """What is held about a person, or its end."""
        sent = {"action": action, "token": self.tokens[who]}
        answer = await self.client.post("/v1/blog/me", data=sent, headers={"origin": BLOG})
        assert answer.status_code == httpx.codes.OK, answer.text
        told: dict[str, Any] = answer.json()
        return told

    async def neighbours(self, subject: str = "a", **query: str) -> dict[str, Any]:
        """What the neighbours show there."""
        told = (await self.page(subject, **query))["widgets"]
        return {name: told[name] for name in NEIGHBOURS}

    async def goes_on(self, subject: str, who: str = "Dana") -> None:
        """Everything that has nothing to do with the plug-in is done at a new place and seen, as ever."""
        liked = await self.act("like", "like", who, subject=subject)
        said = await self.act("comments", "comment", who, subject=subject, text="Here, too")
        shown = await self.page(subject, widgets=",".join(NEIGHBOURS))

        assert (liked.status_code, said.status_code) == (200, 200)
        assert shown["degraded"] == []
        assert (shown["widgets"]["like"]["count"], shown["widgets"]["comments"]["count"]) == (1, 1)

    async def until(self, calls: Sequence[object]) -> None:
        """Wait until a plug-in was called."""
        while not calls:  # noqa: ASYNC110 - it is called on another thread
            await asyncio.sleep(0.005)

    async def rows(self, query: str) -> list[tuple[Any, ...]]:
        """What the database answers."""
        return await asyncio.to_thread(databases.rows, self.folder / DATABASE, query)


@asynccontextmanager
async def street(folder: Path, *widgets: Widget, **chosen: object) -> AsyncIterator[Street]:
    """The server on a port of this machine; `chosen` are settings of it."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    values: Mapping[str, object] = {"data": str(folder), "public_url": url, **UNLIMITED, **chosen}
    async with opened(load({}, None, values), extra=as_extra(*widgets)) as server:
        if not await server.house.database.read(sites.every()):
            await server.house.database.write(sites.add(Site("blog", "Blog", (BLOG,), SiteSettings(), 0)))
        serving = uvicorn.Server(uvicorn.Config(server.app, port=port, log_level="error", lifespan="off"))
        task = asyncio.create_task(serving.serve())
        try:
            async with httpx.AsyncClient(base_url=url, timeout=PATIENCE) as client:
                while not serving.started:  # noqa: ASYNC110 - uvicorn has no event for it
                    await asyncio.sleep(0.005)
                yield Street(server, client, folder)
        finally:
            serving.should_exit = True
            await task
