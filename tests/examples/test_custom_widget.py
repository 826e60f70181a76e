"""A widget that somebody else wrote: a distribution of its own, installed from its wheel and used for real."""

from __future__ import annotations

import asyncio
import re
import shutil
import subprocess
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack
from pathlib import Path

import httpx
import pytest
from playwright.async_api import Page, async_playwright, expect

from tests.docs.conftest import wait_for
from tests.examples.installing import Installed, installed, wheel_of
from tools.paths import ROOT
from tools.ports import free_port
from widget_server.testing.running import DOCUMENT, Listening, Pages, Visitor

pytestmark = pytest.mark.only_sqlite("the installed program chooses its database")

EXAMPLE = ROOT / "examples" / "custom_widget"
ELEMENT = '<transom-widget kind="atlas"></transom-widget><transom-like></transom-like>'


@pytest.fixture
def made(server_wheel: Path, tmp_path: Path, chromium: str, monkeypatch: pytest.MonkeyPatch) -> Installed:
    """A fresh environment with the server and the widget, both from their wheels."""
    monkeypatch.setenv("TRANSOM_CHROMIUM", chromium)
    source = tmp_path / "source"  # building must leave nothing in the example
    shutil.copytree(EXAMPLE, source)
    return installed(tmp_path, [server_wheel, wheel_of(source, tmp_path / "wheels")])


@pytest.fixture
async def reader(chromium: str) -> AsyncIterator[Page]:
    """A reader with nothing remembered."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        yield await browser.new_page(locale="en-GB")
        await browser.close()


@pytest.fixture
def blog() -> Iterator[Listening]:
    """The site's own pages, on another origin than the server."""
    listening = Listening(free_port())
    listening.app = Pages()
    listening.start()
    yield listening
    listening.stop()


@pytest.fixture
def server(made: Installed, blog: Listening) -> Iterator[str]:
    """The address of a server that was set up and started by the environment's own commands."""
    address = f"http://127.0.0.1:{free_port()}"
    made.run("transom", "site", "create", "blog", "--origin", blog.address)
    made.run("transom", "site", "set", "blog", "atlas.question=Where do you live?", "atlas.latest=1")
    command = [made.program("transom"), "serve", "--port", address.rpartition(":")[2]]
    environment = made.environment | {"TRANSOM_PUBLIC_URL": address}
    with subprocess.Popen(command, cwd=made.folder, env=environment) as process, ExitStack() as stack:
        stack.callback(process.terminate)
        wait_for(f"{address}/readyz", process)
        yield address


async def test_a_reader_uses_it_is_told_what_is_held_and_has_it_erased(
    server: str, blog: Listening, reader: Page
) -> None:
    text = DOCUMENT.replace("{server}", server).replace("{lang}", "en").replace("{body}", ELEMENT)
    assert isinstance(blog.app, Pages)
    blog.app.documents["/page"] = (text, None)
    subject = f"{blog.address.removeprefix('http://')}/page"
    await asyncio.to_thread(Visitor(server, blog.address).act, "atlas", "mark", subject, place="oceania")

    await reader.goto(f"{blog.address}/page")
    await reader.get_by_label("Where do you live?").select_option("Western Africa")
    await reader.get_by_role("button", name="I read here").click()
    await expect(reader.get_by_text("You read in: Western Africa")).to_be_visible()
    await expect(reader.locator("transom-widget ul li")).to_have_count(1)
    charlie = Visitor(server, blog.address)
    charlie.token = await reader.evaluate(f"localStorage['transom:{server}/v1/blog']")
    held = await asyncio.to_thread(charlie.held)
    await asyncio.to_thread(charlie.erase)
    await reader.evaluate("localStorage.clear()")
    await reader.reload()
    await expect(reader.locator("transom-widget ul li")).to_contain_text("Oceania")
    await expect(reader.get_by_text("2 readers have said where they are")).to_be_visible()
    await expect(reader.get_by_text("You read in")).to_have_count(0)
    after = await asyncio.to_thread(charlie.held)

    assert [(row["subject"], row["place"]) for row in held["plugins"]["atlas"]["latest"]] == [
        (subject, "western-africa")
    ]
    assert (after["plugins"]["atlas"]["latest"], after["choices"]) == ([], [])


def test_the_admin_shows_it_with_its_settings_and_switches_it_off(server: str, made: Installed) -> None:
    told = made.run("transom", "moderator", "create", "alice@example.com", "--site", "blog")
    link = re.search(r"link=([\w.~-]+)", told)
    assert link
    with httpx.Client(base_url=server, headers={"origin": server}) as alice:
        alice.post("/admin/sign-in", data={"site": "blog", "link": link[1]})
        listed = alice.get("/admin/sites/blog/plug-ins")
        shown = alice.get("/admin/sites/blog/plug-ins/atlas")
    made.run("transom", "site", "set", "blog", "widgets=like")
    page = httpx.get(f"{server}/v1/blog/page", params={"subject": "a", "widgets": "atlas"})

    assert "Where readers are" in listed.text
    assert "transom-atlas" in listed.text
    assert "Where do you live?" in shown.text
    assert page.json()["code"] == "not_found"


def test_it_passes_its_own_tests_where_it_is_installed(made: Installed, tmp_path: Path) -> None:
    apart = tmp_path / "apart"  # so that what is tested is what was installed
    shutil.copytree(EXAMPLE / "tests", apart / "tests")
    shutil.copy(EXAMPLE / "draw.py", apart)
    shutil.copy(EXAMPLE / "pyproject.toml", apart)

    said = made.run("python", "-m", "pytest", "-p", "no:cacheprovider", "-p", "no:randomly", cwd=apart)

    assert "skipped" not in said
    assert re.search(r"\b\d+ passed", said)
