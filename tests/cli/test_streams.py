"""Streams of `transom serve`: told by every process of what any of them did, and ended before the server is."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import httpx
import pytest

from tests.cli.test_commands import transom
from tools.ports import free_port

PATIENCE = 30.0
ORIGIN = "https://blog.example"
GRACE = 60
"""Seconds for which the server would wait for open answers: longer than the test does."""


@pytest.mark.parametrize("workers", [1, 2])
def test_every_process_tells_its_watchers_and_lets_them_go_at_the_end(tmp_path: Path, workers: int) -> None:
    transom("site", "create", "blog", "--origin", ORIGIN, data=tmp_path)
    with running(tmp_path, workers) as (process, address), ExitStack() as open_streams:
        client = open_streams.enter_context(httpx.Client(base_url=address, timeout=PATIENCE))
        streams = [
            lines(open_streams.enter_context(client.stream("GET", "/v1/blog/live", params={"subject": "a"})))
            for _ in range(12)
        ]
        for stream in streams:
            assert "retry: " in next(stream)
        said = client.post(
            "/v1/blog/interactions",
            data={"subject": "a", "widget": "comments", "action": "comment", "text": "hello"},
            headers={"origin": ORIGIN},
        ).json()
        told = [json.loads(found(stream, "data: ")) for stream in streams]

        assert {change["id"] for each in told for change in each["changes"]} == {said["id"]}

        begun = time.monotonic()
        process.send_signal(signal.SIGTERM)
        for stream in streams:
            assert "retry: " in "".join(stream)  # a last word, and an end that is no break

        assert process.wait(PATIENCE) in {0, -signal.SIGTERM}
        assert time.monotonic() - begun < GRACE / 2


def lines(answer: httpx.Response) -> Iterator[str]:
    """The lines of a stream as they come."""
    assert answer.status_code == httpx.codes.OK
    return answer.iter_lines()


def found(stream: Iterator[str], start: str) -> str:
    """What follows on the next line that begins so."""
    return next(line for line in stream if line.startswith(start)).removeprefix(start)


@contextmanager
def running(data: Path, workers: int) -> Iterator[tuple[subprocess.Popen[bytes], str]]:
    """The server in processes of its own, once it answers."""
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    words = ["serve", "--port", str(port), "--data", str(data), "--workers", str(workers)]
    environment = {**os.environ, "TRANSOM_DRAIN_SECONDS": str(GRACE)}
    with subprocess.Popen([sys.executable, "-m", "widget_server", *words], env=environment) as process:
        try:
            until = time.monotonic() + PATIENCE
            while not answers(address):
                assert process.poll() is None, "the server ended"
                assert time.monotonic() < until
                time.sleep(0.05)
            yield process, address
        finally:
            if process.poll() is None:
                process.kill()


def answers(address: str) -> bool:
    """Whether the server answers."""
    try:
        return httpx.get(f"{address}/readyz", timeout=PATIENCE).is_success
    except httpx.TransportError:
        return False
