"""A server that runs beside a test, and a page of another origin that carries its widgets. Needs httpx."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import uvicorn
from starlette.types import ASGIApp, Receive, Scope, Send

from widget_server.app import Lazy
from widget_server.commands.listening import Server
from widget_server.opening import database_of, now
from widget_server.plugins import Plugin
from widget_server.settings import Settings, load
from widget_server.store import sites
from widget_server.store.changes import touched
from widget_server.vocabulary import Site, SiteSettings, Transaction
from widget_server.widgets.base import Summary, Widget

HOST = "127.0.0.1"
SITE = "blog"
PATH = "/page"

DOCUMENT = """<!doctype html><html lang="{lang}"><head><meta charset="utf-8"><title>A page</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark"><link rel="icon" href="data:,">
<link rel="stylesheet" href="{server}/transom.css">
<script type="module" async src="{server}/transom.js" data-site="blog"></script>
</head><body><main><h1>A page</h1>{body}</main></body></html>"""

ROOMY: Mapping[str, object] = dict.fromkeys(
    ("rate_client", "rate_person", "rate_site", "rate_new", "rate_read"), 1_000_000
)
"""So that a test meets a limit only where it asks for one."""


class Listening:
    """An ASGI app on a port of this machine, in a thread of its own, that can be stopped and started again."""

    def __init__(self, port: int = 0) -> None:
        """Takes the port at once (0: one that is free); nothing answers before `start`."""
        self._socket = _bound(port)
        self.port: int = self._socket.getsockname()[1]
        self.app: ASGIApp | None = None
        self._server: Server | None = None
        self._thread: threading.Thread | None = None

    @property
    def address(self) -> str:
        """Where it answers: `http://127.0.0.1:` and the port."""
        return f"http://{HOST}:{self.port}"

    def start(self) -> None:
        """Serve `app`; returns when requests are answered, fails where the app does not start."""
        if self._socket.fileno() < 0:
            self._socket = _bound(self.port)
        assert self.app is not None
        config = uvicorn.Config(
            self.app,
            log_level="error",
            access_log=False,
            lifespan="on" if isinstance(self.app, Lazy) else "off",
            proxy_headers=False,
            timeout_graceful_shutdown=1,
        )
        self._server = Server(config)
        self._thread = threading.Thread(target=self._server.run, args=([self._socket],), daemon=True)
        self._thread.start()
        tick = threading.Event()
        while not self._server.started:
            assert self._thread.is_alive(), "the server did not start"
            tick.wait(0.01)

    def stop(self) -> None:
        """Stop; returns when the port is free."""
        if self._server and self._thread:
            self._server.should_exit = True
            self._thread.join(10)
        self._socket.close()
        self._server = self._thread = None


class Pages:
    """A web site: whatever documents a test puts there, each with its Content-Security-Policy or None."""

    def __init__(self) -> None:
        """No page yet."""
        self.documents: dict[str, tuple[str, str | None]] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002 - ASGI's shape
        """One request."""
        text, policy = self.documents.get(scope["path"], ("", None))
        headers = [(b"content-type", b"text/html; charset=utf-8"), (b"cache-control", b"no-cache")]
        if policy:
            headers.append((b"content-security-policy", policy.encode()))
        await send({"type": "http.response.start", "status": 200 if text else 404, "headers": headers})
        await send({"type": "http.response.body", "body": text.encode()})


class Visitor:
    """Somebody on the pages of the site; what makes a browser known is kept as it is there."""

    def __init__(self, server: str, origin: str) -> None:
        """Somebody new: without a token, until something was done."""
        self._server, self._origin = server, origin
        self.token: str | None = None

    def post(self, where: str = "interactions", /, **fields: object) -> httpx.Response:
        """Send fields as the page's script does, and take the answer as it comes."""
        known = {"token": self.token} if self.token else {}
        answer = httpx.post(
            f"{self._server}/v1/{SITE}/{where}",
            data={name: str(value) for name, value in {**known, **fields}.items()},
            headers={"origin": self._origin, "accept": "application/json"},
        )
        if answer.is_success:
            self.token = answer.json().get("token", self.token)
        return answer

    def act(self, widget: str, action: str, subject: str = "page", **fields: object) -> Summary:
        """Do something with a widget, which has to succeed; gives the summary."""
        answer = self.post(widget=widget, action=action, subject=subject, **fields)
        assert answer.is_success, answer.text
        summary: Summary = answer.json()["summary"]
        return summary

    def own(self, widget: str, subject: str = "page") -> Summary:
        """A widget's summary as it is for this one visitor."""
        summary: Summary = self._told("session", subject=subject, widgets=widget)["widgets"][widget]
        return summary

    def held(self) -> dict[str, Any]:
        """What is held about the visitor, as it is told to them."""
        return self._told("me", action="read")

    def erase(self) -> None:
        """Have all of it taken out."""
        self._told("me", action="erase")

    def _told(self, where: str, **fields: object) -> dict[str, Any]:
        answer = self.post(where, **fields)
        assert answer.is_success, answer.text
        told: dict[str, Any] = answer.json()
        return told


