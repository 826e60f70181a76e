"""Stacks that a sampling profiler saw: by thread, by room of the house, and as a tree."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

THREADS = {
    "MainThread": "event loop",
    "_connection_worker_thread": "database",
    "render": "Markdown",
    "plug-in": "widgets",
}
"""What a thread is for, by a part of its name; all others are `other threads`."""
LOOP = "Runner.run (asyncio/"
"""What stands below all that the event loop calls; what is below it merely started the program."""
THREAD = "(threading.py:"
"""Where every thread begins."""
PACKAGES = ("uvicorn", "starlette", "jinja2", "asyncpg", "aiosqlite", "itsdangerous")
"""Other people's code that is named by itself; what is below none of these is Python's own."""
OURS = "widget_server/"
WAITS = (
    "_worker (concurrent/futures/thread.py",
    "_connection_worker_thread (aiosqlite/core.py",
    "_serve (widget_server/plugins.py",
    "wait (threading.py",
)
"""Functions in which a thread waits for work; the profiler takes some of that for work."""


@dataclass(frozen=True, slots=True)
class Stack:
    """One stack, from its thread's beginning to what ran, as `name (file:line)`, and how often it was seen."""

    thread: str
    frames: tuple[str, ...]
    times: int


@dataclass(slots=True)
class Node:
    """A function below the one that called it, and how often it was seen."""

    name: str
    times: int = 0
    below: dict[str, Node] = field(default_factory=dict)


def read(text: str) -> Sequence[Stack]:
    """The stacks that `py-spy record --threads --format raw` wrote."""
    stacks = [_stack(line) for line in text.splitlines() if line]
    return [stack for stack in stacks if not (stack.frames and stack.frames[-1].startswith(WAITS))]


def shares(stacks: Sequence[Stack]) -> Mapping[tuple[str, str], float]:
    """Which part of the time each room took, by thread and room; they add up to 1."""
    seen: Counter[tuple[str, str]] = Counter()
    for stack in stacks:
        seen[stack.thread, room(stack)] += stack.times
    total = seen.total() or 1
    return {place: times / total for place, times in seen.most_common()}


def room(stack: Stack) -> str:
    """Where the time of a stack went: the innermost function that is ours or of a package that is named."""
    for frame in reversed(stack.frames):
        file = frame.rpartition(" (")[2].partition(":")[0]
        if OURS in file:
            parts = file.partition(OURS)[2].removesuffix(".py").split("/")
            return "/".join(parts[:2])
        package = file.partition("/")[0]
        if package in PACKAGES:
            return package
        if frame.startswith(LOOP):
            break
    return "Python"


def tree(stacks: Sequence[Stack]) -> Node:
    """The stacks laid on each other, functions without their lines."""
    root = Node("all")
    for stack in stacks:
        root.times += stack.times
        node = root
        for name in (stack.thread, *_names(stack)):
            node = node.below.setdefault(name, Node(name))
            node.times += stack.times
    return root


def _names(stack: Stack) -> Iterator[str]:
    """Each function as `name file`; what merely starts the program or the thread is left out."""
    started = [place for place, frame in enumerate(stack.frames) if frame.startswith(LOOP) or THREAD in frame]
    for frame in stack.frames[max(started, default=-1) + 1 :]:
        name, _, place = frame.rpartition(" (")
        yield f"{name.rpartition('.<locals>.')[2]} {place.partition(':')[0]}"


def _stack(line: str) -> Stack:
    path, _, times = line.rpartition(" ")
    thread, *frames = path.split(";")
    named = [use for part, use in THREADS.items() if part in thread]
    return Stack(named[0] if named else "other threads", tuple(frames), int(times))
