"""A wire to PostgreSQL that breaks in every way that wires do."""

from __future__ import annotations

import asyncio
import socket
import struct
from collections.abc import Callable
from contextlib import suppress
from typing import Self

from tests.faults.asking import PATIENCE

COMMIT = b"Q\x00\x00\x00\x0bcommit\x00"
"""The driver's message that ends a transaction (the protocol's simple query)."""

CHUNK = 65_536


class Wire:
    """Passes on all that comes, until it is told otherwise."""

    def __init__(self, port: int) -> None:
        """`port` of the server at its other end."""
        self._broken = asyncio.Semaphore(0)
        self._there = port
        self._server: asyncio.Server | None = None
        self._port = 0
        self._flows = asyncio.Event()
        self._flows.set()
        self._writers: set[asyncio.StreamWriter] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._at_commit: Callable[[bytes], bytes] | None = None

    async def __aenter__(self) -> Self:
        """Lay it."""
        await self.open()
        return self

    async def __aexit__(self, *_: object) -> None:
        """Take it away."""
        await self.close()
        self._flows.set()
        self.cut()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    @property
    def port(self) -> int:
        """Its own end."""
        return self._port

    async def open(self) -> None:
        """Take connections."""
        self._server = await asyncio.start_server(self._connected, "127.0.0.1", self._port)
        self._port = self._server.sockets[0].getsockname()[1]

    async def close(self) -> None:
        """Refuse new connections; those that are there stay."""
        if self._server is not None:
            self._server.close()
            self._server = None

    def stall(self) -> None:
        """Let nothing through, and say nothing about it: no end, no reset, as behind a firewall that forgot."""
        self._flows.clear()

    def mend(self) -> None:
        """Let everything through that waited, and all that comes."""
        self._flows.set()

    def cut(self) -> None:
        """End every connection in good order."""
        for writer in list(self._writers):
            writer.close()

    def reset(self) -> None:
        """End every connection with a reset."""
        for writer in list(self._writers):
            _reset(writer)

    def lose_commits(self) -> None:
        """Break each connection that commits, before the server hears of it."""
        self._at_commit = lambda said: said[: said.index(COMMIT)]

    def lose_answers(self) -> None:
        """Break each connection that commits, once the server was told to."""
        self._at_commit = lambda said: said

    async def broken(self, commits: int) -> None:
        """Wait until so many were."""
        async with asyncio.timeout(PATIENCE):
            for _ in range(commits):
                await self._broken.acquire()

    def keep_commits(self) -> None:
        """Break nothing any more."""
        self._at_commit = None

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        try:
            await self._flows.wait()
            other_reader, other = await asyncio.open_connection("127.0.0.1", self._there)
        except OSError:
            _reset(writer)
            return
        self._writers |= {writer, other}
        try:
            ways = self._carried(reader, other, writer), self._passed(other_reader, writer)
            done, left = await asyncio.wait(
                [asyncio.create_task(way) for way in ways], return_when=asyncio.FIRST_COMPLETED
            )
            for way in (*done, *left):
                way.cancel()
            await asyncio.gather(*done, *left, return_exceptions=True)
        finally:
            self._writers -= {writer, other}
            self._tasks.discard(task)
            for each in (writer, other):
                each.close()

    async def _carried(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, back: asyncio.StreamWriter
    ) -> None:
        """From the program to its database."""
        with suppress(OSError):
            while said := await reader.read(CHUNK):
                await self._flows.wait()
                if self._at_commit is not None and COMMIT in said:
                    self._broken.release()
                    writer.write(self._at_commit(said))
                    _reset(back)
                    await writer.drain()
                    return
                writer.write(said)
                await writer.drain()

    async def _passed(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """And back."""
        with suppress(OSError):
            while said := await reader.read(CHUNK):
                await self._flows.wait()
                writer.write(said)
                await writer.drain()


def _reset(writer: asyncio.StreamWriter) -> None:
    sock = writer.get_extra_info("socket")
    with suppress(OSError):  # it is closed already
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()
