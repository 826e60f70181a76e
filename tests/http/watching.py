"""Somebody who watches a subject: a stream of events, over ASGI or through whatever stands before the server."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import httpx
from starlette.types import Message

from tests.http.world import PAGE, SITE, WAY, World

PATIENCE = 10.0


@dataclass(frozen=True, slots=True)
class Event:
    """One block of a stream: an event, or (without a name) what only moves the cursor or says when to come back."""

    name: str
    data: Any
    id: str
    retry: str


class Watcher:
    """A stream from the client's side."""

    def __init__(self) -> None:
        self.status = 0
        self.headers = httpx.Headers()
        self.body = b""
        self.is_over = False
        self.left = asyncio.Event()
        self._read = 0
        self._stirred = asyncio.Condition()

    @property
    def text(self) -> str:
        """All that has come so far."""
        return self.body.decode()

    async def feed(self, body: bytes, *, more: bool = True) -> None:
        """Some bytes came."""
        async with self._stirred:
            self.body += body
            self.is_over = not more
            self._stirred.notify_all()

    async def begun(self, status: int, headers: httpx.Headers) -> None:
        """The answer began."""
        async with self._stirred:
            self.status, self.headers = status, headers
            self._stirred.notify_all()

    async def until(self, what: str) -> None:
        """Wait for a text to have come, or with `status` and `end` for those."""
        async with asyncio.timeout(PATIENCE), self._stirred:
            await self._stirred.wait_for(lambda: self._has(what))

    def _has(self, what: str) -> bool:
        match what:
            case "status":
                return self.status > 0
            case "end":
                return self.is_over
            case _:
                return what.encode() in self.body

    async def block(self) -> Event:
        """The next block, whatever it is."""
        async with asyncio.timeout(PATIENCE), self._stirred:
            await self._stirred.wait_for(lambda: b"\n\n" in self.body[self._read :])
        end = self.body.index(b"\n\n", self._read)
        lines = self.body[self._read : end].decode().split("\n")
        self._read = end + 2
        fields = dict(line.split(": ", 1) for line in lines if ": " in line)
        data = json.loads(fields["data"]) if "data" in fields else None
        return Event(fields.get("event", ""), data, fields.get("id", ""), fields.get("retry", ""))

    async def event(self) -> Event:
        """The next event that has a name."""
        while not (found := await self.block()).name:
            pass
        return found

    async def changes(self) -> list[dict[str, str]]:
        """What the next event says has changed."""
        found = await self.event()
        assert found.name == "change", found
        changes: list[dict[str, str]] = found.data["changes"]
        return changes


@dataclass(frozen=True, slots=True)
class Question:
    """A request for a stream; `address` is its client's."""

    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    address: str


@asynccontextmanager
async def watching(
    world: World,
    subject: str = "a",
    *,
    site: str = SITE,
    address: str = "198.51.100.1",
    headers: Mapping[str, str] | None = None,
    after: str | None = None,
) -> AsyncIterator[Watcher]:
    """A stream, open for as long as the block runs; its first bytes are there, or its refusal."""
    watcher = Watcher()
    question = Question(
        path=f"/v1/{site}/live",
        query={"subject": subject, **({} if after is None else {"after": after})},
        headers={"origin": PAGE, **(headers or {})},
        address=address,
    )
    ask = _over_http if WAY.get().prefix else _over_asgi
    running = asyncio.create_task(ask(watcher, world, question))
    try:
        await watcher.until("status")
        if watcher.status == httpx.codes.OK:
            await watcher.until("retry: ")
        else:
            await watcher.until("end")
        yield watcher
    finally:
        watcher.left.set()
        async with asyncio.timeout(PATIENCE):
            await running


async def _over_http(watcher: Watcher, world: World, asked: Question) -> None:
    async with world.client(asked.address).stream(
        "GET", asked.path, params=asked.query, headers=asked.headers, timeout=PATIENCE
    ) as answer:
        await watcher.begun(answer.status_code, answer.headers)
        reading = asyncio.create_task(_read(watcher, answer))
        leaving = asyncio.create_task(watcher.left.wait())
        await asyncio.wait({reading, leaving}, return_when=asyncio.FIRST_COMPLETED)
        for task in (reading, leaving):
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task


async def _read(watcher: Watcher, answer: httpx.Response) -> None:
    with contextlib.suppress(httpx.RemoteProtocolError):  # broken off
        async for body in answer.aiter_raw():
            await watcher.feed(body)
    await watcher.feed(b"", more=False)


async def _over_asgi(watcher: Watcher, world: World, asked: Question) -> None:
    is_asked = False

    async def receive() -> Message:
        nonlocal is_asked
        if not is_asked:
            is_asked = True
            return {"type": "http.request", "body": b"", "more_body": False}
        leaving = asyncio.create_task(watcher.left.wait())
        ending = asyncio.create_task(watcher.until("end"))
        try:
            await asyncio.wait({leaving, ending}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            leaving.cancel()
            ending.cancel()
        return {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        if message["type"] == "http.response.start":
            await watcher.begun(message["status"], httpx.Headers(message["headers"]))
        else:
            await watcher.feed(message.get("body", b""), more=message.get("more_body", False))

    scope = {
        "type": "http",
        "method": "GET",
        "path": asked.path,
        "raw_path": asked.path.encode(),
        "query_string": urlencode(asked.query).encode(),
        "headers": [(name.encode(), value.encode()) for name, value in asked.headers.items()],
        "client": (asked.address, 40_000),
        "root_path": "",
        "state": {},
    }
    await world.server.app(scope, receive, send)
