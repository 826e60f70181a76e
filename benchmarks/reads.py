"""Reads: pages from the cache, counts of many pages, and the first view of threads of every length."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from statistics import median

from benchmarks import asking, isso, live, long_threads, report, transom, waline
from benchmarks.corpus import HUNDRED, PAGES
from benchmarks.lab import Lab, Shot, p99, p99s, rate, rates, ratio
from benchmarks.report import FLOOR, ISSO, ONE, TWO, WALINE, Figure, Target
from tools.ports import free_port

VIEWS = 25
"""First views of each thread; a single one takes milliseconds."""


def cached(lab: Lab) -> Sequence[Figure]:
    """The page with a hundred comments, asked for by everybody at once."""
    with lab.stage(ONE, TWO, ISSO, WALINE) as ports:
        port, floor = lab.floor(transom.answers(ports[ONE], [HUNDRED]))
        with floor:
            loads = lab.turns(_page_shots(lab, {FLOOR: port, **ports}))
    targets = [Target("of the floor", ratio(loads, ONE, FLOOR, rate), at_least=0.7)]
    if TWO in loads:
        targets.append(Target("times one process, by two", ratio(loads, TWO, ONE, rate), at_least=1.4))
    if ISSO in loads:
        targets.append(Target("times Isso", ratio(loads, ONE, ISSO, rate), at_least=100))
    slow = Target("times the floor's", ratio(loads, ONE, FLOOR, p99), at_most=3)
    return [
        Figure("page read, 100 comments", "/s", rates(loads), targets),
        Figure("page read, 100 comments, p99", "ms", p99s(loads), [slow]),
    ]


def counted(lab: Lab) -> Sequence[Figure]:
    """How many comments each of twenty pages has, in one request."""
    with lab.stage(ONE, ISSO, WALINE) as ports:
        loads = lab.turns({name: _same(lab, port, [_counts(name, port)]) for name, port in ports.items()})
    targets = [Target("times Isso", ratio(loads, ONE, ISSO, rate), at_least=5)] if ISSO in loads else []
    return [Figure("counts of 20 pages", "/s", rates(loads), targets)]


def first(lab: Lab, sizes: Sequence[int]) -> Sequence[Figure]:
    """Milliseconds of one page that is kept nowhere, by the length of its thread; the sizes take turns."""
    port = free_port()
    took: dict[int, list[float]] = {size: [] for size in sizes}
    with transom.transom(port, long_threads.folder(lab.work, sizes), TRANSOM_CACHE_BYTES="0"):
        for _ in range(VIEWS):
            for size in sizes:
                took[size].append(asking.once(port, transom.page(str(size))).took)
    theirs = _first_of_peers(lab)
    shortest = median(took[sizes[0]])
    figures = []
    for size in sizes:
        target = Target(f"times that of {sizes[0]}", median(took[size]) / shortest, at_most=1.3)
        values = {ONE: median(took[size]), **(theirs if size == sizes[0] else {})}
        figures.append(
            Figure(f"first view, {size:,} comments", "ms", values, [target] if size != sizes[0] else [])
        )
    return figures


def streamed(lab: Lab, count: int) -> Sequence[Figure]:
    """What `python -m benchmarks.live` measures."""
    (lab.work / live.FILE).write_text(json.dumps(live.measure(count)), encoding="utf-8")
    return live.kept(lab.work)


def _first_of_peers(lab: Lab) -> Mapping[str, float]:
    """The same of the peers, which keep nothing; they would take minutes for the longest."""
    pages = {ISSO: isso.page(HUNDRED), WALINE: waline.page(HUNDRED)}
    with lab.stage(ISSO, WALINE) as ports:
        return {
            name: median(asking.once(port, pages[name]).took for _ in range(5))
            for name, port in ports.items()
        }


def _counts(name: str, port: int) -> bytes:
    if name == ISSO:
        return isso.counts(port, PAGES)
    return asking.get(port, waline.counts(PAGES) if name == WALINE else transom.counts(PAGES))


def _page_shots(lab: Lab, ports: Mapping[str, int]) -> Mapping[str, Shot]:
    found = {}
    for name, port in ports.items():
        match name:
            case report.ISSO:
                found[name] = _same(lab, port, isso.reads(port, [HUNDRED]), calm=True)
            case report.WALINE:
                found[name] = _same(lab, port, waline.reads(port, [HUNDRED]), calm=True)
            case _:
                found[name] = _same(lab, port, transom.reads(port, [HUNDRED]))
    return found


def _same(lab: Lab, port: int, requests: Sequence[bytes], *, calm: bool = False) -> Shot:
    return lambda _: lab.shot(requests, port, calm=calm)
