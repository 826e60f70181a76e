"""The admin in a real browser: with and without JavaScript, by keys alone, small and wide, light and dark."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
import uvicorn
from playwright.async_api import Browser, BrowserContext, Page, async_playwright, expect

from tests.admin import world as cast
from tests.admin.world import Clock, World
from tests.e2e.conftest import FLAGS
from tests.http.rogue import as_checks, as_extra
from tests.wave import Wave
from tests.word import Word
from tools.ports import free_port
from widget_server.app import opened
from widget_server.settings import load

LOOKS = (
    "queue",
    "comments",
    "comments?text=nothing+like+it",
    "choices",
    "log",
    "settings",
    "plug-ins",
    "plug-ins/wave",
    "sessions",
)
RULES = "axe.run().then(found => found.violations.map(each => [each.id, each.nodes.map(node => node.html)]))"


@dataclass(frozen=True, slots=True)
class Stage:
    """A running server, and a browser in which Alice can sign in."""

    world: World
    browser: Browser
    url: str

    async def enter(self, **how: Any) -> Page:  # noqa: ANN401 - the options of a browser's context
        """A page in which Alice is signed in, through the link and its button."""
        context: BrowserContext = await self.browser.new_context(locale="en-GB", **how)
        context.set_default_timeout(8_000)
        page = await context.new_page()
        link = await self.world.link("alice@example.com")
        await page.goto(f"{self.url}/admin/sign-in?site=blog&link={link}")
        await page.get_by_role("button", name="Sign in").click()
        await page.wait_for_url("**/queue")
        return page

    async def fill(self) -> list[str]:
        """Four comments that wait, and likes."""
        made = [
            await self.world.comment(name, f"Comment of {name}", title="A post")
            for name in ("Ann", "Ben", "Cem", "Dot")
        ]
        await self.world.act("Ann", "like", client="a1" * 16)
        return made


@pytest_asyncio.fixture
async def stage(tmp_path: Path, chromium: str, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Stage]:
    """Everything up, on a port of this machine."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    monkeypatch.setattr(cast, "URL", url)
    clock = Clock()
    settings = load({}, overrides={"data": tmp_path / "data", "public_url": url})
    async with opened(settings, clock=clock, extra=as_extra(Wave()), checks=as_checks(Word())) as server:
        world = World(server, clock)
        await world.settle()
        serving = uvicorn.Server(uvicorn.Config(server.app, port=port, log_level="error", lifespan="off"))
        task = asyncio.create_task(serving.serve())
        async with async_playwright() as playwright:
            browser = await playwright.chromium.launch(executable_path=chromium, args=FLAGS)
            yield Stage(world, browser, url)
            await browser.close()
        serving.should_exit = True
        await task
        for client in world.clients:
            await client.aclose()


async def test_decisions_work_without_javascript(stage: Stage) -> None:
    first, second, *_ = await stage.fill()
    page = await stage.enter(java_script_enabled=False)

    await page.locator(f"#c-{first}").get_by_role("button", name="Approve").click()
    await expect(page.get_by_role("status")).to_contain_text("Approved.")
    assert (await stage.world.stored(first)).status == "published"
    assert await page.locator("[data-entry]").count() == 3

    await page.get_by_role("button", name="Undo").click()
    await expect(page.get_by_role("status")).to_contain_text("Taken back: it is held again.")
    assert (await stage.world.stored(first)).status == "held"

    await page.locator(f"#c-{second}").get_by_role("link", name="Details").click()
    await page.get_by_role("button", name="Reject").click()
    await expect(page.get_by_role("status")).to_contain_text("Rejected.")
    await expect(page.get_by_text("Held → Rejected")).to_be_visible()
    await expect(page.locator("time").first).to_contain_text("UTC")


async def test_settings_work_without_javascript(stage: Stage) -> None:
    page = await stage.enter(java_script_enabled=False)

    await page.get_by_role("link", name="Settings").click()
    await page.get_by_label("Longest comment").fill("nonsense")
    await page.get_by_role("button", name="Save").click()
    await expect(page.get_by_label("Longest comment")).to_have_value("nonsense")
    await expect(page.get_by_label("Longest comment")).to_have_accessible_description(
        "A whole number from 1 to 20000, please. What is longer is refused. From 1 to 20\u202f000."
    )
    await page.get_by_label("Longest comment").fill("400")
    await page.get_by_label("Everyone publishes").check()
    await page.get_by_role("button", name="Save").click()

    await expect(page.get_by_role("status")).to_contain_text("Saved")
    assert (await stage.world.server.house.sites.get("blog")).settings.max_length == 400


async def test_plug_ins_are_set_without_javascript(stage: Stage) -> None:
    page = await stage.enter(java_script_enabled=False)

    await page.get_by_role("link", name="Plug-ins").click()
    await page.get_by_role("link", name="Settings of Wave").click()
    await page.get_by_label("Waves per person").fill("99")
    await page.get_by_label("large").check()
    await page.get_by_label("Colour").select_option("blue")
    await page.get_by_label("Several at once").check()
    await page.get_by_role("button", name="Save").click()
    await expect(page.get_by_label("Waves per person")).to_have_value("99")
    await expect(page.get_by_label("Waves per person")).to_have_accessible_description(
        "“Waves per person” is a whole number from 1 to 50. From 1 to 50."
    )
    await page.get_by_label("Waves per person").fill("9")
    await page.get_by_role("button", name="Save").click()

    await expect(page.get_by_role("status")).to_contain_text("Saved")
    await expect(page.get_by_label("Colour")).to_have_value("blue")
    site = await stage.world.server.house.sites.get("blog")
    assert site.settings.plugins == {"wave": {"most": 9, "size": "large", "colour": "blue", "several": True}}


