"""What one writes in five minutes, to compare with: a Starlette endpoint that answers 20 kB of JSON.

It runs as `uvicorn benchmarks.plain:app`, with uvicorn's defaults but for the log of each request, which would slow it
down.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from benchmarks import corpus
from benchmarks.processes import HOST, running

SIZE = 20_000
"""Bytes of the answer."""


def content() -> list[dict[str, object]]:
    """Comments as an API would give them, cut where they fill the size."""
    found: list[dict[str, object]] = []
    size = 2
    for place, text in enumerate(corpus.thread(200)):
        entry: dict[str, object] = {
            "id": place,
            "parent": text.parent,
            "name": text.name,
            "text": text.source,
            "at": text.created,
        }
        size += len(JSONResponse(entry).body) + 1
        if size > SIZE:
            break
        found.append(entry)
    return found


CONTENT = content()


async def page(_: Request) -> Response:
    """The comments, rendered for each request."""
    return JSONResponse(CONTENT)


app = Starlette(routes=[Route("/", page)])


@contextmanager
def plain(port: int, folder: Path) -> Iterator[None]:
    """Serve it until the block ends."""
    command = [sys.executable, "-m", "uvicorn", "benchmarks.plain:app", "--no-access-log"]
    with running([*command, "--host", HOST, "--port", str(port)], port, folder / "plain.log"):
        yield
