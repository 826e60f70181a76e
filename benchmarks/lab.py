"""Where the contestants stand: their data, made anew for each part of a run, and the servers on it."""

from __future__ import annotations

import functools
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

from benchmarks import asking, corpus, isso, postgres, report, transom, waline
from benchmarks.floor import floor
from benchmarks.load import Load, bear
from benchmarks.plain import plain
from benchmarks.report import ISSO, POSTGRES, TWO, WALINE
from tools.ports import free_port

Shot = Callable[[int], Load]
"""One measurement of one contestant; the argument is the round."""
Loads = Mapping[str, Sequence[Load]]
LEFT_OUT = {TWO: "workers", POSTGRES: "postgres", ISSO: "isso", WALINE: "waline"}
"""Contestants that a run may do without, and their names on the command line."""


@dataclass(frozen=True, slots=True)
class Lab:
    """How to measure, and where."""

    work: Path
    seconds: int = 3
    rounds: int = 5
    connections: int = 32
    without: frozenset[str] = frozenset()
    notes: list[str] = field(default_factory=list)
    """What is worth saying beside the figures."""

    def has(self, name: str) -> bool:
        """Whether a contestant takes part."""
        return LEFT_OUT.get(name, "") not in self.without

    @property
    def calm_seconds(self) -> int:
        """Of a measurement of a server that answers some requests a second."""
        return max(self.seconds, 5)

    def turns(self, shots: Mapping[str, Shot]) -> Loads:
        """Let the contestants take turns, in every other round from the last to the first."""
        found: dict[str, list[Load]] = {name: [] for name in shots}
        for number in range(self.rounds):
            for name in list(shots)[:: -1 if number % 2 else 1]:
                found[name].append(shots[name](number))
        return found

    def shot(self, requests: Sequence[bytes], port: int, *, once: bool = False, calm: bool = False) -> Load:
        """One measurement; `calm` is for servers that answer some requests a second."""
        connections, seconds = (isso.WORKERS, self.calm_seconds) if calm else (self.connections, self.seconds)
        return bear(port, requests, connections=connections, seconds=seconds, once=once)

    @contextmanager
    def stage(self, *names: str) -> Iterator[Mapping[str, int]]:
        """Run those contestants that take part, each on fresh data of a small site; gives their ports."""
        folder = self.work / "stage"
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        with ExitStack() as stack:
            ports = {}
            for name in names:
                if self.has(name):
                    ports[name] = free_port()
                    stack.enter_context(self._server(name, ports[name], folder))
            yield ports

    def folder_of(self, name: str) -> Path:
        """The data of a contestant that stands on the stage."""
        return self.work / "stage" / name.lower()

    def _server(self, name: str, port: int, folder: Path) -> AbstractContextManager[object]:
        data = folder / name.lower()
        match name:
            case report.PLAIN:
                return plain(port, folder)
            case report.POSTGRES:
                return postgres.served(port, data, corpus.town())
            case report.ISSO:
                shutil.copytree(self._isso_town(), data)
                return isso.isso(port, data, isso.install(self.work / "isso-environment"))
            case report.WALINE:
                waline.fill(data, corpus.town())
                return waline.waline(port, data, waline.install(self.work / "waline"))
            case _:
                shutil.copytree(town(self.work), data)
                return transom.transom(port, data, workers=2 if name == TWO else 1)

    def floor(self, answers: Mapping[str, asking.Answer]) -> tuple[int, AbstractContextManager[None]]:
        """The bare floor with these answers: its port, and the server."""
        port = free_port()
        return port, floor(port, self.work, answers)

    def _isso_town(self) -> Path:
        data = self.work / "isso-town"
        shutil.rmtree(data, ignore_errors=True)
        isso.fill(data, isso.install(self.work / "isso-environment"), corpus.town(), free_port())
        return data


@functools.cache
def town(work: Path) -> Path:
    """A data folder with the small site, filled once in a run."""
    data = work / "town"
    shutil.rmtree(data, ignore_errors=True)
    transom.fill(data, corpus.town())
    return data


def rates(loads: Loads) -> dict[str, float]:
    """Answers a second, in the median of the rounds."""
    return {name: median(load.rate for load in each) for name, each in loads.items()}


def p99s(loads: Loads) -> dict[str, float]:
    """Milliseconds that 99 of 100 answers took at most, in the median of the rounds."""
    return {name: median(load.p99 for load in each) for name, each in loads.items()}


def ratio(loads: Loads, mine: str, other: str, of: Callable[[Load], float]) -> float:
    """The median of the rounds' own ratios: what disturbs a whole round does not disturb these."""
    return median(of(one) / of(two) for one, two in zip(loads[mine], loads[other], strict=True))


def rate(load: Load) -> float:
    """Answers a second."""
    return load.rate


def p99(load: Load) -> float:
    """Milliseconds that 99 of 100 answers took at most."""
    return load.p99
