"""Fixtures for a plug-in's own tests: `pytest_plugins = ["widget_server.testing.fixtures"]` in its conftest.py.

The plug-in has a fixture `widget` of its own; it need not be installed. With Playwright and a Chromium there is `page`.
"""

from __future__ import annotations

import importlib
import importlib.util
import os
import shutil
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import pytest_asyncio

from widget_server.testing.running import Running, Visitor, running
from widget_server.vocabulary import SiteSettings
from widget_server.widgets.base import Widget

if TYPE_CHECKING:
    from playwright.async_api import Page

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")

NO_PLAYWRIGHT = "no Playwright: pip install 'transom-server[testing]'"
NO_CHROMIUM = "no Chromium: run `playwright install chromium`, or name one in TRANSOM_CHROMIUM"

WAIT = 10_000
"""Milliseconds that the browser waits for what a test expects."""


@pytest.fixture
def site_settings() -> SiteSettings:
    """What the site's owner chose; override it, for instance with `SiteSettings(plugins={"wave": {…}})`."""
    return SiteSettings()


@pytest.fixture(name="running")
def running_(widget: Widget, site_settings: SiteSettings, tmp_path: Path) -> Iterator[Running]:
    """A server with the widget, on a port of its own, and a site of another origin."""
    with running(tmp_path, [widget], site_settings) as found:
        yield found


@pytest.fixture
def visitor(running: Running) -> Visitor:
    """Somebody who is new on the site."""
    return running.visitor()


@pytest_asyncio.fixture
async def page() -> AsyncIterator[Page]:
    """An empty tab of a Chromium; the test is skipped where there is none."""
    if importlib.util.find_spec("playwright") is None:
        pytest.skip(NO_PLAYWRIGHT)
    api: Any = importlib.import_module("playwright.async_api")
    async with api.async_playwright() as playwright:
        path = chromium(playwright.chromium.executable_path)
        if path is None:
            pytest.skip(NO_CHROMIUM)
        browser = await playwright.chromium.launch(executable_path=path, args=_flags())
        context = await browser.new_context(locale="en-GB")
        context.set_default_timeout(WAIT)
        yield await context.new_page()
        await browser.close()


def chromium(fetched: str) -> str | None:
    """The one that is named, else the one that Playwright fetched, else the machine's; None: there is none."""
    named = os.environ.get("TRANSOM_CHROMIUM")
    if named:
        return named
    if Path(fetched).exists():
        return fetched
    return next((path for name in NAMES if (path := shutil.which(name))), None)


def _flags() -> list[str]:
    """Its own sandbox refuses to work for root, as whom containers run tests."""
    is_root = sys.platform != "win32" and os.geteuid() == 0
    return ["--disable-gpu", *(["--no-sandbox"] if is_root else [])]
