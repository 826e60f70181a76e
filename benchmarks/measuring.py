"""The measurements: what is compared is asked in turns, and each figure is the median of some rounds."""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import median

from benchmarks import asking, isso, transom
from benchmarks.load import bear
from benchmarks.report import Figure, Target

Size = int
"""Comments in a thread."""

ENOUGH = 8_000
"""Interactions a second that are prepared for Transom; each is sent once."""
ENOUGH_FOR_ISSO = 2_000
SLOW = 500.0
"""Milliseconds beyond which Isso's page is not put under load: see `_slow_rate`."""
COLD_ROUNDS = 15


@dataclass(frozen=True, slots=True)
class Ports:
    """Where the servers listen."""

    transom: int
    floor: int
    isso: int


@dataclass(frozen=True, slots=True)
class Run:
    """How to measure."""

    ports: Ports
    connections: int
    seconds: int
    rounds: int
    texts: Sequence[str]


def cold(run: Run, sizes: Sequence[Size]) -> Sequence[Figure]:
    """Milliseconds of one page that is kept nowhere; the sizes take turns."""
    took: dict[Size, list[float]] = {size: [] for size in sizes}
    for _ in range(COLD_ROUNDS):
        for size in sizes:
            took[size].append(asking.once(run.ports.transom, transom.page(size)).took)
    first = median(took[sizes[0]])
    figures = []
    for size in sizes:
        ours, theirs = median(took[size]), asking.once(run.ports.isso, isso.page(size)).took
        target = Target("times the smallest thread's", ours / first, at_most=1.5)
        figures.append(
            Figure(
                f"first view, {size:,} comments",
                "ms",
                ours,
                None,
                theirs,
                (target,) if size == sizes[-1] else (),
            )
        )
    return figures


def reads(run: Run, sizes: Sequence[Size]) -> Sequence[Figure]:
    """Pages a second from the cache."""
    return [_read(run, size) for size in sizes]


def likes(run: Run) -> Figure:
    """Durable likes a second."""
    return _interactions(
        run,
        "likes",
        lambda count, key, _: transom.likes(run.ports.transom, count, key),
        lambda count, number: isso.likes(run.ports.isso, count, number, 10_000),
    )


def posts(run: Run) -> Figure:
    """Durable comments a second."""
    return _interactions(
        run,
        "comments posted",
        lambda count, key, texts: transom.posts(run.ports.transom, count, key, texts),
        lambda count, number: isso.posts(run.ports.isso, count, 100 + number, run.texts),
    )


def _read(run: Run, size: Size) -> Figure:
    path = transom.page(size)
    latency = asking.once(run.ports.isso, isso.page(size)).took
    ours, bare, theirs = [], [], []
    for _ in range(run.rounds):
        bare.append(_rate(run, run.ports.floor, [asking.get(run.ports.floor, path)]))
        ours.append(_rate(run, run.ports.transom, [asking.get(run.ports.transom, path)]))
        if latency < SLOW:
            theirs.append(_rate_of_isso(run, size, latency) or _slow_rate(latency))
        else:
            theirs.append(_slow_rate(latency))
    targets = (
        Target("of the floor", _ratio(ours, bare), at_least=0.4),
        Target("times Isso", _ratio(ours, theirs), at_least=100),
    )
    return Figure(f"page reads, {size:,} comments", "/s", median(ours), median(bare), median(theirs), targets)


def _interactions(
    run: Run,
    name: str,
    of_ours: Callable[[int, str, Sequence[str]], Sequence[bytes]],
    of_theirs: Callable[[int, int], Sequence[bytes]],
) -> Figure:
    ours, theirs = [], []
    for number in range(run.rounds):
        requests = of_ours(ENOUGH * run.seconds, secrets.token_hex(10), run.texts)
        ours.append(_rate(run, run.ports.transom, requests, once=True))
        theirs.append(_rate(run, run.ports.isso, of_theirs(ENOUGH_FOR_ISSO * run.seconds, number), once=True))
    target = Target("times Isso", _ratio(ours, theirs), at_least=5)
    return Figure(name, "/s", median(ours), None, median(theirs), (target,))


def _rate(run: Run, port: int, requests: Sequence[bytes], *, once: bool = False) -> float:
    return bear(port, requests, connections=run.connections, seconds=run.seconds, once=once).rate


def _rate_of_isso(run: Run, size: Size, latency: float) -> float:
    """With as many connections as it has workers, and long enough for some answers on each.

    More would only wait, and be cut off at the end.
    """
    requests = [asking.get(run.ports.isso, isso.page(size))]
    seconds = max(run.seconds, round(latency / 100))
    return bear(run.ports.isso, requests, connections=isso.WORKERS, seconds=seconds).rate


def _slow_rate(latency: float) -> float:
    """What Isso could do at best where one page takes it long: every core at work, none in another's way."""
    return min(isso.WORKERS, os.cpu_count() or 1) * 1000 / latency


def _ratio(ours: Sequence[float], others: Sequence[float]) -> float:
    return median(mine / other for mine, other in zip(ours, others, strict=True))
