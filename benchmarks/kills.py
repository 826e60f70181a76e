"""Kills the server over and over while it is used: whether anything acknowledged is lost, or anything counted twice.

Usage: python -m benchmarks.kills [--kills N] [--workers N] [--database postgres] [--beside N]
Some connections like and comment; at a random moment the server and all of its processes get SIGKILL. It is started
again, and what was not answered is sent again with the same idempotency keys, and so is some of what was. At the end
the database must hold everything that was acknowledged, and everything once.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import random
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import asdict, astuple, dataclass
from functools import partial
from multiprocessing import get_context
from pathlib import Path

from benchmarks import ledger, postgres, transom
from benchmarks.ledger import COMMENT, LIKE, Ledger, Verdict
from benchmarks.processes import HOST
from benchmarks.report import RESULTS
from tests.postgres import Server
from tools.ports import free_port

CONNECTIONS = 16
MOST_ANSWERS = 300
"""A life of the server ends after a random number of answers up to this."""
AGAIN, RECENT = 10, 200
"""How many of those that were acknowledged last are sent once more."""
PATIENCE = 30.0
"""Seconds in which a server must be back."""


@dataclass(frozen=True, slots=True)
class Run:
    """What came of a number of kills; `slowest` is the longest time to be back, in seconds."""

    kills: int
    verdict: Verdict
    slowest: float
    seconds: float


def main() -> int:
    """Print what came of it, keep it; 1 where anything is wrong."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.kills", description=__doc__.splitlines()[0])
    parser.add_argument("--kills", type=int, default=1_000, help="how many in all (default: 1,000)")
    parser.add_argument("--workers", type=int, default=1, help="processes of the server (default: 1)")
    parser.add_argument("--database", choices=("sqlite", "postgres"), default="sqlite")
    parser.add_argument(
        "--beside", type=int, default=2, help="servers of their own side by side (default: 2)"
    )
    options = parser.parse_args()
    each = -(-options.kills // options.beside)
    with ProcessPoolExecutor(options.beside, mp_context=get_context("spawn")) as pool:
        alone = partial(_alone, each, options.workers, options.database)
        run = _together(list(pool.map(alone, range(options.beside))))
    named = f"{options.database}, {options.workers} process{'es' if options.workers > 1 else ''}"
    file = RESULTS / "kills.json"
    known = json.loads(file.read_text(encoding="utf-8")) if file.is_file() else {}
    file.write_text(json.dumps({**known, named: asdict(run)}, indent=1) + "\n", encoding="utf-8")
    print(f"{named}: {told(run)}")
    return 0 if run.verdict.is_good else 1


def _alone(kills: int, workers: int, database: str, seed: int) -> Run:
    """One server and its database, in a process of this program's own."""
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        server = stack.enter_context(postgres.server()) if database == "postgres" else None
        return killed(Path(folder) / "data", kills, workers=workers, server=server, seed=seed)


def _together(runs: Sequence[Run]) -> Run:
    verdicts = [astuple(run.verdict) for run in runs]
    verdict = Verdict(*(sum(column) for column in zip(*verdicts, strict=True)))
    slowest, seconds = max(run.slowest for run in runs), max(run.seconds for run in runs)
    return Run(sum(run.kills for run in runs), verdict, slowest, seconds)


def told(run: Run) -> str:
    """One sentence."""
    verdict = run.verdict
    return (
        f"{run.kills:,} kills in {run.seconds:,.0f} s, {verdict.acknowledged:,} acknowledged: {verdict.lost} lost, "
        f"{verdict.doubled} done twice, {verdict.miscounted} miscounted, {verdict.unknown} from nowhere; "
        f"back after {run.slowest:.1f} s at most."
    )


def killed(folder: Path, kills: int, *, workers: int = 1, server: Server | None = None, seed: int = 1) -> Run:
    """Kill Transom so often, and in every third life PostgreSQL first, where it has one; judge what is left."""
    database = server.url(postgres.DATABASE) if server else ""
    transom.fill(folder, {}, database)
    begun = time.monotonic()
    book, slowest = _lives(folder, kills, workers, server, seed)
    verdict = ledger.judged(book, ledger.held(folder, database))
    return Run(kills, verdict, slowest, time.monotonic() - begun)


def _lives(folder: Path, kills: int, workers: int, server: Server | None, seed: int) -> tuple[Ledger, float]:
    dice = random.Random(seed)  # noqa: S311 - when to kill, not a secret
    book, port, slowest = Ledger(), free_port(), 0.0
    database = server.url(postgres.DATABASE) if server else ""
    for life in range(kills + 1):
        with _served(folder, port, workers, database) as process:
            slowest = max(slowest, _answers(port, process))
            recent = list(book.acknowledged)[-RECENT:]
            again = dice.sample(recent, k=min(AGAIN, len(recent)))
            asyncio.run(_settle(port, book, [*book.doubtful(), *again]))
            if life < kills:
                both = server if server and life % 3 == 0 else None
                answers = dice.randrange(1, MOST_ANSWERS)
                asyncio.run(_use(port, book, f"{life:06}", answers, _end(process, both)))
                if both:
                    both.start()
                    asyncio.run(_settle(port, book, book.doubtful()))
                _progress(life + 1, kills, book)
    return book, slowest


def _end(process: subprocess.Popen[bytes], server: Server | None) -> Callable[[], None]:
    """How a life ends: PostgreSQL is killed, and Transom goes on and must find it again; or Transom is."""
    return server.kill if server else lambda: os.killpg(process.pid, signal.SIGKILL)


def _progress(life: int, kills: int, book: Ledger) -> None:
    if life % 50 == 0:
        print(
            f"{life:,} of {kills:,} kills, {len(book.acknowledged):,} acknowledged",
            flush=True,
            file=sys.stderr,
        )


async def _use(port: int, book: Ledger, life: str, answers: int, end: Callable[[], None]) -> None:
    """Like and comment on several connections until so many answers came, and end it amid that."""
    enough = asyncio.Event()
    wanted = len(book.acknowledged) + answers
    names = [f"{life}-{number:02}" for number in range(CONNECTIONS)]
    users = [asyncio.create_task(_user(port, book, name, wanted, enough)) for name in names]
    await enough.wait()
    end()
    await asyncio.gather(*users)


async def _user(port: int, book: Ledger, name: str, wanted: int, enough: asyncio.Event) -> None:
    """One connection that does one thing after the other until the server is gone."""
    try:
        with suppress(OSError, asyncio.IncompleteReadError):
            reader, writer = await _connected(port, enough)
            place = 0
            try:
                while True:
                    place += 1
                    kind = LIKE if place % 2 else COMMENT
                    key = f"{kind}-{name}-{place:08}"
                    book.sent[key] = kind
                    await _do(reader, writer, port, key, book)
                    if len(book.acknowledged) >= wanted:
                        enough.set()
            finally:
                writer.close()
    finally:
        enough.set()  # a connection that breaks early must not leave the others waiting for ever


async def _connected(port: int, enough: asyncio.Event) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """A connection; who answered first may have been a worker of the life before, in its last moment."""
    end = time.monotonic() + PATIENCE
    while True:
        try:
            return await asyncio.open_connection(HOST, port)
        except OSError:
            if enough.is_set() or time.monotonic() > end:
                raise
            await asyncio.sleep(0.05)


async def _settle(port: int, book: Ledger, keys: Sequence[str]) -> None:
    """Send again what may or may not have been done, until it is answered."""
    end = time.monotonic() + PATIENCE
    for key in keys:
        while not await _again(port, book, key):
            if time.monotonic() > end:
                raise RuntimeError(f"{key} was never answered.")
            await asyncio.sleep(0.05)


async def _again(port: int, book: Ledger, key: str) -> bool:
    with suppress(OSError, asyncio.IncompleteReadError):
        reader, writer = await asyncio.open_connection(HOST, port)
        try:
            await _do(reader, writer, port, key, book)
        finally:
            writer.close()
        return True
    return False


async def _do(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, port: int, key: str, book: Ledger
) -> None:
    """One doing; an `OSError` where it was not answered, or only with a failure of the server."""
    writer.write(transom.doing(port, book.sent[key], key))
    head = (await reader.readuntil(b"\r\n\r\n")).lower()
    body = await reader.readexactly(int(head.partition(b"content-length:")[2].split(b"\r\n")[0]))
    if head.startswith(b"http/1.1 5"):
        raise ConnectionAbortedError
    if not head.startswith(b"http/1.1 20"):
        raise RuntimeError(f"{key} was refused: {body[:300]!r}")
    book.answered(key, json.loads(body)["id"])


@contextmanager
def _served(folder: Path, port: int, workers: int, database: str) -> Iterator[subprocess.Popen[bytes]]:
    """A server in a group of its own, of which nothing is left behind the block."""
    more = {"TRANSOM_DATABASE": database} if database else {}
    environment = {**os.environ, **transom.GENEROUS, "TRANSOM_PUBLIC_URL": f"http://{HOST}:{port}", **more}
    with folder.with_suffix(".log").open("ab") as said:
        process = subprocess.Popen(
            transom.command(port, folder, workers),
            env=environment,
            stdout=said,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        yield process
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait(PATIENCE)


def _answers(port: int, process: subprocess.Popen[bytes]) -> float:
    """Wait until the server listens; the seconds that it took."""
    begun = time.monotonic()
    while time.monotonic() < begun + PATIENCE and process.poll() is None:
        try:
            socket.create_connection((HOST, port), timeout=1).close()
        except OSError:
            time.sleep(0.01)
        else:
            return time.monotonic() - begun
    raise RuntimeError("The server did not come back.")


if __name__ == "__main__":
    sys.exit(main())
