"""Where the microseconds of a read, a like, a comment and a mixed load go: a profiler looks at the running server.

Usage: python -m benchmarks.profile [--seconds N] [--write]
py-spy looks at the server a hundred times a second, while it is under load over 32 connections. The processor time of
one request is measured before, without the profiler; the table shares it out. `--write` puts the tables into
`docs/explanation/profile.md` and the flame graphs beside the results.
"""

from __future__ import annotations

import argparse
import os
import platform
import secrets
import subprocess
import sys
import tempfile
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks import corpus, flame, stacks, transom
from benchmarks.corpus import HUNDRED, PAGES
from benchmarks.load import bear
from benchmarks.processes import spent
from benchmarks.report import RESULTS, put
from benchmarks.writes import blend
from tools.paths import ROOT, VENV, program_of
from tools.ports import free_port

PAGE = ROOT / "docs" / "explanation" / "profile.md"
CONNECTIONS = 32
LOOKS = 100
"""A second."""
AHEAD = 1.0
"""Seconds that the load runs before and after the profiler looks."""
MOST = 12_000
"""Interactions a second that are prepared."""
LEAST = 0.01
"""Parts of the whole below which rooms are put together."""
TEXTS = tuple(text.source for text in corpus.thread(100))


@dataclass(frozen=True, slots=True)
class Doing:
    """What is profiled; `kept` is whether the server may keep pages."""

    title: str
    kind: str
    kept: bool = True


DOINGS: Mapping[str, Doing] = {
    "read": Doing("A page read, 100 comments, kept", "read"),
    "made": Doing("A page of 100 comments made anew", "read", kept=False),
    "like": Doing("A like", "like"),
    "comment": Doing("A comment", "comment"),
    "mixed": Doing("One of a mixed load: 95 % reads and 5 % writes of 20 pages", "mixed"),
}


@dataclass(frozen=True, slots=True)
class Profile:
    """Processor microseconds of one request, and what was seen while it was served."""

    doing: Doing
    microseconds: float
    seen: Sequence[stacks.Stack]


def main() -> int:
    """Print the tables; 1 where the profiler may not look."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.profile", description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=int, default=10, help="of looking at each (default: 10)")
    parser.add_argument("--write", action="store_true", help="put them into the documentation")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        try:
            found = {
                name: profiled(doing, Path(folder) / name, options.seconds) for name, doing in DOINGS.items()
            }
        except subprocess.CalledProcessError as error:
            print(f"py-spy may not look at the server; on Linux root may:\n{error.stderr}", file=sys.stderr)
            return 1
    text = "\n\n".join(table(name, profile) for name, profile in found.items())
    print(text)
    if options.write:
        _write(text)
        for name, profile in found.items():
            flame.draw(RESULTS / f"{name}-flame.svg", profile.doing.title, stacks.tree(profile.seen))
    return 0


def profiled(doing: Doing, folder: Path, seconds: int) -> Profile:
    """Serve a small site, and look at it under a load of one kind."""
    folder.mkdir()
    transom.fill(folder / "data", corpus.town())
    port = free_port()
    settings = {} if doing.kept else {"TRANSOM_CACHE_BYTES": "0"}
    with transom.transom(port, folder / "data", workers=1, **settings) as server:
        _load(doing, port, 1)
        before = spent(server.pid)
        answers = _load(doing, port, 3)
        microseconds = (spent(server.pid) - before) / answers
        seen = _seen(doing, port, server.pid, seconds, folder / "stacks")
    return Profile(doing, microseconds * 1e6, seen)


def table(name: str, profile: Profile) -> str:
    """Which thread and room of the house takes how much of one request, as Markdown."""
    lines = [
        f"### {profile.doing.title}: {profile.microseconds:,.0f} µs",
        "",
        f"[Flame graph](../../benchmarks/results/{name}-flame.svg)",
        "",
        "| thread | room | µs | part |",
        "| --- | --- | ---: | ---: |",
    ]
    rest = 0.0
    for (thread, room), share in stacks.shares(profile.seen).items():
        if share < LEAST:
            rest += share
        else:
            lines.append(f"| {thread} | {room} | {share * profile.microseconds:,.0f} | {share:.0%} |")
    return "\n".join([*lines, f"| | all others | {rest * profile.microseconds:,.0f} | {rest:.0%} |"])


def _seen(doing: Doing, port: int, pid: int, seconds: int, file: Path) -> Sequence[stacks.Stack]:
    failures: list[BaseException] = []

    def load() -> None:
        try:
            _load(doing, port, seconds + 2 * AHEAD)
        except RuntimeError as error:
            failures.append(error)

    loading = threading.Thread(target=load)
    loading.start()
    threading.Event().wait(AHEAD)
    spy = [str(program_of(VENV, "py-spy")), "record", "--pid", str(pid), "--duration", str(seconds)]
    how = ["--rate", str(LOOKS), "--threads", "--format", "raw", "--output", str(file)]
    try:
        subprocess.run([*spy, *how], check=True, capture_output=True, text=True)
    finally:
        loading.join()
    if failures:
        raise failures[0]
    return stacks.read(file.read_text(encoding="utf-8"))


def _load(doing: Doing, port: int, seconds: float) -> int:
    """Answers that came."""
    key, count = secrets.token_hex(10), round(MOST * seconds)
    match doing.kind:
        case "like":
            requests = transom.likes(port, count, key)
        case "comment":
            requests = transom.posts(port, count, key, TEXTS)
        case "mixed":
            writes = [*transom.likes(port, count // 20, f"{key}l", PAGES)]
            writes += transom.posts(port, count // 20, f"{key}p", TEXTS, PAGES)
            requests = blend(transom.reads(port, PAGES), writes, 1)
        case _:
            requests = transom.reads(port, [HUNDRED])
    is_once = doing.kind != "read"
    return bear(port, requests, connections=CONNECTIONS, seconds=seconds, once=is_once).answers


def _write(text: str) -> None:
    """Put the tables between the page's two marks."""
    system = f"{platform.system()} {platform.machine()}, Python {platform.python_version()}"
    machine = f"Taken on {os.cpu_count()} cores, {system}."
    put(PAGE, f"{machine}\n\n{text}")


if __name__ == "__main__":
    sys.exit(main())
