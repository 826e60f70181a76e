"""The guard: plug-ins are called under a time limit, and isolated when they fail."""

from __future__ import annotations

import asyncio
import logging
import queue
import threading
import time
from collections import Counter
from collections.abc import Callable, Collection
from typing import Any, TypeVar, cast

from widget_server.errors import Overloaded, PluginFailed, Refused

T = TypeVar("T")

logger = logging.getLogger(__name__)

THREADS = 2
"""Threads of one plug-in. Each plug-in has its own, so that one that hangs takes none from the others."""

MOST_STUCK = 8
"""Threads that one plug-in may keep for itself; beyond that it is not called until it lets go of one."""

WAITING = 256
"""Calls of one plug-in that may wait."""

TIME_LIMIT = 1.0
"""Seconds that one call into a plug-in may take."""

REST = 30.0
"""Seconds for which a plug-in that ran out of time is not called again."""


class Guard:
    """Calls plug-ins on threads of their own, each call under a time limit.

    A plug-in that raises gives `PluginFailed`; its own refusals (`errors.Refused`) pass. One that runs out of time is
    left alone for a while, and its thread is replaced.
    """

    def __init__(
        self,
        *,
        limit: float = TIME_LIMIT,
        monotonic: Callable[[], float] = time.monotonic,
        ours: Collection[str] = (),
    ) -> None:
        """`limit`: seconds for one call; `ours`: those that come with the server, and are known to end at once."""
        self._limit = limit
        self._ours = frozenset(ours)
        self._monotonic = monotonic
        self._resting: dict[str, float] = {}
        self._lanes: dict[str, _Lane] = {}
        self._turns: dict[str, asyncio.Lock] = {}
        self.failures: Counter[str] = Counter()
        """Calls of each plug-in that failed, or ran out of time."""

    async def call(self, plugin: str, function: Callable[[], T], *, brief: bool = False) -> T:
        """What the function returns; it runs on another thread, unless it is `brief` and of one of ours.

        To hand a few microseconds of work to a thread and back takes longer than the work.
        """
        if brief and plugin in self._ours:
            try:
                return _called(plugin, function)
            except PluginFailed:
                self.failures[plugin] += 1
                raise
        if self.is_left_alone(plugin):
            message = f"{plugin} ran out of time a moment ago and is left alone for a while."
            raise PluginFailed(message)
        lane = self._lanes.setdefault(plugin, _Lane())
        call = lane.put(function)
        try:
            return cast("T", await asyncio.wait_for(call.future, self._limit))
        except asyncio.CancelledError:
            if call.started:  # nobody waits for it any more, and its thread has its time limit all the same
                call.loop.call_later(self._limit, self._give_up, plugin, call)
            raise
        except Refused:
            raise
        except Exception as error:
            if isinstance(error, TimeoutError) and call.future.cancelled():
                raise self._out_of_time(plugin, call) from error
            self.failures[plugin] += 1
            raise _failed(plugin, error) from error
        finally:
            lane.waiting -= 1

    @property
    def limit(self) -> float:
        """Seconds that a call may take, and what a plug-in asks of the database."""
        return self._limit

    def leave_alone(self, plugin: str) -> None:
        """Do not call it for a while: what it asks of the database took too long."""
        self._resting[plugin] = self._monotonic() + REST
        self.failures[plugin] += 1
        logger.error("what the plug-in %r asks of the database takes too long", plugin)

    def is_left_alone(self, plugin: str) -> bool:
        """Whether it is not to be called for a while."""
        lane = self._lanes.get(plugin)
        is_stuck = lane is not None and lane.stuck >= MOST_STUCK
        return is_stuck or self._resting.get(plugin, 0) > self._monotonic()

    def turn(self, plugin: str) -> asyncio.Lock:
        """What a plug-in holds while it reads from the database, so that it never takes more than one connection."""
        return self._turns.setdefault(plugin, asyncio.Lock())

    def is_ours(self, plugin: str) -> bool:
        """Whether it came with the server."""
        return plugin in self._ours

    def close(self) -> None:
        """Let the threads end."""
        for lane in self._lanes.values():
            lane.close()

    def _out_of_time(self, plugin: str, call: _Call) -> Exception:
        if not call.started:
            return Overloaded(retry_after=1)
        self._give_up(plugin, call)
        message = f"{plugin} took longer than {self._limit:g} s."
        return PluginFailed(message)

    def _give_up(self, plugin: str, call: _Call) -> None:
        """Do without a call's thread and leave the plug-in alone, unless the call has ended by now."""
        if call.give_up():
            self._resting[plugin] = self._monotonic() + REST
            self.failures[plugin] += 1
            logger.error("the plug-in %r ran out of time", plugin)


