"""Patience with clients: a request comes whole in time, with a head of some size, and its answer is taken.

uvicorn by itself waits for ever, and keeps whatever headers come.
"""

from __future__ import annotations

import asyncio
import socket
from typing import ClassVar

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

MOST_HEAD = 65_536
"""Bytes before a body: eight times what web servers usually take."""

TOO_SLOW = b"408 Request Timeout"
TOO_LARGE = b"431 Request Header Fields Too Large"


class Patient(HttpToolsProtocol):
    """uvicorn's protocol, with an end to waiting. Of a request that came whole at once it costs no timer."""

    seconds: ClassVar[float]
    _timer: asyncio.TimerHandle | None = None
    _has_begun = False
    _is_whole = False
    _head: int | None = 0
    """Bytes of the head up to now; None behind it."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin to wait for the first request."""
        super().connection_made(transport)
        _bound_sending(transport, self.seconds)
        self._timer = self.loop.call_later(self.seconds, self._end, TOO_SLOW)

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait for nothing more."""
        self._stop()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Take what came, and wait for the rest of it, if there is any."""
        super().data_received(data)
        if self._is_whole:
            self._stop()
        else:
            self._timer = self._timer or self.loop.call_later(self.seconds, self._end, TOO_SLOW)
            if self._head is not None:
                self._head += len(data)
                if self._head > MOST_HEAD:
                    self._end(TOO_LARGE)

    def on_message_begin(self) -> None:
        """A request begins."""
        self._has_begun, self._is_whole, self._head = True, False, 0
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        """Its head is there."""
        self._head = None
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        """All of it is there."""
        self._is_whole = True
        super().on_message_complete()

    def _stop(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _end(self, status: bytes) -> None:
        """Say why, where no answer to an earlier request is under way, and end the connection.

        One on which nothing was asked ends without a word: browsers open some on suspicion, and would show it.
        """
        self._stop()
        if self.transport.is_closing():
            return
        cycle: RequestResponseCycle | None = self.cycle
        if self._has_begun and (cycle is None or cycle.response_complete or not cycle.response_started):
            self.transport.write(b"HTTP/1.1 %s\r\ncontent-length: 0\r\nconnection: close\r\n\r\n" % status)
        self.transport.close()


def _bound_sending(transport: asyncio.Transport, seconds: float) -> None:
    """Let the kernel end the connection when nothing of what was sent is taken for so long (tcp(7))."""
    connection = transport.get_extra_info("socket")
    option = getattr(socket, "TCP_USER_TIMEOUT", None)  # Linux has it
    if option is not None and connection.family in {socket.AF_INET, socket.AF_INET6}:
        connection.setsockopt(socket.IPPROTO_TCP, option, round(seconds * 1000))


def protocol_of(patience: float) -> type[Patient]:
    """The protocol of a server that waits so many seconds for a request."""
    return type("Protocol", (Patient,), {"seconds": patience})