async def test_the_queue_is_worked_off_by_keys_alone(stage: Stage) -> None:
    ann, ben, cem, dot = await stage.fill()
    page = await stage.enter()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)

    await page.keyboard.press("?")
    await expect(page.get_by_role("dialog")).to_be_visible()
    await page.keyboard.press("Escape")
    await expect(page.get_by_role("dialog")).to_be_hidden()
    await page.keyboard.press("j")
    await expect(page.locator(f"#c-{ann}")).to_be_focused()
    await page.keyboard.press("j")
    await page.keyboard.press("k")
    await page.keyboard.press("a")
    await expect(page.locator(f"#c-{ann}")).to_be_hidden()
    await expect(page.locator(f"#c-{ben}")).to_be_focused()
    await expect(page.get_by_role("status")).to_contain_text("Approved.")
    await page.keyboard.press("r")
    await expect(page.locator(f"#c-{cem}")).to_be_focused()
    await expect(page.get_by_role("status")).to_contain_text("Rejected.")
    await expect(page.locator("[data-held]")).to_have_text("2")
    await page.keyboard.press("u")
    await expect(page.locator(f"#c-{ben}")).to_be_focused()
    await expect(page.get_by_role("status")).to_contain_text("Taken back")

    assert [(await stage.world.stored(each)).status for each in (ann, ben, cem, dot)] == [
        "published",
        "held",
        "held",
        "held",
    ]
    for _ in range(3):
        await page.keyboard.press("a")
    await expect(page.get_by_text("Nothing waits for you")).to_be_visible()
    assert {(await stage.world.stored(each)).status for each in (ann, ben, cem, dot)} == {"published"}
    assert errors == []


async def test_the_keys_can_be_switched_off(stage: Stage) -> None:
    ann, *_ = await stage.fill()
    page = await stage.enter()
    await page.get_by_role("button", name="Keys").click()
    await page.get_by_label("Use these keys").uncheck()
    await page.get_by_role("button", name="Close").click()

    await page.reload()
    await page.locator(f"#c-{ann}").focus()
    await page.keyboard.press("a")
    await page.keyboard.press("j")

    await expect(page.locator(f"#c-{ann}")).to_be_focused()
    assert (await stage.world.stored(ann)).status == "held"


async def test_a_refused_decision_brings_the_comment_back_and_says_why(stage: Stage) -> None:
    ann, *_ = await stage.fill()
    page = await stage.enter()
    await stage.world.act("Ann", "edit", id=ann, text="Something else")

    await page.locator(f"#c-{ann}").get_by_role("button", name="Approve").click()

    await expect(page.get_by_role("status")).to_contain_text("edited meanwhile")
    await expect(page.locator(f"#c-{ann}")).to_be_visible()
    await expect(page.locator("[data-held]")).to_have_text("4")
    assert (await stage.world.stored(ann)).status == "held"


async def test_times_are_shown_in_the_moderators_own_zone(stage: Stage) -> None:
    await stage.fill()
    page = await stage.enter(timezone_id="Asia/Kolkata")

    time = page.locator("[data-entry] time").first

    await expect(time).to_have_attribute("datetime", "2026-09-21T14:13:20Z")
    await expect(time).to_contain_text("19:43")


@pytest.mark.parametrize(("width", "scheme"), [(320, "light"), (320, "dark"), (768, "dark"), (1440, "light")])
async def test_every_page_is_accessible_and_fits(stage: Stage, width: int, scheme: Any) -> None:  # noqa: ANN401 - one of two words
    ann, *_ = await stage.fill()
    await stage.world.comment(
        "W" * 60, "Donaudampfschifffahrt" * 20 + " \u05e9\u05dc\u05d5\u05dd", title="T" * 200
    )
    alice = await stage.world.sign_in("alice@example.com")
    await alice.decide(ann, "approve", **await stage.world.seen(ann))
    page = await stage.enter(viewport={"width": width, "height": 800}, color_scheme=scheme)
    violations: list[str] = []
    page.on("console", lambda message: violations.append(message.text) if "Policy" in message.text else None)
    script = files("axe_playwright_python").joinpath("axe.min.js").read_text(encoding="utf-8")
    paths = [
        f"sites/blog/{look}"
        for look in (*LOOKS, f"comments/{ann}", "choices?subject=blog.example/post&widget=like")
    ]
    for path in (*paths, "sign-in", "nowhere"):
        await page.goto(f"{stage.url}/admin/{path}")

        assert await page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0, path
        await page.evaluate(script)
        assert (path, []) == (path, await page.evaluate(RULES))
    assert violations == []


async def test_one_tabs_from_the_first_control_to_the_last_and_sees_where_one_is(stage: Stage) -> None:
    await stage.fill()
    page = await stage.enter(viewport={"width": 768, "height": 900})
    controls = await page.evaluate(
        "[...document.querySelectorAll('a, button, input:not([type=hidden])')].filter(e => e.checkVisibility()).length"
    )
    await page.evaluate("document.body.focus()")

    reached = 0
    for _ in range(controls):
        await page.keyboard.press("Tab")
        seen = await page.evaluate(
            "[document.activeElement.tagName, getComputedStyle(document.activeElement).outlineStyle]"
        )
        assert seen[1] == "solid", seen
        reached += seen[0] in {"A", "BUTTON", "INPUT"}

    assert reached == controls
