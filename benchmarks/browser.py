"""What a page with comments costs its reader's browser: bytes, requests, blocked time and movement.

Usage: python -m benchmarks.browser [--rounds N]
The machine is slowed down four times, as Lighthouse does for a middling phone; each figure is the median of the rounds.
"""

from __future__ import annotations

import argparse
import asyncio
import gzip
import sys
import tempfile
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from statistics import median
from typing import Any

import brotli
from playwright.async_api import Browser, CDPSession, Page, async_playwright

from benchmarks import corpus, transom
from benchmarks.processes import HOST
from tools.browser import find
from tools.paths import MODULE
from tools.ports import free_port

SIZES = (100, 1_000)
SLOWER = 4
FLAGS = ("--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update")
HEADINGS = f"{'comments':>10}{'shown':>8}{'requests':>10}{'bytes':>10}{'blocked':>10}{'shift':>8}"
DOCUMENT = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>A page</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="stylesheet" href="{server}/transom.css">
<script type="module" async src="{server}/transom.js" data-site="bench"></script></head>
<body><h1>A page</h1><p><transom-like subject="{subject}"></transom-like></p>
<transom-comments class="transom-reserve" subject="{subject}"></transom-comments></body></html>"""
WATCH = """
globalThis.watched = { shift: 0, blocked: 0 };
new PerformanceObserver((list) => list.getEntries().forEach((entry) => { watched.shift += entry.value; }))
  .observe({ type: 'layout-shift', buffered: true });
new PerformanceObserver((list) => list.getEntries().forEach((entry) => { watched.blocked += entry.duration - 50; }))
  .observe({ type: 'longtask', buffered: true });
"""
IDLE = """() => new Promise((done) => {
  const idle = (n) => requestIdleCallback(() => requestAnimationFrame(() => n ? idle(n - 1) : done()));
  idle(3);
})"""


@dataclass(frozen=True, slots=True)
class View:
    """One view of a page: answers of the server, their bytes as sent, milliseconds blocked, layout shift."""

    requests: int
    size: int
    blocked: float
    shift: float
    shown: int


def main() -> int:
    """Print the tables; 1 where there is no browser."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.browser", description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=5, help="views of each page (default: 5)")
    rounds: int = parser.parse_args().rounds
    chromium = find()
    if chromium is None:
        print("No Chromium on this machine; `make test` says how to get one.", file=sys.stderr)
        return 1
    module = MODULE.read_bytes()
    print(f"transom.js: {len(module):,} bytes, gzip {len(gzip.compress(module, 9)):,},", end=" ")
    print(f"brotli {len(brotli.compress(module, quality=11)):,}\n")
    with tempfile.TemporaryDirectory() as folder, pages() as site:
        data, port = Path(folder) / "data", free_port()
        transom.fill(data, {str(size): corpus.thread(size) for size in SIZES})
        with transom.transom(port, data):
            print(HEADINGS)
            for size, views in asyncio.run(_views(chromium, f"http://{HOST}:{port}", site, rounds)):
                print(_line(size, views))
    return 0


async def _views(
    chromium: str, server: str, site: dict[str, str], rounds: int
) -> Sequence[tuple[int, Sequence[View]]]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        found = []
        for size in SIZES:
            site["document"] = DOCUMENT.format(server=server, subject=transom.subject(str(size)))
            found.append((size, [await _view(browser, server, site["address"]) for _ in range(rounds)]))
        await browser.close()
    return found


async def _view(browser: Browser, server: str, address: str) -> View:
    """One view in a fresh tab with nothing kept."""
    context = await browser.new_context()
    page = await context.new_page()
    protocol = await context.new_cdp_session(page)
    asked = await _listen(protocol, server)
    await page.add_init_script(WATCH)
    await protocol.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
    await page.goto(address)
    await page.locator("transom-comments article").first.wait_for()
    await page.evaluate(IDLE)
    view = await _read(page, asked)
    await context.close()
    return view


async def _listen(protocol: CDPSession, server: str) -> dict[str, int]:
    """The bytes of each answer of the server, by request, as they come in."""
    asked: dict[str, int] = {}

    def begun(event: dict[str, Any]) -> None:
        if event["request"]["url"].startswith(server):
            asked[event["requestId"]] = 0

    def finished(event: dict[str, Any]) -> None:
        if event["requestId"] in asked:
            asked[event["requestId"]] = round(event["encodedDataLength"])

    protocol.on("Network.requestWillBeSent", begun)
    protocol.on("Network.loadingFinished", finished)
    await protocol.send("Network.enable")
    return asked


async def _read(page: Page, asked: dict[str, int]) -> View:
    watched: dict[str, float] = await page.evaluate("() => watched")
    shown = await page.locator("transom-comments article").count()
    return View(len(asked), sum(asked.values()), watched["blocked"], watched["shift"], shown)


@contextmanager
def pages() -> Iterator[dict[str, str]]:
    """A site of another origin with one page, its `document`, at its `address`."""
    site = {"document": ""}

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = site["document"].encode() if self.path == "/" else b""
            self.send_response(200 if body else 404)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer((HOST, 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    site["address"] = f"http://{HOST}:{server.server_port}/"
    try:
        yield site
    finally:
        server.shutdown()
        server.server_close()


def _line(size: int, views: Sequence[View]) -> str:
    shown, requests = median(view.shown for view in views), median(view.requests for view in views)
    moved = median(view.size for view in views)
    blocked, shift = median(view.blocked for view in views), median(view.shift for view in views)
    return f"{size:>10,}{shown:>8.0f}{requests:>10.0f}{moved:>10,.0f}{blocked:>7.0f} ms{shift:>8.3f}"


if __name__ == "__main__":
    sys.exit(main())
