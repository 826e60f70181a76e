"""A stream: one watcher's connection, written to without a task or a queue of its own."""

from __future__ import annotations

import asyncio
from typing import Any

from starlette.types import Message, Send


class Stream:
    """One connection. It is opened once, told of events, and ended by us or lost with its client.

    uvicorn's `send` is done when it returns, unless the client reads too slowly: so it is driven once by hand, which
    costs a quarter of what a task and a queue for each connection would; one that is not done then is a slow reader's,
    who is dropped and may come back. Through any other `send` (another server's, a middleware's) each event has a task,
    and a reader is slow who has not taken one when the next one comes.
    """

    __slots__ = (
        "_is_behind", "_is_open", "_peer", "_send", "_sending", "_task", "ends", "heard", "is_over", "slot"
    )  # fmt: skip

    def __init__(self, send: Send) -> None:
        """`send` is ASGI's, through which the start of the answer went already or goes before `open`."""
        peer = getattr(getattr(send, "__self__", None), "transport", None)
        self._send = send
        self._peer = peer if hasattr(peer, "abort") else None
        self._task = None if self.is_direct else asyncio.current_task()
        self._sending: asyncio.Task[None] | None = None
        self._is_open = self._is_behind = False
        self.slot = 0
        self.heard = self.ends = 0.0
        """When it was last told something, and when its life is over (the event loop's time)."""
        self.is_over = False

    @property
    def is_direct(self) -> bool:
        """Whether it writes to uvicorn's own transport."""
        return self._peer is not None

    def open(self, greeting: bytes, otherwise: bytes) -> None:
        """Send the first bytes, or what stands for them where something happened since they were made."""
        self._is_open = True
        more, self.is_over = not self.is_over, False
        self.push(otherwise if self._is_behind else greeting, more=more)

    def push(self, body: bytes, *, more: bool = True) -> None:
        """Send some bytes now, with `more` to follow or none; a client that did not take the last ones is dropped."""
        if self.is_over:
            return
        self.is_over = not more
        if not self._is_open:
            self._is_behind = True
        elif self._peer is not None:
            self._push_directly({"type": "http.response.body", "body": body, "more_body": more})
        elif self._sending is None:
            message = {"type": "http.response.body", "body": body, "more_body": more}
            self._sending = asyncio.ensure_future(self._push_apart(message))
        else:
            self.drop()

    def drop(self) -> None:
        """Let go of the connection without a word."""
        self.is_over = True
        if self._sending is not None:
            self._sending.cancel()
        if self._peer is not None:
            self._peer.abort()
        elif self._task is not None:
            self._task.cancel()

    def _push_directly(self, message: Message) -> None:
        sending: Any = self._send(message)
        try:
            sending.send(None)
        except StopIteration:
            return
        except Exception:  # noqa: BLE001 - whatever stops it from taking this, there is nobody to tell
            self.drop()
        else:
            sending.close()
            self.drop()

    async def _push_apart(self, message: Message) -> None:
        try:
            await self._send(message)
        except Exception:  # noqa: BLE001 - as above
            self.drop()
        else:
            self._sending = None
