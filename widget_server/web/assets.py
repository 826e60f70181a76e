"""Assets: the browser half and the style sheets, read once, compressed once."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from functools import lru_cache
from importlib.resources import files

from starlette.routing import BaseRoute, Route
from starlette.types import Receive, Scope, Send

from widget_server.web.cache import Entry, Made, packed
from widget_server.web.fastpath import send_entry
from widget_server.web.rendering import Rendering

FOR_A_WHILE = b"public, max-age=300, stale-while-revalidate=86400"
FOR_EVER = b"public, max-age=31536000, immutable"

SCRIPT = b"text/javascript; charset=utf-8"
STYLE = b"text/css; charset=utf-8"


class Asset:
    """An endpoint that sends one file."""

    def __init__(self, entry: Entry) -> None:
        """`entry` holds the file in all encodings."""
        self._entry = entry

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002 - ASGI's shape
        """One request."""
        await send_entry(self._entry, scope, send)


class Assets:
    """The files that browsers load: each under a name that stays, and under one that names its content."""

    def __init__(self, rendering: Rendering) -> None:
        """Read and compress them all; some milliseconds each."""
        static = files("widget_server.web") / "static"
        scripts = {name: (static / name).read_bytes() for name in ("transom.js", "live.js", "own.js")}
        scripts |= {f"w/{name}.js": script.encode() for name, script in rendering.scripts.items()}
        sheets = {
            "transom.css": (static / "transom.css").read_bytes(),
            "page.css": (static / "page.css").read_bytes()
            + rendering.style(sorted(rendering.names)).encode(),
        }
        self._files: Mapping[str, tuple[bytes, bytes]] = {
            **{name: (body, SCRIPT) for name, body in scripts.items()},
            **{name: (body, STYLE) for name, body in sheets.items()},
        }

    def address(self, name: str) -> str:
        """The path under which a file never changes."""
        return f"/t/{_hash(self._files[name][0])}/{name}"

    def routes(self) -> Sequence[BaseRoute]:
        """A route for each name of each file."""
        found: list[BaseRoute] = []
        for name, (body, kind) in self._files.items():
            if not name.startswith("w/"):
                found.append(Route(f"/{name}", Asset(_packed(body, kind, FOR_A_WHILE))))
            found.append(Route(self.address(name), Asset(_packed(body, kind, FOR_EVER))))
        return found


@lru_cache(maxsize=256)
def _packed(body: bytes, kind: bytes, keep: bytes) -> Entry:
    """A file in all encodings, as small as can be; servers that one process opens share it."""
    return packed(Made(body, frozenset(), kind), keep=keep, quality=11)


def _hash(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()[:16]