@dataclass(slots=True)
class Running:
    """A server that listens, with the site `blog`, whose pages are served from another origin."""

    server: str
    origin: str
    settings: Settings
    listening: Listening
    pages: Pages

    def page(self, body: str, path: str = PATH, *, lang: str = "en", policy: str | None = None) -> str:
        """Put a page that carries `body` into the site; gives its address."""
        text = DOCUMENT.replace("{server}", self.server).replace("{lang}", lang).replace("{body}", body)
        self.pages.documents[path] = (text, policy)
        return self.origin + path

    def subject(self, path: str = PATH) -> str:
        """The subject of a page of the site, where an element names none."""
        return self.origin.partition("://")[2] + path

    def visitor(self) -> Visitor:
        """Somebody new."""
        return Visitor(self.server, self.origin)

    def summary(self, widget: str, subject: str = "page") -> Summary:
        """What everybody sees of a widget."""
        answer = httpx.get(
            f"{self.server}/v1/{SITE}/page", params={"subject": subject, "widgets": widget, "format": "json"}
        )
        assert answer.is_success, answer.text
        told = answer.json()
        assert not told["degraded"], "the widget failed; the server's log says why"
        summary: Summary = told["widgets"][widget]
        return summary


@contextmanager
def running(
    folder: Path,
    widgets: Sequence[Widget] = (),
    chosen: SiteSettings | None = None,
    overrides: Mapping[str, object] | None = None,
) -> Iterator[Running]:
    """Run a server on an empty folder for as long as the block lasts.

    `widgets` join those that are installed, `chosen` is what the site's owner chose, `overrides` the operator.
    """
    both = Listening(), Listening()
    server, site = both
    settings = load(
        {}, overrides={"data": folder / "data", "public_url": server.address, **ROOMY, **(overrides or {})}
    )
    asyncio.run(_make(settings, site.address, chosen or SiteSettings()))
    pages = Pages()
    server.app, site.app = Lazy(settings, extra=as_plugins(widgets)), pages
    with contextlib.ExitStack() as stack:
        for each in both:
            stack.callback(each.stop)
            each.start()
        yield Running(server.address, site.address, settings, server, pages)


def as_plugins(widgets: Sequence[Widget]) -> dict[str, Plugin[Widget]]:
    """Widgets as a server takes them beside the installed ones."""
    return {each.name: Plugin(each.name, "under test", each.version, each) for each in widgets}


async def _make(settings: Settings, origin: str, chosen: SiteSettings) -> None:
    def transaction() -> Transaction[None]:
        yield from sites.add(Site(SITE, "Blog", (origin,), chosen, now()))
        yield from touched(SITE, "")

    async with database_of(settings) as database:
        await database.write(transaction())


def _bound(port: int) -> socket.socket:
    found = socket.socket()
    found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    found.bind((HOST, port))
    return found
