"""Plug-ins: found through entry points, called under a time limit, isolated when they fail."""

from __future__ import annotations

import asyncio
import logging
import queue
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.metadata import EntryPoint, entry_points
from typing import Any, Generic, TypeVar, cast

from widget_server.errors import Misconfigured, Overloaded, PluginFailed, Refused

T = TypeVar("T")
P = TypeVar("P")

logger = logging.getLogger(__name__)

THREADS = 8
WAITING = 256
TIME_LIMIT = 1.0
"""Seconds that one call into a plug-in may take."""

REST = 30.0
"""Seconds for which a plug-in that ran out of time is not called again."""


@dataclass(frozen=True, slots=True)
class Plugin(Generic[P]):
    """One thing that an entry point brought: its name, where it came from, and itself."""

    name: str
    distribution: str
    version: str
    thing: P


def gather(group: str) -> Sequence[Plugin[Any]]:
    """What is installed under an entry point group, by name; two of one name are a `Misconfigured`."""
    found = [_loaded(point) for point in entry_points(group=group)]
    names = [plugin.name for plugin in found]
    for name in names:
        if names.count(name) > 1:
            message = f"Two plug-ins of the group {group} are named {name!r}; uninstall one of them."
            raise Misconfigured(message)
    return sorted(found, key=lambda plugin: plugin.name)


class Guard:
    """Calls plug-ins on a few threads of its own, each call under a time limit.

    A plug-in that raises gives `PluginFailed`; its own refusals (`errors.Refused`) pass. One that runs out of time is
    left alone for a while, and its thread is replaced, so that it takes nothing from the others.
    """

    def __init__(self, *, limit: float = TIME_LIMIT, monotonic: Callable[[], float] = time.monotonic) -> None:
        """`limit`: seconds for one call."""
        self._limit = limit
        self._monotonic = monotonic
        self._resting: dict[str, float] = {}
        self._work: queue.SimpleQueue[_Call | None] = queue.SimpleQueue()
        self._threads = 0
        self._waiting = 0
        self._closed = False

    @property
    def degraded(self) -> Sequence[str]:
        """The plug-ins that are left alone just now."""
        now = self._monotonic()
        return [name for name, until in self._resting.items() if until > now]

    async def call(self, plugin: str, function: Callable[[], T]) -> T:
        """What the function returns; it runs on another thread."""
        if self._resting.get(plugin, 0) > self._monotonic():
            message = f"{plugin} ran out of time a moment ago and is left alone for a while."
            raise PluginFailed(message)
        if self._waiting >= WAITING:
            raise Overloaded(retry_after=1)
        self._start_threads()
        call = _Call(function, asyncio.get_running_loop())
        self._waiting += 1
        self._work.put(call)
        try:
            return cast("T", await asyncio.wait_for(call.future, self._limit))
        except TimeoutError as error:
            raise self._out_of_time(plugin, call) from error
        except Refused:
            raise
        except Exception as error:
            logger.exception("plug-in failed", extra={"plugin": plugin})
            message = f"{plugin} failed."
            raise PluginFailed(message) from error
        finally:
            self._waiting -= 1

    def close(self) -> None:
        """Let the threads end."""
        self._closed = True
        for _ in range(self._threads):
            self._work.put(None)

    def _out_of_time(self, plugin: str, call: _Call) -> Exception:
        if not call.started:
            return Overloaded(retry_after=1)
        self._resting[plugin] = self._monotonic() + REST
        self._threads -= 1  # that one is lost until the plug-in lets go of it
        logger.error("plug-in ran out of time", extra={"plugin": plugin})
        message = f"{plugin} took longer than {self._limit:g} s."
        return PluginFailed(message)

    def _start_threads(self) -> None:
        while self._threads < THREADS and not self._closed:
            threading.Thread(target=_serve, args=(self._work,), name="plug-in", daemon=True).start()
            self._threads += 1


class _Call:
    """One call on its way to a thread and back."""

    def __init__(self, function: Callable[[], Any], loop: asyncio.AbstractEventLoop) -> None:
        self.function = function
        self.loop = loop
        self.future: asyncio.Future[Any] = loop.create_future()
        self.started = False

    def run(self) -> bool:
        """Whether somebody was still waiting for the answer."""
        self.started = True
        if self.future.cancelled():
            return True
        try:
            result, error = self.function(), None
        except BaseException as raised:  # noqa: BLE001 - it is handed on to the caller
            result, error = None, raised
        waited_for = not self.future.cancelled()
        try:
            self.loop.call_soon_threadsafe(self._settle, result, error)
        except RuntimeError:  # the loop was closed meanwhile
            return False
        return waited_for

    def _settle(self, result: object, error: BaseException | None) -> None:
        if self.future.done():
            return
        if isinstance(error, Exception):
            self.future.set_exception(error)
        elif error is not None:
            self.future.set_exception(PluginFailed(f"it left with {type(error).__name__}"))
        else:
            self.future.set_result(result)


def _serve(work: queue.SimpleQueue[_Call | None]) -> None:
    """One thread: it ends when told to, or when its caller gave up on it (another has taken its place)."""
    while (call := work.get()) is not None:
        if not call.run():
            return


def _loaded(point: EntryPoint) -> Plugin[Any]:
    try:
        thing = point.load()
    except Exception as error:
        message = f"The plug-in {point.name!r} ({point.value}) cannot be loaded: {error}"
        raise Misconfigured(message) from error
    distribution = point.dist
    return Plugin(
        point.name,
        distribution.name if distribution else "?",
        distribution.version if distribution else "?",
        thing() if isinstance(thing, type) else thing,
    )
