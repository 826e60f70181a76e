"""Metrics: what this process counts, summed with what its fellow workers count, as Prometheus reads it.

Each worker leaves its numbers in a folder of its supervisor's every second, so that whichever of them is asked can add
them up. Nothing in them is about a person, and no label takes a value that somebody chooses.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import time
from bisect import bisect_left
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from math import inf
from pathlib import Path

import orjson
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.registry import Collector

from widget_server.store.database import BATCHES

SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)
"""Bounds of the durations that are told apart."""

EACH = 1.0
"""Seconds between two times that a worker leaves its numbers."""

ENDED = "ended.json"
"""The numbers of the workers that have ended."""

MOST_FOLDED = 100
"""Files that are remembered as folded: they are gone a moment later."""

COUNTERS: Mapping[str, str] = {
    "transom_cache_hits": "Answers that were kept.",
    "transom_cache_misses": "Answers that had to be made.",
}
GAUGES: Mapping[str, str] = {
    "transom_cache_entries": "Answers that are kept.",
    "transom_write_queue_depth": "Writes that wait.",
    "transom_write_queue_size": "Writes that may wait, before further ones are refused.",
    "transom_live_streams": "Streams of live updates that are open.",
}


class Meter:
    """Requests of one kind, counted by how long they took."""

    __slots__ = ("buckets", "total")

    def __init__(self) -> None:
        self.buckets = [0] * (len(SECONDS) + 1)
        self.total = 0.0

    def take(self, seconds: float) -> None:
        """Count one."""
        self.buckets[bisect_left(SECONDS, seconds)] += 1
        self.total += seconds


@dataclass(slots=True)
class Numbers:
    """What is counted: in one process, or in all."""

    counters: dict[str, int] = field(default_factory=dict)
    gauges: dict[str, int] = field(default_factory=dict)
    failures: dict[str, int] = field(default_factory=dict)
    """Of each plug-in."""
    writes: int = 0
    commits: list[int] = field(default_factory=lambda: [0] * len(BATCHES))
    requests: dict[str, list[float]] = field(default_factory=dict)
    """By route, method and status, with spaces between: how many took how long, and last all their seconds."""
    folded: list[str] = field(default_factory=list)
    """The files of ended processes that are in it."""

    def add(self, other: Numbers) -> None:
        """Add another process's."""
        for ours, theirs in (
            (self.counters, other.counters),
            (self.gauges, other.gauges),
            (self.failures, other.failures),
        ):
            for name, number in theirs.items():
                ours[name] = ours.get(name, 0) + number
        self.writes += other.writes
        self.commits = [a + b for a, b in zip(self.commits, other.commits, strict=True)]
        for kind, numbers in other.requests.items():
            known = self.requests.get(kind, [0] * len(numbers))
            self.requests[kind] = [a + b for a, b in zip(known, numbers, strict=True)]


class Metrics:
    """The numbers of this process, and where those of the others are."""

    def __init__(self, folder: Path | None, look: Callable[[Numbers], None]) -> None:
        """`folder` of the supervisor, if there is one; `look` fills in what is counted elsewhere in this process."""
        self._folder = folder
        self._name = f"{os.getpid()}-{time.time_ns()}.json"  # a number may come again, the time does not
        self._look = look
        self._meters: dict[tuple[str, str, int], Meter] = {}

    def meter(self, route: str, method: str, status: int) -> Meter:
        """The meter of one kind of requests; `route` is a template, never an address."""
        kind = (route, method, status)
        meter = self._meters.get(kind)
        if meter is None:
            meter = self._meters[kind] = Meter()
        return meter

    async def text(self) -> bytes:
        """All numbers of all processes, as Prometheus reads them."""
        numbers = self._own()
        if self._folder is not None:
            await asyncio.to_thread(add_others, numbers, self._folder, self._name)
        registry = CollectorRegistry(auto_describe=False)
        registry.register(_Told(numbers))
        return generate_latest(registry)

    async def leave(self) -> None:
        """Leave the numbers for the other workers, until cancelled, and what was counted until then."""
        if self._folder is None:
            return
        file = self._folder / self._name
        try:
            while True:
                await asyncio.to_thread(_write, file, self._own())
                await asyncio.sleep(EACH)
        finally:
            await asyncio.to_thread(_write, file, self._own())

    def _own(self) -> Numbers:
        numbers = Numbers()
        self._look(numbers)
        for (route, method, status), meter in self._meters.items():
            numbers.requests[f"{route} {method} {status}"] = [*meter.buckets, meter.total]
        return numbers


def add_others(numbers: Numbers, folder: Path, own: str) -> None:
    """Add what the other processes left; blocks."""
    while True:
        try:
            found = list(_others(folder, own))
        except FileNotFoundError:  # it ended meanwhile, and its numbers are among those of the ended now
            continue
        for other in found:
            numbers.add(other)
        return


def fold(folder: Path, process: int) -> None:
    """Keep what a process that has ended counted, without what it held; blocks."""
    for file in folder.glob(f"{process}-*.json"):
        last, ended = _read(file), _ended(folder)
        last.gauges.clear()
        ended.add(last)
        ended.folded = [*ended.folded, file.name][-MOST_FOLDED:]
        _write(folder / ENDED, ended)
        file.unlink()


def _others(folder: Path, own: str) -> Iterator[Numbers]:
    ended = _ended(folder)
    for file in folder.glob("*.json"):
        if file.name not in {ENDED, own, *ended.folded}:
            yield _read(file)
    if _ended(folder) != ended:  # one was folded meanwhile, and may be missing, or counted twice
        raise FileNotFoundError
    yield ended


def _ended(folder: Path) -> Numbers:
    try:
        return _read(folder / ENDED)
    except FileNotFoundError:
        return Numbers()


def _read(file: Path) -> Numbers:
    return Numbers(**orjson.loads(file.read_bytes()))


def _write(file: Path, numbers: Numbers) -> None:
    draft = file.with_suffix(f".{os.getpid()}")
    with contextlib.suppress(OSError):  # a second later they are left again
        draft.write_bytes(orjson.dumps(numbers))
        draft.replace(file)


class _Told(Collector):
    """The numbers as families of metrics."""

    def __init__(self, numbers: Numbers) -> None:
        self._numbers = numbers

    def collect(self) -> Iterator[Metric]:
        """All families."""
        numbers = self._numbers
        for name, text in COUNTERS.items():
            yield CounterMetricFamily(name, text, value=numbers.counters.get(name, 0))
        for name, text in GAUGES.items():
            yield GaugeMetricFamily(name, text, value=numbers.gauges.get(name, 0))
        failures = CounterMetricFamily(
            "transom_plugin_failures", "Calls into a plug-in that failed.", labels=["plugin"]
        )
        for plugin, number in numbers.failures.items():
            failures.add_metric([plugin], number)
        yield failures
        commits = HistogramMetricFamily("transom_commit_writes", "Writes that shared one commit.")
        commits.add_metric([], _summed(BATCHES, numbers.commits), numbers.writes)
        yield commits
        requests = HistogramMetricFamily(
            "transom_request_seconds",
            "Requests, by how long they took.",
            labels=["route", "method", "status"],
        )
        for kind, (*buckets, total) in numbers.requests.items():
            requests.add_metric(kind.split(" "), _summed((*SECONDS, inf), buckets), total)
        yield requests


def _summed(bounds: Sequence[float], numbers: Sequence[float]) -> list[tuple[str, float]]:
    return [
        ("+Inf" if bound == inf else str(float(bound)), sum(numbers[: place + 1]))
        for place, bound in enumerate(bounds)
    ]
