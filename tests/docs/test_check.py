"""The check that the how-to writes works as it stands there."""

from __future__ import annotations

import importlib
import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import httpx
import pytest

from tools.paths import ROOT
from widget_server.app import opened
from widget_server.plugins import Plugin
from widget_server.settings import load
from widget_server.store import sites
from widget_server.vocabulary import Site, SiteSettings

PAGE = ROOT / "docs" / "how-to" / "write-a-check.md"
FILE = re.compile(r"<!-- file: (\S+) -->\n```\w+\n(.*?)^```", re.DOTALL | re.MULTILINE)

BLOG = "https://blog.example"


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The how-to's files, importable."""
    for name, text in FILE.findall(PAGE.read_text(encoding="utf-8")):
        (tmp_path / name).write_text(text, encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    return tmp_path


async def test_the_how_tos_check_holds_texts_with_more_links_than_the_site_allows(package: Path) -> None:
    points = tomllib.loads((package / "pyproject.toml").read_text())["project"]["entry-points"]
    module, _, name = points["transom.checks"]["links"].partition(":")
    links = getattr(importlib.import_module(module), name)()
    settings = load({}, overrides={"data": package / "data", "public_url": "https://talk.example"})
    chosen = SiteSettings(plugins={"links": {"most": 1}})
    async with opened(settings, checks={"links": Plugin("links", "transom-links", "0.1.0", links)}) as server:
        await server.house.database.write(sites.add(Site("blog", "Blog", (BLOG,), chosen, 0)))
        transport = httpx.ASGITransport(server.app)
        async with httpx.AsyncClient(transport=transport, base_url="https://talk.example") as reader:
            form = {"subject": "page", "widget": "comments", "action": "comment", "format": "json"}
            answers = []
            for links_in_it in (2, 1, 2, 3):
                text = "https://example.com " * links_in_it
                said = await reader.post(
                    "/v1/blog/interactions", data={**form, "text": text}, headers={"origin": BLOG}
                )
                form["token"] = said.json().get("token") or form["token"]
                answers.append((said.json()["verdict"], said.json()["reasons"]))

    held = ("hold", ["links:too_many"])
    assert answers == [held, ("publish", []), ("publish", []), held]


def test_the_how_tos_check_passes_the_contract_that_the_how_to_inherits(package: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:randomly"],
        cwd=package,
        env={**os.environ, "PYTHONPATH": str(package)},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )

    assert done.returncode == 0, done.stdout[-3000:]
    assert " passed" in done.stdout