def _called(plugin: str, function: Callable[[], T]) -> T:
    try:
        return function()
    except Refused:
        raise
    except Exception as error:
        raise _failed(plugin, error) from error


def _failed(plugin: str, error: Exception) -> PluginFailed:
    logger.error("the plug-in %r failed", plugin, exc_info=error)
    message = f"{plugin} failed."
    return PluginFailed(message)


class _Lane:
    """The calls of one plug-in, and the threads that run them."""

    def __init__(self) -> None:
        self.waiting = 0
        self.stuck = 0
        """Threads that run a call which nobody waits for any more."""
        self._threads = 0
        self._work: queue.SimpleQueue[_Call | None] = queue.SimpleQueue()

    def put(self, function: Callable[[], Any]) -> _Call:
        """Queue a call; `Overloaded` where too many wait."""
        if self.waiting >= WAITING:
            raise Overloaded(retry_after=1)
        while self._threads < THREADS:
            threading.Thread(target=_serve, args=(self._work,), name="plug-in", daemon=True).start()
            self._threads += 1
        call = _Call(function, asyncio.get_running_loop(), self)
        self.waiting += 1
        self._work.put(call)
        return call

    def lose(self) -> None:
        """Count a thread as stuck; the next call starts another in its place."""
        self._threads -= 1
        self.stuck += 1

    def close(self) -> None:
        """Let the threads end when they have done what waits."""
        for _ in range(self._threads):
            self._work.put(None)


class _Call:
    """One call on its way to a thread and back."""

    def __init__(self, function: Callable[[], Any], loop: asyncio.AbstractEventLoop, lane: _Lane) -> None:
        self.function = function
        self.loop = loop
        self.lane = lane
        self.future: asyncio.Future[Any] = loop.create_future()
        self.started = False
        self._ended = False
        self._given_up = False
        self._deciding = threading.Lock()
        """Whether it ended or was given up, whichever came first: both the loop and the thread go by that."""

    def give_up(self) -> bool:
        """Let the thread end with this call, whenever that is; False where the call has ended already."""
        with self._deciding:
            self._given_up = not self._ended
        if self._given_up:
            self.lane.lose()
        return self._given_up

    def run(self) -> bool:
        """Whether the thread is still wanted; a caller that merely went away needs no other one."""
        self.started = True
        if self.future.cancelled():
            return True
        try:
            result, error = self.function(), None
        except BaseException as raised:  # noqa: BLE001 - it is handed on to the caller
            result, error = None, raised
        with self._deciding:
            self._ended = not self._given_up
        try:
            self.loop.call_soon_threadsafe(self._settle, result, error)
        except RuntimeError:  # the loop was closed meanwhile
            return False
        return self._ended

    def _settle(self, result: object, error: BaseException | None) -> None:
        if self._given_up:
            self.lane.stuck -= 1
        elif self.future.done():
            pass
        elif isinstance(error, Exception):
            self.future.set_exception(error)
        elif error is not None:
            self.future.set_exception(PluginFailed(f"it left with {type(error).__name__}"))
        else:
            self.future.set_result(result)


def _serve(work: queue.SimpleQueue[_Call | None]) -> None:
    """One thread: it ends when told to, or when its call was given up (another has taken its place)."""
    while (call := work.get()) is not None:
        if not call.run():
            return
