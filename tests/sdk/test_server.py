"""The client and a real server, which runs as its own process, understand each other."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tools.ports import free_port
from transom import Problem, Transom

TRANSOM = Path(sys.executable).with_name("transom")
PAGE = "https://blog.example/hello"
PATIENCE = 30.0  # seconds for a server to start on a busy machine


@pytest.fixture
def server(tmp_path: Path) -> Iterator[str]:
    """The address of a server that has the site `blog`; the environment names its database."""
    data = str(tmp_path)
    port = str(free_port())
    made = [str(TRANSOM), "site", "create", "blog", "--origin", "https://blog.example", "--data", data]
    subprocess.run(made, check=True, capture_output=True)
    process = subprocess.Popen(
        [str(TRANSOM), "serve", "--port", port, "--data", data], stderr=subprocess.DEVNULL
    )
    address = f"http://127.0.0.1:{port}"
    try:
        wait_for(address, process)
        yield address
    finally:
        process.terminate()
        process.wait(PATIENCE)


def wait_for(address: str, process: subprocess.Popen[bytes]) -> None:
    """Return once the server answers."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline and process.poll() is None:
        try:
            if httpx.get(f"{address}/healthz").is_success:
                return
        except httpx.TransportError:
            time.sleep(0.05)
    pytest.fail(f"the server did not start: {process.poll()}")


def test_a_like_and_a_comment_are_counted_and_the_guest_stays_the_same(server: str) -> None:
    with Transom(server, "blog") as charlie:
        liked = charlie.interact("/hello", PAGE, "like", "like")
        said = charlie.interact("/hello", PAGE, "comments", "comment", text="Hello *there*", name="Charlie")
        assert liked.summary == {"count": 1, "mine": True}
        page = charlie.page("/hello", ("like", "comments"))

        assert charlie.token
        assert (liked.verdict, said.verdict) == ("publish", "publish")
        assert liked.person["id"] == said.person["id"]
        assert page["like"]["count"] == 1
        assert page["comments"]["comments"][0]["name"] == "Charlie"
        assert charlie.counts(["/hello", "/other"]) == {"/hello": 1, "/other": 0}


def test_the_same_key_again_is_the_same_interaction(server: str) -> None:
    with Transom(server, "blog") as charlie:
        charlie.interact("/keys", PAGE, "like", "like")
        first = charlie.interact(
            "/keys", PAGE, "comments", "comment", text="Once", idempotency_key="one-and-the-same"
        )
        again = charlie.interact(
            "/keys", PAGE, "comments", "comment", text="Once", idempotency_key="one-and-the-same"
        )

        assert again.id == first.id
        assert charlie.counts(["/keys"]) == {"/keys": 1}


def test_the_servers_refusals_arrive_as_problems(server: str) -> None:
    with Transom(server, "blog") as charlie, Transom(server, "nowhere") as lost:
        with pytest.raises(Problem) as foreign:
            charlie.interact("/x", "https://elsewhere.example/x", "like", "like")
        with pytest.raises(Problem) as absent:
            lost.counts(["/x"])

    assert (foreign.value.status, foreign.value.code) == (403, "origin_not_allowed")
    assert absent.value.status == 404
    assert absent.value.request_id
