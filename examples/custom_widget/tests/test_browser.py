"""The atlas in a page of another origin; skipped where there is no Chromium."""

from __future__ import annotations

from importlib.resources import files
from typing import Any

import pytest
from playwright.async_api import Page, expect
from widget_server.testing.running import Running

BODY = '<transom-widget kind="atlas"></transom-widget>'
COLOURS = "<style>body { background: light-dark(#fff, #121212); color: light-dark(#111, #eee) }</style>"
DOT = """place => {
  const root = document.querySelector("transom-widget").shadowRoot;
  const path = root.querySelector(`[data-place=${place}] path`);
  const { x, y } = path.getPointAtLength(0).matrixTransform(path.getScreenCTM());
  return [x, y];
}"""
"""Where the first dot of a region is, in pixels."""
AXE = (files("axe_playwright_python") / "axe.min.js").read_text(encoding="utf-8")


async def test_a_reader_says_where_by_keyboard_alone_and_takes_it_back(running: Running, page: Page) -> None:
    await page.goto(running.page(BODY))
    await expect(page.get_by_text("Nobody has said it yet.")).to_be_visible()

    await page.get_by_label("Where are you reading from?").focus()
    await page.keyboard.type("South A")
    await page.keyboard.press("Tab")
    await page.keyboard.press("Enter")
    await expect(page.get_by_text("You read in: South America")).to_be_visible()
    await expect(page.locator("output", has_text="You are on the map.")).to_be_visible()
    await page.reload()
    await expect(page.get_by_text("1 reader has said where that is")).to_be_visible()
    await page.get_by_role("button", name="Take it back").click()

    await expect(page.get_by_text("Nobody has said it yet.")).to_be_visible()
    await expect(page.get_by_text("You read in")).to_have_count(0)


async def test_the_map_can_be_clicked_again_and_again(running: Running, page: Page) -> None:
    await page.goto(running.page(BODY))
    for place, name in (("oceania", "Oceania"), ("middle-africa", "Middle Africa")):
        await page.locator(".atlas-open").wait_for()
        await page.mouse.click(*await page.evaluate(DOT, place))
        await expect(page.get_by_text(f"You read in: {name}")).to_be_visible()

    assert running.summary("atlas", running.subject())["counts"]["middle-africa"] == 1
    assert running.summary("atlas", running.subject())["total"] == 1


async def test_it_speaks_german_and_works_under_a_strict_policy(running: Running, page: Page) -> None:
    policy = (
        f"default-src 'none'; script-src {running.server}; connect-src {running.server};"
        f" style-src {running.server}; img-src data:; require-trusted-types-for 'script';"
        " trusted-types transom"
    )
    await page.goto(running.page(BODY, lang="de", policy=policy))

    await page.get_by_label("Wo lesen Sie das?").select_option("Nordeuropa")
    await page.get_by_role("button", name="Ich lese hier").click()

    await expect(page.get_by_text("Sie lesen hier: Nordeuropa")).to_be_visible()
    await expect(page.locator(".atlas-open")).to_have_count(1)


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_axe_finds_nothing_and_nothing_is_cut_off(running: Running, page: Page, scheme: str) -> None:
    await page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    await page.set_viewport_size({"width": 320, "height": 800})
    await page.goto(running.page(f"{COLOURS}{BODY}"))
    await page.get_by_label("Where are you reading from?").select_option("Eastern Asia")
    await page.get_by_role("button", name="I read here").click()
    await expect(page.get_by_text("You read in")).to_be_visible()

    await page.evaluate(AXE)
    found: dict[str, Any] = await page.evaluate("axe.run(document, { resultTypes: ['violations'] })")

    assert [(each["id"], [node["html"] for node in each["nodes"]]) for each in found["violations"]] == []
    assert await page.evaluate("document.documentElement.scrollWidth") == 320
