"""Rendering off the event loop: a few threads, a bounded queue, and a limit on every wait.

What is short and plain is rendered where it is asked for: to hand it to a thread and back takes longer.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Self

from widget_server.errors import Overloaded, TextTooCostly
from widget_server.markup.markdown import render

TIME_LIMIT = 2.0
"""Seconds that one text may take, and may wait for a free thread; each more in a batch adds a tenth to its work."""

QUEUE = 256
"""Calls that may wait or be at work at once."""

SHORT = 2_000
"""Characters of a text that may be rendered where it is asked for."""

MOST_MARKS = 32
"""Characters in such a text that are neither letters, digits nor blanks: all cost that a text can make lies in these.

The worst of such texts take half a millisecond; what people write takes a tenth of that.
"""

RETRY_AFTER = 1
"""Seconds after which a caller that found the queue full may come again."""


_MARK = re.compile(r"[^\w ]|_")


class Renderer:
    """Renders texts in threads of its own; `with Renderer() as renderer`, or `close()` it at the end.

    A thread that is at work cannot be stopped, so a text that runs out of time keeps its place in the queue
    until it is done: what is abandoned still counts against the bound.
    """

    def __init__(
        self,
        *,
        threads: int = 2,
        queue: int = QUEUE,
        time_limit: float = TIME_LIMIT,
        how: Callable[[str], str] = render,
        brief: Callable[[str], bool] | None = None,
    ) -> None:
        """`how` a text is rendered, and which texts are so `brief` that this is done where it is asked for."""
        self._pool = ThreadPoolExecutor(max_workers=threads, thread_name_prefix="render")
        self._room = queue
        self._time_limit = time_limit
        self._how = how
        self._brief = brief or is_brief

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    async def render(self, source: str) -> str:
        """The safe HTML of one text.

        Raises `TextTooCostly` when its time is up, `Overloaded` when no thread was free for it in time.
        """
        if self._brief(source):
            return self._how(source)
        return (await self.render_all([source]))[0]

    async def render_all(self, sources: Sequence[str]) -> list[str]:
        """The safe HTML of each text, in order, in one hop to a thread; raises what `render` raises."""
        if not sources:
            return []
        if self._room == 0:
            raise Overloaded(retry_after=RETRY_AFTER)
        self._room -= 1
        task = self._pool.submit(self._render_each, tuple(sources))
        work = asyncio.wrap_future(task)
        work.add_done_callback(self._give_back)
        limit = self._time_limit * (0.9 + len(sources) / 10)
        try:
            return await _within(limit, work)
        except TimeoutError:
            if task.cancel():
                raise Overloaded(retry_after=RETRY_AFTER) from None
        try:
            return await _within(limit, work)  # it may have waited for a thread until now
        except TimeoutError:
            raise TextTooCostly from None

    def close(self) -> None:
        """Drop what waits and let the threads end."""
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _render_each(self, sources: tuple[str, ...]) -> list[str]:
        return [self._how(source) for source in sources]

    def _give_back(self, work: asyncio.Future[list[str]]) -> None:
        self._room += 1
        if not work.cancelled():
            work.exception()  # looked at, so that a failure nobody waits for any more is not reported as lost


def is_brief(source: str) -> bool:
    """Whether rendering is a matter of microseconds, whatever the text says."""
    return len(source) <= SHORT and len(_MARK.findall(source)) <= MOST_MARKS


async def _within(seconds: float, work: asyncio.Future[list[str]]) -> list[str]:
    async with asyncio.timeout(seconds):  # `wait_for` may lose a cancellation (Python 3.11)
        return await asyncio.shield(work)
