"""HTTP by hand: each request on a connection of its own, and an answer that is whole or none."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

SITE = "blog"
PAGE = "https://blog.example"
PATIENCE = 60.0
"""Seconds for whatever must happen in the end, on a busy machine."""


class Unanswered(Exception):
    """The connection was refused, or ended before the answer was whole."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> dict[str, Any]:
        """The body's object."""
        told: dict[str, Any] = json.loads(self.body)
        return told

    @property
    def code(self) -> str:
        """The problem's code, else the status."""
        is_problem = self.headers["content-type"] == "application/problem+json"
        return str(self.json()["code"]) if is_problem else str(self.status)


async def until(holds: Callable[[], Awaitable[bool]], patience: float = PATIENCE) -> None:
    """Wait until it holds."""
    async with asyncio.timeout(patience):
        while not await holds():  # noqa: ASYNC110 - another process has no event
            await asyncio.sleep(0.01)


async def get(port: int, path: str, patience: float = PATIENCE) -> Answer:
    """Read something. Raises `Unanswered`, and `TimeoutError` where nobody says anything."""
    return await ask(
        port, f"GET {path} HTTP/1.1\r\nhost: talk\r\nconnection: close\r\n\r\n".encode(), patience
    )


async def post(port: int, patience: float = PATIENCE, **fields: str) -> Answer:
    """Interact, as a page's script does."""
    return await ask(port, written(**fields), patience)


def written(**fields: str) -> bytes:
    """The request that does so."""
    body = urlencode(fields)
    head = (
        f"POST /v1/{SITE}/interactions HTTP/1.1\r\nhost: talk\r\norigin: {PAGE}\r\nconnection: close\r\n"
        f"content-type: application/x-www-form-urlencoded\r\ncontent-length: {len(body)}\r\n\r\n"
    )
    return (head + body).encode()


async def ask(port: int, request: bytes, patience: float = PATIENCE) -> Answer:
    """Say something on a new connection, and hear the answer."""
    try:
        async with asyncio.timeout(patience):
            return answer_of(await _exchanged(port, request))
    except TimeoutError:
        raise
    except OSError as error:
        raise Unanswered from error


def answer_of(heard: bytes) -> Answer:
    """The answer, where all of it came."""
    head, _, body = heard.partition(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    if "content-length" not in headers or len(body) != int(headers["content-length"]):
        raise Unanswered
    return Answer(int(first.split()[1]), headers, body)


async def _exchanged(port: int, request: bytes) -> bytes:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        writer.write(request)
        return await reader.read()
    finally:
        writer.close()
