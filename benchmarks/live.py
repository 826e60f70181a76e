"""Live updates: what idle streams cost, how soon an event has reached all of them, and whether readers notice.

Usage: python -m benchmarks.live [--streams N]
All streams are about one page, over real sockets; so many are opened as the limit of open files lets. An event is a
like, told to everybody; its milliseconds count from when it is sent to when a stream has it.
"""

from __future__ import annotations

import argparse
import json
import resource
import secrets
import selectors
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from statistics import quantiles

from benchmarks import transom
from benchmarks.asking import get, path_of
from benchmarks.corpus import HUNDRED, thread
from benchmarks.load import bear
from benchmarks.processes import HOST, resident, spent
from benchmarks.report import ONE, RESULTS, Figure, Target
from tools.ports import free_port

FILE = "live.json"
STREAMS = 10_000
SPARE = 500
"""Open files that are left to everything else, in the server and here."""
AT_ONCE = 200
"""Connections in the making; no more than any machine lets wait."""
EVENTS = 10
PATIENCE = 30.0
SECONDS = 5
CONNECTIONS = 32
LARGEST, SLOWEST, SLOWER = 15_000, 300, 2
"""Bytes of a stream, milliseconds of an event, times the readers' milliseconds without streams."""
UNBOUNDED = {f"TRANSOM_LIVE_{name}": "1000000" for name in ("PROCESS", "SITE", "CLIENT")}
CHANGE = b"event: change"


def main() -> None:
    """Measure, print, and keep the figures for the table of all figures."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.live", description=__doc__.splitlines()[0])
    parser.add_argument("--streams", type=int, default=STREAMS, help=f"open at once (default: {STREAMS})")
    options = parser.parse_args()
    found = measure(options.streams)
    (RESULTS / FILE).write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    for figure in kept(RESULTS):
        print(
            f"{figure.name}: {figure.values[ONE]:,.3g} {figure.unit}; {', '.join(map(str, figure.targets))}"
        )


def kept(results: Path) -> Sequence[Figure]:
    """What the last run found, where there was one."""
    file = results / FILE
    if not file.is_file():
        return []
    found = json.loads(file.read_text(encoding="utf-8"))
    many, size, slow = found["streams"], found["bytes"], found["fan_out_p99"]
    slower = found["page_p99_with"] / found["page_p99_without"]
    return [
        Figure(
            f"memory of each of {many:,} streams",
            "kB",
            {ONE: size / 1000},
            [Target("bytes", size, at_most=LARGEST)],
        ),
        Figure("an event to all of them, p99", "ms", {ONE: slow}, [Target("ms", slow, at_most=SLOWEST)]),
        Figure(
            "page read beside them, p99",
            "ms",
            {ONE: found["page_p99_with"]},
            [Target("times that without", slower, at_most=SLOWER)],
        ),
    ]


def measure(wanted: int) -> dict[str, float]:
    """One server, with and without streams."""
    count = min(wanted, resource.getrlimit(resource.RLIMIT_NOFILE)[0] - SPARE)
    port = free_port()
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder) / "data"
        transom.fill(data, {HUNDRED: thread(100)})
        with transom.transom(port, data, workers=1, **UNBOUNDED) as server, ExitStack() as streams:
            _reads(port)
            without = _reads(port)
            before = resident(server)
            crowd = streams.enter_context(_crowd(port, count))
            size = (resident(server) - before) / count
            beside = _reads(port)
            took = [each for _ in range(EVENTS) for each in _told(port, crowd)]
            after = (resident(server) - before) / count
            spent = _spent(server, port, crowd)
    cuts = quantiles(took, n=100)
    return {
        "streams": count,
        "bytes": max(size, after),
        "fan_out_p50": cuts[49],
        "fan_out_p99": cuts[98],
        "fan_out_most": max(took),
        "microseconds": spent,
        "page_p99_without": without,
        "page_p99_with": beside,
    }


@contextmanager
def _crowd(port: int, count: int) -> Iterator[selectors.BaseSelector]:
    """So many streams, each with its first bytes read."""
    path = path_of(f"/v1/{transom.SITE.id}/live", subject=transom.subject(HUNDRED))
    request = get(port, path)
    waiting, crowd = selectors.DefaultSelector(), selectors.DefaultSelector()
    opened = 0
    try:
        while len(crowd.get_map()) < count:
            while opened < count and len(waiting.get_map()) < AT_ONCE:
                stream = socket.create_connection((HOST, port), timeout=PATIENCE)
                stream.sendall(request)
                stream.setblocking(False)  # noqa: FBT003 - the socket's own shape
                waiting.register(stream, selectors.EVENT_READ)
                opened += 1
            for key, _ in waiting.select(PATIENCE):
                _greeted(key, waiting, crowd)
        yield crowd
    finally:
        for each in (waiting, crowd):
            for key in list(each.get_map().values()):
                _socket(key).close()
            each.close()


def _greeted(
    key: selectors.SelectorKey, waiting: selectors.BaseSelector, crowd: selectors.BaseSelector
) -> None:
    stream = _socket(key)
    said = stream.recv(65_536)
    if not said.startswith(b"HTTP/1.1 200"):
        raise RuntimeError(f"A stream was refused: {said[:200]!r}")
    waiting.unregister(stream)
    crowd.register(stream, selectors.EVENT_READ)


def _told(port: int, crowd: selectors.BaseSelector) -> Sequence[float]:
    """Do something, and see when each stream has heard of it, in milliseconds."""
    with socket.create_connection((HOST, port), timeout=PATIENCE) as actor:
        begun = time.perf_counter()
        actor.sendall(transom.likes(port, 1, secrets.token_hex(10))[0])
        took = list(_heard(crowd, begun))
        actor.recv(65_536)
    time.sleep(1.5)  # an event follows another one at a distance that grows with the streams
    return took


def _heard(crowd: selectors.BaseSelector, begun: float) -> Iterator[float]:
    heard: set[int] = set()
    while len(heard) < len(crowd.get_map()):
        ready = crowd.select(PATIENCE)
        if not ready:
            raise RuntimeError(f"{len(crowd.get_map()) - len(heard)} streams heard nothing.")
        for key, _ in ready:
            said = _socket(key).recv(65_536)
            if not said:
                raise RuntimeError("A stream ended.")
            if CHANGE in said and key.fd not in heard:
                heard.add(key.fd)
                yield (time.perf_counter() - begun) * 1000


def _spent(server: subprocess.Popen[bytes], port: int, crowd: selectors.BaseSelector) -> float:
    """Microseconds of the server's for one event on one stream."""
    before = spent(server.pid)
    for _ in range(EVENTS):
        _told(port, crowd)
    return (spent(server.pid) - before) * 1e6 / EVENTS / len(crowd.get_map())


def _reads(port: int) -> float:
    """Milliseconds that 99 of 100 reads of the page take at most."""
    reads = transom.reads(port, [HUNDRED])
    return bear(port, reads, connections=CONNECTIONS, seconds=SECONDS).p99


def _socket(key: selectors.SelectorKey) -> socket.socket:
    stream = key.fileobj
    if not isinstance(stream, socket.socket):
        raise TypeError
    return stream


if __name__ == "__main__":
    main()
