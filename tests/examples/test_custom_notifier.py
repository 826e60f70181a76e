"""A notifier that somebody else wrote: installed from its wheel, set by the command, told by a running server."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import threading
from collections.abc import Iterator
from contextlib import ExitStack
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import httpx
import pytest

from tests.docs.conftest import wait_for
from tests.examples.installing import Installed, installed, wheel_of
from tools.paths import ROOT
from tools.ports import free_port
from widget_server.testing.running import Visitor

pytestmark = pytest.mark.only_sqlite("the installed program chooses its database")

EXAMPLE = ROOT / "examples" / "custom_notifier"
PAGE = "https://blog.example.com"
PATIENCE = 30.0


class Room(HTTPServer):
    """A program that is called, the first time without success."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Listening)
        self.heard: list[dict[str, object]] = []
        self.rang = threading.Event()


class Listening(BaseHTTPRequestHandler):
    """One call."""

    def do_POST(self) -> None:
        """Remember it."""
        assert isinstance(self.server, Room)
        self.server.heard.append(json.loads(self.rfile.read(int(self.headers["content-length"]))))
        self.send_response(204)
        self.end_headers()
        self.server.rang.set()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def made(server_wheel: Path, tmp_path: Path) -> Installed:
    """A fresh environment with the server and the notifier, both from their wheels."""
    source = tmp_path / "source"  # building must leave nothing in the example
    shutil.copytree(EXAMPLE, source)
    return installed(tmp_path, [server_wheel, wheel_of(source, tmp_path / "wheels")])


@pytest.fixture
def room() -> Iterator[Room]:
    with Room() as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def test_a_comment_rings_where_the_site_has_said_and_nothing_is_left_to_tell(
    made: Installed, room: Room
) -> None:
    made.environment_of_its_own["RING_HOSTS"] = "127.0.0.1"
    address = f"http://127.0.0.1:{free_port()}"
    made.run("transom", "site", "create", "blog", "--origin", PAGE)
    hook = f"http://127.0.0.1:{room.server_port}/hook"
    made.run("transom", "site", "set", "blog", f"ring.address={hook}", "ring.secret=a-long-and-secret-word")
    command = [made.program("transom"), "serve", "--port", address.rpartition(":")[2]]
    environment = made.environment | {"TRANSOM_PUBLIC_URL": address}
    with subprocess.Popen(command, cwd=made.folder, env=environment) as process, ExitStack() as stack:
        stack.callback(process.terminate)
        wait_for(f"{address}/readyz", process)
        Visitor(address, PAGE).act("comments", "comment", "page", text="Hello *there*")

        assert room.rang.wait(PATIENCE)
        assert [(call["kind"], call["text"]) for call in room.heard] == [("comment", "Hello *there*")]

        told = made.run("transom", "moderator", "create", "alice@example.com", "--site", "blog")
        link = re.search(r"link=([\w.~-]+)", told)
        assert link
        with httpx.Client(base_url=address, headers={"origin": address}) as alice:
            alice.post("/admin/sign-in", data={"site": "blog", "link": link[1]})
            listed = alice.get("/admin/sites/blog/plug-ins")
            shown = alice.get("/admin/sites/blog/plug-ins/ring")

    assert "A call to another program" in listed.text
    assert hook in shown.text
    assert json.loads(made.run("transom", "notices", "--site", "blog", "--json")) == []
    assert "transom.notifiers" in made.run("transom", "plugins")


def test_it_passes_its_own_tests_where_it_is_installed(made: Installed, tmp_path: Path) -> None:
    apart = tmp_path / "apart"  # so that what is tested is what was installed
    shutil.copytree(EXAMPLE / "tests", apart / "tests")
    shutil.copy(EXAMPLE / "pyproject.toml", apart)

    said = made.run("python", "-m", "pytest", "-p", "no:cacheprovider", "-p", "no:randomly", cwd=apart)

    assert "skipped" not in said
    assert re.search(r"\b\d+ passed", said)
