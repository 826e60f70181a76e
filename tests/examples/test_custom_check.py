"""A check that somebody else wrote: a distribution of its own, installed from its wheel and used for real."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.docs.conftest import wait_for
from tests.examples.installing import Installed, installed, wheel_of
from tools.paths import ROOT
from tools.ports import free_port

pytestmark = pytest.mark.only_sqlite("the installed program chooses its database")

EXAMPLE = ROOT / "examples" / "custom_check"
BLOG = "https://blog.example"


@pytest.fixture
def made(server_wheel: Path, tmp_path: Path) -> Installed:
    """A fresh environment with the server and the check, both from their wheels."""
    source = tmp_path / "source"  # building must leave nothing in the example
    shutil.copytree(EXAMPLE, source)
    return installed(tmp_path, [server_wheel, wheel_of(source, tmp_path / "wheels")])


@pytest.fixture
def server(made: Installed) -> Iterator[str]:
    """The address of a server that was set up and started by the environment's own commands."""
    address = f"http://127.0.0.1:{free_port()}"
    made.run("transom", "site", "create", "blog", "--origin", BLOG)
    made.run("transom", "site", "set", "blog", "shouting.letters=5")
    command = [made.program("transom"), "serve", "--port", address.rpartition(":")[2]]
    environment = made.environment | {"TRANSOM_PUBLIC_URL": address}
    with subprocess.Popen(command, cwd=made.folder, env=environment) as process:
        try:
            wait_for(f"{address}/readyz", process)
            yield address
        finally:
            process.terminate()


def test_what_is_shouted_waits_and_the_moderator_sees_why(server: str, made: Installed) -> None:
    said = [comment(server, text).json() for text in ("How nice.", "HOW DARE YOU")]
    page = httpx.get(
        f"{server}/v1/blog/page", params={"subject": "a", "widgets": "comments", "format": "json"}
    )
    told = made.run("transom", "moderator", "create", "alice@example.com", "--site", "blog")
    link = re.search(r"link=([\w.~-]+)", told)
    assert link
    with httpx.Client(base_url=server, headers={"origin": server}) as alice:
        alice.post("/admin/sign-in", data={"site": "blog", "link": link[1]})
        queue = alice.get("/admin/sites/blog/queue")

    assert [each["verdict"] for each in said] == ["publish", "hold"]
    assert page.json()["widgets"]["comments"]["count"] == 1
    assert "HOW DARE YOU" in queue.text
    assert "capitals" in queue.text


def test_it_passes_its_own_tests_where_it_is_installed(made: Installed, tmp_path: Path) -> None:
    apart = tmp_path / "apart"  # so that what is tested is what was installed
    shutil.copytree(EXAMPLE / "tests", apart / "tests")
    shutil.copy(EXAMPLE / "pyproject.toml", apart)

    said = made.run("python", "-m", "pytest", "-p", "no:cacheprovider", "-p", "no:randomly", cwd=apart)

    assert re.search(r"\b\d+ passed", said)


def comment(server: str, text: str) -> httpx.Response:
    """Write as somebody new."""
    fields = {"subject": "a", "widget": "comments", "action": "comment", "text": text, "name": "Charlie"}
    headers = {"origin": BLOG, "accept": "application/json"}
    return httpx.post(f"{server}/v1/blog/interactions", data=fields, headers=headers)
