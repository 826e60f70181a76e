"""The lifespan: one answer to the start and one to the end, whatever goes wrong."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from starlette.types import Message

from widget_server import app
from widget_server.errors import StorageFailed
from widget_server.settings import load


async def lived(data: Path) -> list[Message]:
    """What an app answers when it is started and at once told to stop."""
    told: asyncio.Queue[Message] = asyncio.Queue()
    told.put_nowait({"type": "lifespan.startup"})
    told.put_nowait({"type": "lifespan.shutdown"})
    answers: list[Message] = []

    async def send(message: Message) -> None:
        answers.append(message)

    await app.Lazy(load({}, overrides={"data": data}))({"type": "lifespan"}, told.get, send)
    return answers


async def test_a_server_tells_that_it_is_open_and_that_it_is_closed(tmp_path: Path) -> None:
    assert [answer["type"] for answer in await lived(tmp_path)] == [
        "lifespan.startup.complete",
        "lifespan.shutdown.complete",
    ]


async def test_a_server_that_cannot_open_says_why(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("short", encoding="ascii")
    answers = await lived(tmp_path)

    assert [answer["type"] for answer in answers] == ["lifespan.startup.failed"]
    assert "secret" in answers[0]["message"]


async def test_an_error_while_closing_is_one_of_the_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened = app.opened

    @asynccontextmanager
    async def failing(*words: object, **named: object) -> AsyncIterator[app.Server]:
        async with opened(*words, **named) as server:  # type: ignore[arg-type]
            yield server
        raise StorageFailed

    monkeypatch.setattr(app, "opened", failing)

    assert await lived(tmp_path) == [
        {"type": "lifespan.startup.complete"},
        {"type": "lifespan.shutdown.failed", "message": StorageFailed().detail},
    ]
