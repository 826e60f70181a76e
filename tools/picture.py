"""Takes the pictures of the demo page and of single widgets on it, light and dark, from a server of its own.

Usage: python -m tools.picture [FONT]; FONT is a WOFF2 file with emoji in colour, where the machine has none.
"""

from __future__ import annotations

import base64
import json
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

from playwright.sync_api import Page, ViewportSize, sync_playwright

from tools import browser
from tools.paths import ROOT, VENV, program_of

FOLDER = ROOT / "docs" / "pictures"
LARGEST = 150_000
"""Bytes of one picture; a README should open at once."""

PATIENCE = 30
"""Seconds in which the server has to answer."""

SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
SIZE: ViewportSize = {"width": 840, "height": 828}
LIKES = 11
REACTIONS = ("👍", "👍", "👍", "❤️", "❤️", "❤️", "❤️", "❤️", "😮")
CLAPS = (50, 50, 31)
"""Of each who claps."""

WIDGETS = {"reactions": "button >> nth=1", "claps": "#clap"}
"""Those that have a picture of their own, and what is pressed in it."""

MARGIN = 16
"""Pixels around a widget."""

CONVERSATION = (
    ("Amal", None, "The door metaphor works for me. How do I move an *old* thread over?"),
    (
        "Bruno",
        0,
        "`transom import` reads exports of WordPress and Disqus. Mine took a cup of tea; I drink slowly.",
    ),
    ("Amal", 1, "Thank you! Two hundred comments are home again."),
)
"""Who says what, and in reply to which of those before."""


def main(font: str = "") -> int:
    """Take both pictures; 1 where there is no browser or one is too large."""
    chromium = browser.find()
    if chromium is None:
        print(browser.NONE, file=sys.stderr)
        return 1
    FOLDER.mkdir(parents=True, exist_ok=True)
    with demo() as address, sync_playwright() as playwright:
        talk(address)
        opened = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        page = opened.new_page(viewport=SIZE, locale="en-GB", timezone_id="Europe/Berlin")
        page.goto(address)
        page.locator("main > p.act transom-like").get_by_role("button").click()
        page.locator("main > p.act transom-like [aria-pressed=true]").wait_for()
        sizes = [picture(page, scheme) for scheme in SCHEMES]
        for name, button in WIDGETS.items():
            page.locator(f"transom-{name}").locator(button).click()
            page.wait_for_load_state("networkidle")
            sizes += [widget_picture(page, name, scheme, font) for scheme in SCHEMES]
        opened.close()
    return int(max(sizes) > LARGEST)


def picture(page: Page, scheme: Literal["light", "dark"]) -> int:
    """One picture, from the end of the page's own words down into the thread; its size in bytes."""
    page.emulate_media(color_scheme=scheme)
    page.reload()
    page.locator("transom-comments article").first.wait_for()
    page.locator("main > p.act transom-like [aria-pressed=true]").wait_for()
    page.locator("main > p.act").evaluate("it => scrollTo(0, it.offsetTop - 112)")
    page.wait_for_load_state("networkidle")
    file = FOLDER / f"demo-{scheme}.png"
    page.screenshot(path=file)
    size = file.stat().st_size
    print(f"{file.relative_to(ROOT)}: {size:,} bytes")
    return size


def widget_picture(page: Page, name: str, scheme: Literal["light", "dark"], font: str) -> int:
    """One picture of one widget; its size in bytes."""
    page.emulate_media(color_scheme=scheme)
    page.reload()
    widget = page.locator(f"transom-{name}")
    widget.locator("button").first.wait_for()
    if font:
        show_emoji(page, font)
    page.wait_for_load_state("networkidle")
    widget.scroll_into_view_if_needed()
    page.mouse.move(0, 0)
    page.add_style_tag(content="transom-like { opacity: 0 }")
    box = widget.bounding_box()
    last = widget.locator("button >> nth=-1").bounding_box()
    assert box is not None  # noqa: S101 - for the type checker: it was waited for
    assert last is not None  # noqa: S101 - the same
    file = FOLDER / f"{name}-{scheme}.png"
    page.screenshot(
        path=file,
        clip={
            "x": box["x"] - MARGIN,
            "y": box["y"] - MARGIN,
            "width": last["x"] + last["width"] - box["x"] + 2 * MARGIN,
            "height": box["height"] + 2 * MARGIN,
        },
    )
    size = file.stat().st_size
    print(f"{file.relative_to(ROOT)}: {size:,} bytes")
    return size


def show_emoji(page: Page, font: str) -> None:
    """Let a page have the emoji of a font."""
    data = base64.b64encode(Path(font).read_bytes()).decode()
    page.evaluate(
        """async (data) => document.fonts.add(
             await new FontFace('Noto Color Emoji', `url(data:font/woff2;base64,${data})`).load())""",
        data,
    )


def talk(address: str) -> None:
    """Let some people like the page, react to it and clap, and a few talk below it."""
    guests = [post(address, widget="like", action="like")["token"] for _ in range(LIKES)]
    for token, emoji in zip(guests, REACTIONS, strict=False):
        post(address, token=token, widget="reactions", action="react", emoji=emoji)
    for token, n in zip(guests, CLAPS, strict=False):
        post(address, token=token, widget="claps", action="clap", n=f"{n}")
    said: list[str] = []
    tokens: dict[str, str] = {}
    for name, parent, text in CONVERSATION:
        fields = {"widget": "comments", "action": "comment", "name": name, "text": text}
        fields |= {"token": tokens[name]} if name in tokens else {}
        fields |= {"parent": said[parent]} if parent is not None else {}
        answer = post(address, **fields)
        tokens[name] = answer.get("token", tokens.get(name, ""))
        said.append(answer["id"])


def post(address: str, **fields: str) -> dict[str, str]:
    """One interaction with the page at that address."""
    parts = urllib.parse.urlsplit(address)
    origin = f"{parts.scheme}://{parts.netloc}"
    form = urllib.parse.urlencode({"url": address, **fields}).encode()
    request = urllib.request.Request(  # noqa: S310 - an address of our own
        f"{origin}/v1/demo/interactions", form, {"origin": origin, "accept": "application/json"}
    )
    with urllib.request.urlopen(request) as answer:  # noqa: S310 - the same
        said: dict[str, str] = json.load(answer)
        return said


@contextmanager
def demo() -> Iterator[str]:
    """The address of the sample page of a demo that runs as long as the block."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with tempfile.TemporaryDirectory() as folder:
        command = [str(program_of(VENV, "transom")), "demo", "--data", folder, "--port", str(port)]
        server = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        try:
            _wait(f"http://127.0.0.1:{port}/readyz")
            yield f"http://127.0.0.1:{port}/demo/"
        finally:
            server.terminate()
            server.wait(PATIENCE)


def _wait(address: str) -> None:
    end = time.monotonic() + PATIENCE
    while True:
        try:
            with urllib.request.urlopen(address):  # noqa: S310 - an address of our own
                return
        except (urllib.error.URLError, ConnectionError):
            if time.monotonic() > end:
                raise
            time.sleep(0.1)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
