"""How long an answer about many subjects takes beside one about a few: in one process, without the page cache.

Usage: python -m benchmarks.many [--rounds N]
What the HTTP server and the network add is the same for both, and left out.
"""

from __future__ import annotations

import argparse
import asyncio
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from statistics import median
from urllib.parse import urlencode

from starlette.types import ASGIApp, Message, Scope

from benchmarks.transom import SITE
from widget_server import settings
from widget_server.app import opened
from widget_server.store import choices, sites
from widget_server.store.choices import Place
from widget_server.vocabulary import Transaction

FEW, MANY = 20, 200
TARGET = 2.0
"""How many times as long the many may take."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure, and print both medians and their ratio."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.many", description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=300, help="requests of each kind (default: 300)")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder:
        few, many = asyncio.run(measured(Path(folder), options.rounds))
    is_met = "met" if many <= TARGET * few else "MISSED"
    print(f"{FEW} subjects: {few * 1e6:,.0f} us; {MANY} subjects: {many * 1e6:,.0f} us")
    print(f"{many / few:.2f} times as long (<= {TARGET:g}: {is_met})")


async def measured(folder: Path, rounds: int) -> tuple[float, float]:
    """Seconds that a request for a few subjects takes, and one for many: medians, measured in turns."""
    values = {"data": str(folder / "data"), "public_url": "https://talk.example", "cache_bytes": 0}
    async with opened(settings.load({}, None, values)) as server:
        await server.house.database.write(sites.add(SITE))
        await server.house.database.write(_liked())
        scopes = {count: _scope(count) for count in (FEW, MANY)}
        times: dict[int, list[float]] = {FEW: [], MANY: []}
        for _ in range(rounds + rounds // 10):
            for count, found in times.items():
                begun = time.perf_counter()
                await _ask(server.app, scopes[count], count)
                found.append(time.perf_counter() - begun)
    few, many = (median(found[-rounds:]) for found in times.values())
    return few, many


def _subject(number: int) -> str:
    return f"photo:{number}"


def _liked() -> Transaction[None]:
    """Somebody likes every other photo."""
    for number in range(0, MANY, 2):
        yield from choices.count(Place(SITE.id, _subject(number), "like", ""), "like", 1 + number)


def _scope(count: int) -> Scope:
    """What the browser half asks for: the subjects on lines of one field."""
    query = urlencode({"subject": "\n".join(map(_subject, range(count))), "widgets": "like"})
    path = f"/v1/{SITE.id}/page"
    return {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "GET",
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "root_path": "",
        "query_string": query.encode(),
        "headers": [(b"host", b"talk.example")],
        "client": ("127.0.0.1", 40_000),
        "server": ("talk.example", 443),
    }


async def _ask(app: ASGIApp, scope: Scope, count: int) -> None:
    """One request, answered."""
    sent: list[Message] = []

    async def receive() -> Message:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Message) -> None:
        sent.append(message)

    await app(dict(scope), receive, send)
    if sent[0]["status"] != 200 or sent[1]["body"].count(b'"like"') != count:  # noqa: PLR2004 - HTTP's own
        message = f"Not answered: {sent}"
        raise RuntimeError(message)


if __name__ == "__main__":
    main()
