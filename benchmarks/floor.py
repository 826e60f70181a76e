"""The bare floor: a server that sends kept bytes and does nothing else, to compare with.

It runs under the very same HTTP server and flags as `transom serve`, and its answers have the same headers and bodies.
Usage: python -m benchmarks.floor PORT FILE
"""

from __future__ import annotations

import base64
import json
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from starlette.types import Receive, Scope, Send

from benchmarks.asking import Answer
from benchmarks.processes import HOST, running
from widget_server.commands.serve import listen

ADDED_BY_THE_SERVER = frozenset({"date"})

Kept = tuple[list[tuple[bytes, bytes]], bytes]


class Floor:
    """An ASGI app that finds an answer by the raw query and sends it."""

    def __init__(self, kept: Mapping[bytes, Kept]) -> None:
        self._kept = kept

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request, or the lifespan."""
        if scope["type"] == "http":
            headers, body = self._kept[scope["query_string"]]
            await send({"type": "http.response.start", "status": 200, "headers": headers})
            await send({"type": "http.response.body", "body": body})
        else:
            while (await receive())["type"] != "lifespan.shutdown":
                await send({"type": "lifespan.startup.complete"})
            await send({"type": "lifespan.shutdown.complete"})


@contextmanager
def floor(port: int, folder: Path, answers: Mapping[str, Answer]) -> Iterator[None]:
    """Serve these answers, by path, until the block ends."""
    file = folder / "floor.json"
    file.write_text(json.dumps({path.partition("?")[2]: _packed(answer) for path, answer in answers.items()}))
    with running(
        [sys.executable, "-m", "benchmarks.floor", str(port), str(file)], port, folder / "floor.log"
    ):
        yield


def main(port: int, file: Path) -> None:
    """Serve what the file holds."""
    listen(
        Floor({query.encode(): _unpacked(kept) for query, kept in json.loads(file.read_text()).items()}),
        HOST,
        port,
    )


def _packed(answer: Answer) -> dict[str, object]:
    headers = [each for each in answer.headers if each[0].lower() not in ADDED_BY_THE_SERVER]
    return {"headers": headers, "body": base64.b64encode(answer.body).decode()}


def _unpacked(kept: dict[str, Any]) -> Kept:
    headers = [(name.lower().encode(), value.encode()) for name, value in kept["headers"]]
    return headers, base64.b64decode(kept["body"])


if __name__ == "__main__":
    main(int(sys.argv[1]), Path(sys.argv[2]))
