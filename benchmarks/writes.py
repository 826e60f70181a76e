"""Writes: durable comments and likes over 32 connections, and reads with some of both among them."""

from __future__ import annotations

import random
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from benchmarks import corpus, isso, transom, waline
from benchmarks.asking import get
from benchmarks.corpus import PAGES
from benchmarks.lab import Lab, Loads, Shot, p99s, rate, rates, ratio
from benchmarks.load import Load
from benchmarks.report import ISSO, ONE, PLAIN, POSTGRES, TWO, WALINE, Figure, Target

MOST = {ONE: 15_000, TWO: 20_000, POSTGRES: 15_000, ISSO: 2_500, WALINE: 2_500}
"""Interactions a second that are prepared; each is sent once."""
MOST_MIXED = {ONE: 30_000, TWO: 40_000, ISSO: 1_000, WALINE: 1_000}
"""Requests a second that are prepared for a mixed load."""
TEXTS = tuple(text.source for text in corpus.thread(100))
OURS = (ONE, TWO, POSTGRES)
LIKED = 1_000
"""Comments of the small site, over which the peers' likes are spread."""
SLOWEST = 50.0
"""Milliseconds that 99 of 100 writes may take."""

Requests = Callable[[int, int, int], Sequence[bytes]]
"""A contestant's requests: for its port, so many, for a round."""

POSTS: Mapping[str, Requests] = {
    ONE: lambda port, count, _: transom.posts(port, count, _key(), TEXTS),
    ISSO: lambda port, count, number: isso.posts(port, count, 100 + number, TEXTS),
    WALINE: lambda port, count, number: waline.posts(port, count, 100 + number, TEXTS),
}
LIKES: Mapping[str, Requests] = {
    ONE: lambda port, count, _: transom.likes(port, count, _key()),
    ISSO: lambda port, count, number: isso.likes(port, count, number, LIKED),
    WALINE: lambda port, count, number: waline.likes(port, count, number, LIKED),
}


@dataclass(frozen=True, slots=True)
class Held:
    """How many of those that a server acknowledged its database holds."""

    answers: int
    recorded: int

    @property
    def lost(self) -> int:
        """Acknowledged and not there."""
        return max(0, self.answers - self.recorded)


def posted(lab: Lab) -> Sequence[Figure]:
    """Durable comments a second."""
    return _interactions(lab, "comments posted", POSTS, {ISSO: 15, WALINE: 50})


def liked(lab: Lab) -> Sequence[Figure]:
    """Durable likes a second."""
    return _interactions(lab, "likes", LIKES, {ISSO: 20})


def mixed(lab: Lab) -> Sequence[Figure]:
    """Nineteen reads to one write, over twenty pages and on one alone."""
    return [
        _mixed(lab, "95 % reads, 5 % writes, 20 pages", PAGES),
        _mixed(lab, "95 % reads, 5 % writes, one page", PAGES[:1]),
    ]


def _interactions(
    lab: Lab, name: str, requests: Mapping[str, Requests], least: Mapping[str, float]
) -> Sequence[Figure]:
    with lab.stage(*MOST) as ports:
        before = _recorded(lab, ports)
        shots = {
            who: _once(lab, requests.get(who, requests[ONE]), port, MOST[who]) for who, port in ports.items()
        }
        loads = lab.turns(shots)
        _held(lab, name, loads, before)
    targets = [
        Target(f"times {peer}", ratio(loads, ONE, peer, rate), at_least=bound)
        for peer, bound in least.items()
        if peer in loads
    ]
    late = p99s(loads)
    return [
        Figure(name, "/s", rates(loads), targets),
        Figure(f"{name}, p99", "ms", late, [Target("ms", late[ONE], at_most=SLOWEST)]),
    ]


def _once(lab: Lab, requests: Requests, port: int, most: int) -> Shot:
    return lambda number: lab.shot(requests(port, most * lab.seconds, number), port, once=True)


def _mixed(lab: Lab, name: str, pages: Sequence[str]) -> Figure:
    with lab.stage(PLAIN, *MOST_MIXED) as ports:
        shots: dict[str, Shot] = {
            who: _blended(lab, who, port, pages) for who, port in ports.items() if who != PLAIN
        }
        shots[PLAIN] = lambda _: lab.shot([get(ports[PLAIN], "/")], ports[PLAIN])
        loads = lab.turns(shots)
    targets = [Target("times a plain endpoint", ratio(loads, ONE, PLAIN, rate), at_least=1.5)]
    if ISSO in loads:
        targets.insert(0, Target("times Isso", ratio(loads, ONE, ISSO, rate), at_least=300))
    return Figure(name, "/s", rates(loads), targets)


def _blended(lab: Lab, who: str, port: int, pages: Sequence[str]) -> Shot:
    """Half of the writes are likes, half are comments."""

    def shot(number: int) -> Load:
        few = MOST_MIXED[who] * (lab.seconds if who in OURS else lab.calm_seconds) // 40
        if who in OURS:
            key = _key()
            reads = transom.reads(port, pages)
            likes = transom.likes(port, few, f"{key}l", pages)
            posts = transom.posts(port, few, f"{key}p", TEXTS, pages)
        else:
            peer = isso if who == ISSO else waline
            reads = peer.reads(port, pages)
            likes = peer.likes(port, few, number, LIKED)
            posts = peer.posts(port, few, 100 + number, TEXTS, pages)
        return lab.shot(blend(reads, [*likes, *posts], number), port, once=True, calm=who not in OURS)

    return shot


def blend(reads: Sequence[bytes], writes: Sequence[bytes], seed: int) -> Sequence[bytes]:
    """Nineteen reads to each write, the write anywhere among them."""
    chance = random.Random(seed)  # noqa: S311 - a load needs no secrets
    order = list(writes)
    chance.shuffle(order)
    found: list[bytes] = []
    for write in order:
        twenty = chance.choices(reads, k=19)
        twenty.insert(chance.randrange(20), write)
        found += twenty
    return found


def _recorded(lab: Lab, ports: Mapping[str, int]) -> Mapping[str, int]:
    asks = {ISSO: isso.recorded, WALINE: waline.recorded, POSTGRES: None}
    found = {}
    for name in ports:
        ask = asks.get(name, transom.recorded)
        if ask is not None:
            found[name] = ask(lab.folder_of(name))
    return found


def _held(lab: Lab, what: str, loads: Loads, before: Mapping[str, int]) -> None:
    """Note whether everything that was acknowledged is there."""
    after = _recorded(lab, dict.fromkeys(before, 0))
    for name, earlier in before.items():
        held = Held(sum(load.answers for load in loads[name]), after[name] - earlier)
        if held.lost:
            lab.notes.append(f"{what}: {name} acknowledged {held.answers:,} and lost {held.lost:,} of them.")


def _key() -> str:
    return secrets.token_hex(10)
