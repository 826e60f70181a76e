"""Streams over sockets: through the uvicorn that is installed, and through a server that is not uvicorn."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
import uvicorn
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from tests.http.world import a_world
from widget_server.commands.listening import Server
from widget_server.live import Stream

PATIENCE = 10.0
PIECE = b"x" * 16_384
SMALL = 8_192

IMPLEMENTATIONS = ("httptools", "h11")


class Streaming:
    """An app with one stream, which the test writes to."""

    def __init__(self) -> None:
        self.stream: asyncio.Future[Stream] = asyncio.get_running_loop().create_future()
        self.is_left = asyncio.Event()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002 - ASGI's shape
        stream = Stream(send)
        await send({"type": "http.response.start", "status": 200, "headers": []})
        stream.open(b"first.", b"")
        self.stream.set_result(stream)
        while (await receive())["type"] != "http.disconnect":
            pass
        self.is_left.set()


@asynccontextmanager
async def served(app: ASGIApp, implementation: str = "auto") -> AsyncIterator[int]:
    """The port on which uvicorn serves the app, with small buffers."""
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SMALL)
    listener.bind(("127.0.0.1", 0))
    listener.listen()
    config = uvicorn.Config(
        app,
        http=implementation,
        lifespan="off",
        log_level="error",
        access_log=False,
        proxy_headers=False,
    )
    server = Server(config)
    running = asyncio.create_task(server._serve([listener]))
    try:
        yield listener.getsockname()[1]
    finally:
        server.should_exit = server.force_exit = True
        async with asyncio.timeout(PATIENCE):
            await running


async def asked(port: int, path: str = "/") -> socket.socket:
    """A connection that asked for a stream, and has read nothing."""
    client = socket.socket()
    client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, SMALL)
    client.setblocking(False)  # noqa: FBT003 - the socket's own shape
    loop = asyncio.get_running_loop()
    async with asyncio.timeout(PATIENCE):
        await loop.sock_connect(client, ("127.0.0.1", port))
        await loop.sock_sendall(client, f"GET {path} HTTP/1.1\r\nhost: x\r\n\r\n".encode())
    return client


async def read(client: socket.socket, until: bytes) -> bytes:
    """What comes, up to a text; empty for the end."""
    loop, came = asyncio.get_running_loop(), b""
    async with asyncio.timeout(PATIENCE):
        while until not in came:
            part = await loop.sock_recv(client, 65_536)
            if not part:
                return came
            came += part
    return came


@pytest.mark.parametrize("implementation", IMPLEMENTATIONS)
async def test_uvicorn_takes_each_event_at_once_and_in_order(implementation: str) -> None:
    app = Streaming()
    async with served(app, implementation) as port:
        with await asked(port) as client:
            stream = await asyncio.wait_for(app.stream, PATIENCE)

            assert stream.is_direct

            for number in range(200):
                stream.push(b"<%d>" % number)
            stream.push(b"last.", more=False)
            came = await read(client, b"last.")
            async with asyncio.timeout(PATIENCE):
                await app.is_left.wait()

    places = [came.index(b"<%d>" % number) for number in range(200)]
    assert places == sorted(places)
    assert came.index(b"first.") < places[0]


@pytest.mark.parametrize("implementation", IMPLEMENTATIONS)
async def test_a_reader_that_stops_reading_is_dropped(implementation: str) -> None:
    app = Streaming()
    async with served(app, implementation) as port:
        with await asked(port) as client:
            stream = await asyncio.wait_for(app.stream, PATIENCE)
            pushed = 0
            while not stream.is_over:
                stream.push(PIECE)
                pushed += len(PIECE)
                await asyncio.sleep(0)

                assert pushed < 2_000_000

            async with asyncio.timeout(PATIENCE):
                await app.is_left.wait()
            came = await read(client, b"never")

            assert len(came) < pushed
            assert not came.endswith(b"0\r\n\r\n")  # broken off, so that the client sees that it is no end


async def test_another_server_is_given_one_event_at_a_time_and_drops_slow_readers_too() -> None:
    sent: asyncio.Queue[Message] = asyncio.Queue(1)
    app = Streaming()

    async def receive() -> Message:
        await asyncio.Event().wait()
        return {"type": "http.disconnect"}

    async def serve() -> bool:
        try:
            await app({"type": "http"}, receive, sent.put)
        except asyncio.CancelledError:
            return True
        return False

    serving = asyncio.create_task(serve())
    stream = await asyncio.wait_for(app.stream, PATIENCE)
    assert not stream.is_direct
    assert (await sent.get())["type"] == "http.response.start"
    assert (await sent.get())["body"] == b"first."
    stream.push(b"one")
    assert (await sent.get())["body"] == b"one"
    await asyncio.sleep(0)
    stream.push(b"two")
    await asyncio.sleep(0)
    states = [stream.is_over]
    stream.push(b"three")
    await asyncio.sleep(0)
    stream.push(b"four")

    assert [*states, stream.is_over] == [False, True]
    assert await asyncio.wait_for(serving, PATIENCE), "the app was not told"


async def test_the_servers_own_streams_are_uvicorns(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    roundabout: list[Message] = []

    async def push_apart(stream: Stream, message: Message) -> None:
        roundabout.append(message)
        await stream._send(message)

    monkeypatch.setattr(Stream, "_push_apart", push_apart)
    async with a_world(tmp_path / "data") as world, served(world.server.app) as port:
        with await asked(port, "/v1/blog/live?subject=a") as client:
            await read(client, b"\nid: ")
            await world.visitor("Charlie").like()

            assert b'"kind":"changed"' in await read(client, b"event: change")
    assert roundabout == []
