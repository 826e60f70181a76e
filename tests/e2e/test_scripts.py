"""A widget's own module in the browser: what it is handed, and what it may rely on."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import pytest
from playwright.async_api import Page, Route, expect

from widget_server.commands.drafting import Draft, widget_files, written
from widget_server.testing.running import Running, running
from widget_server.widgets.base import Widget

pytestmark = pytest.mark.asyncio(loop_scope="session")

SCRIPT = """
globalThis.told = [];
export default (element, box) => {
  const inside = element.shadowRoot.contains(box);
  told.push(["shown", element.kind, element.base, element.subject, inside, box.querySelectorAll("form").length]);
  for (const name of ["before-post", "posted", "error"]) {
    box.addEventListener(`transom-${name}`, ({ detail }) => told.push([name, detail?.action ?? detail?.code]));
  }
};
"""
BODY = '<transom-widget kind="probe" subject="it"></transom-widget>'


@pytest.fixture
def probed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Running]:
    """A server with a new widget whose module notes what it meets."""
    draft = Draft("probe", "transom_probe", script=True)
    written(tmp_path / "transom_probe", {**widget_files(draft), "script.js": SCRIPT})
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    widget: Widget = import_module("transom_probe").Probe()
    with running(tmp_path, [widget]) as found:
        yield found
    for name in [name for name in sys.modules if name.partition(".")[0] == "transom_probe"]:
        del sys.modules[name]


async def test_a_module_is_handed_its_element_and_the_box_and_hears_what_happens_there(
    probed: Running, page: Page
) -> None:
    await page.goto(probed.page(BODY))
    shown = ["shown", "probe", f"{probed.server}/v1/blog", "it", True, 1]
    await page.wait_for_function("globalThis.told?.length == 1")

    await page.locator("transom-widget button").click()
    await page.wait_for_function("told.length == 3")
    first = await page.evaluate("told.splice(0)")
    await page.evaluate("document.querySelector('transom-widget').setAttribute('subject', 'that')")
    await page.wait_for_function("told.length == 1")
    await page.evaluate("transom.refresh()")
    await page.wait_for_function("told.length == 2")
    await page.locator("transom-widget button[aria-pressed=false]").click()
    await page.wait_for_function("told.some(([what]) => what == 'posted')")

    assert first == [shown, ["before-post", "probe"], ["posted", "probe"]]
    assert await page.evaluate("told") == [
        [*shown[:3], "that", True, 1],
        [*shown[:3], "that", True, 1],
        ["before-post", "probe"],
        ["posted", "probe"],
    ]


async def test_the_page_hears_the_same_from_the_element_and_may_keep_it_from_being_sent(
    probed: Running, page: Page
) -> None:
    await page.goto(probed.page(BODY))
    await page.wait_for_function("globalThis.told?.length == 1")
    await page.evaluate(
        """() => {
            globalThis.heard = [];
            document.addEventListener("transom-before-post", (event) => {
                heard.push(event.target.localName);
                event.preventDefault();
            });
        }"""
    )

    await page.locator("transom-widget button").click()
    await page.wait_for_function("heard.length == 1")

    assert await page.evaluate("heard") == ["transom-widget"]
    await expect(page.locator("transom-widget button")).to_have_attribute("aria-pressed", "false")
    assert (await asyncio.to_thread(probed.summary, "probe", "it"))["count"] == 0


async def test_a_module_that_is_broken_leaves_its_widget_and_the_page_as_they_are(
    probed: Running, page: Page
) -> None:
    async def broken(route: Route) -> None:
        await route.fulfill(body="export default () => { throw Error('no') }", content_type="text/javascript")

    await page.route("**/w/probe.js", broken)
    await page.goto(probed.page(f"{BODY}<transom-like></transom-like>"))

    await page.locator("transom-widget button").click()
    await page.locator("transom-like button").click()

    await expect(page.locator("transom-widget button")).to_have_attribute("aria-pressed", "true")
    await expect(page.locator("transom-like button")).to_have_attribute("aria-pressed", "true")
