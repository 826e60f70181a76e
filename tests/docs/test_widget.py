"""The widget that the how-to writes works as it stands there."""

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

PAGE = ROOT / "docs" / "how-to" / "write-a-widget.md"
FILE = re.compile(r"<!-- file: (\S+) -->\n```\w+\n(.*?)^```", re.DOTALL | re.MULTILINE)

BLOG = "https://blog.example"


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The how-to's files, importable."""
    for name, text in FILE.findall(PAGE.read_text(encoding="utf-8")):
        file = tmp_path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    return tmp_path


async def test_the_how_tos_widget_waves_up_to_five_times(package: Path) -> None:
    points = tomllib.loads((package / "pyproject.toml").read_text())["project"]["entry-points"]
    module, _, name = points["transom.widgets"]["wave"].partition(":")
    wave = getattr(importlib.import_module(module), name)()
    settings = load({}, overrides={"data": package / "data", "public_url": "https://talk.example"})
    plugin = Plugin("wave", "transom-wave", "0.1.0", wave)
    async with opened(settings, extra={"wave": plugin}) as server:
        await server.house.database.write(sites.add(Site("blog", "Blog", (BLOG,), SiteSettings(), 0)))
        transport = httpx.ASGITransport(server.app)
        async with httpx.AsyncClient(transport=transport, base_url="https://talk.example") as reader:
            form = {"subject": "page", "widget": "wave", "action": "wave", "format": "json"}
            for _ in range(6):
                waved = await reader.post("/v1/blog/interactions", data=form, headers={"origin": BLOG})
                form["token"] = waved.json().get("token") or form["token"]
            asked = {"subject": "page", "widgets": "wave", "format": "fragments"}
            page = await reader.get("/v1/blog/page", params=asked)

    assert waved.json()["summary"] == {"count": 5, "left": 0}
    assert re.search(
        r'<button name="action" value="wave"[^>]*>Wave <data value="5">5</data>', page.text.replace("\\", "")
    )


def test_the_how_tos_widget_passes_the_contract_that_the_how_to_inherits(package: Path) -> None:
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
