"""The prefix: a server that browsers find below a path answers whether its proxy takes that path off or not."""

from __future__ import annotations

from urllib.parse import urlsplit

from starlette.types import ASGIApp, Receive, Scope, Send


class Prefix:
    """Takes the prefix off a path that has it; one that comes without it passes as it is."""

    def __init__(self, app: ASGIApp, prefix: str) -> None:
        """`app` knows no prefix; `prefix` begins with a slash and ends without one."""
        self._app = app
        self._prefix = prefix
        self._raw = prefix.encode("ascii")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        path: str = scope.get("path", "")
        if path.startswith(self._prefix) and path[len(self._prefix) :][:1] in {"/", ""}:
            raw: bytes = scope.get("raw_path") or b""
            scope = {
                **scope,
                "path": path[len(self._prefix) :] or "/",
                "raw_path": raw.removeprefix(self._raw) or b"/",
                "root_path": "",
            }
        await self._app(scope, receive, send)


def below(app: ASGIApp, public_url: str) -> ASGIApp:
    """The app as it is found below the path of its public address; the app itself, where there is none."""
    prefix = urlsplit(public_url).path
    return Prefix(app, prefix) if prefix else app
