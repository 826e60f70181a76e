"""The log that `transom serve` writes: one line a record, with the id that was told, and nobody's words."""

from __future__ import annotations

import json
import logging
import re
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

from tools.ports import free_port
from widget_server.commands.logs import OneLine
from widget_server.errors import StorageFull

PATIENCE = 30.0

PROGRAM = """
import asyncio
import sys
from pathlib import Path
from starlette.routing import Route
from widget_server.app import Lazy
from widget_server.commands.logs import write_log
from widget_server.commands.serve import listen
from widget_server.settings import load

async def faulty(request):
    await asyncio.sleep(0.02)
    try:
        int(request.query_params["said"])
    except ValueError as error:
        raise RuntimeError("it was\\n" + request.query_params["said"]) from error

settings = load({}, overrides={"data": sys.argv[1], "slow_seconds": 0.01})
write_log(sys.argv[3])
listen(Lazy(settings, beside=[Route("/faulty", faulty)]), "127.0.0.1", int(sys.argv[2]))
"""

LINE = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z [A-Z]+ [\w.]+: .+")


def test_the_log_has_each_fault_under_its_id_in_one_line_without_what_was_sent(tmp_path: Path) -> None:
    told, log = told_and_logged(tmp_path, "text", {"x-request-id": "no id\u00e9"})
    lines = log.splitlines()

    assert "trusted_proxies" not in log
    assert [line for line in lines if not LINE.fullmatch(line)] == []
    assert [line for line in lines if f"request {told['request_id']} failed" in line] == lines[:1]
    assert f"request {told['request_id']} was slow: GET /faulty" in lines[1]
    assert "RuntimeError" in lines[0]
    assert "because of ValueError" in lines[0]
    assert re.search(r"<string>:\d+ faulty", lines[0])
    assert "my-own-words" not in log
    assert "127.0.0.1" not in log


def test_a_log_for_programs_is_an_object_a_line_under_the_id_that_the_proxy_gave(tmp_path: Path) -> None:
    given = {"x-request-id": "from-the-proxy-17", "x-forwarded-for": "203.0.113.7"}
    told, log = told_and_logged(tmp_path, "json", given)
    lines = [json.loads(line) for line in log.splitlines()]
    faults = [line for line in lines if line["level"] == "error"]
    unheard, *slow = [line for line in lines if line["level"] == "warning"]

    assert told["request_id"] == "from-the-proxy-17"
    assert "trusted_proxies" in unheard["message"]
    assert {line["request_id"] for line in lines if line is not unheard} == {"from-the-proxy-17"}
    assert [each.split(" ")[0] for each in faults[0]["errors"]][-2:] == ["RuntimeError", "ValueError"]
    assert slow[0]["message"].startswith("request from-the-proxy-17 was slow: GET /faulty, status 500, ")
    assert [each for each in ("my-own-words", "127.0.0.1", "203.0.113.7") if each in log] == []


def test_a_server_that_cannot_start_says_why_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("short", encoding="ascii")
    words = [sys.executable, "-m", "widget_server", "serve", "--port", "0", "--data", str(tmp_path)]
    ended = subprocess.run(words, capture_output=True, text=True, timeout=PATIENCE, check=False)

    assert ended.returncode
    assert [line for line in ended.stderr.splitlines() if not LINE.fullmatch(line)] == []
    assert "remove the file" in ended.stderr


def test_only_the_servers_own_faults_keep_their_message() -> None:
    said = [
        line_of(error)
        for error in (OSError(28, "No space left"), StorageFull("full:\n/srv"), KeyError("my words"))
    ]

    assert "OSError: [Errno 28] No space left" in said[0]
    assert "StorageFull: full: /srv" in said[1]
    assert "my words" not in said[2]
    assert all("failed for good: " in line and "\n" not in line for line in said)


def told_and_logged(folder: Path, form: str, headers: dict[str, str]) -> tuple[dict[str, str], str]:
    """What a server tells of a fault of its own, and what it has in its log at the end."""
    port = free_port()
    words = [sys.executable, "-c", PROGRAM, str(folder / "data"), str(port), form]
    with subprocess.Popen(words, stderr=subprocess.PIPE, text=True) as process:
        try:
            told = fault(f"http://127.0.0.1:{port}/faulty?said=my-own-words", headers)
            process.send_signal(signal.SIGTERM)
            _, log = process.communicate(timeout=PATIENCE)
        finally:
            process.kill()
    return told, log


def line_of(error: Exception) -> str:
    """The line of a record with an error."""
    info = (type(error), error, None)
    record = logging.LogRecord("transom", logging.ERROR, __file__, 1, "failed\nfor %s", ("good",), info)
    return OneLine().format(record)


def fault(address: str, headers: dict[str, str]) -> dict[str, str]:
    """The problem that an address answers, as soon as somebody is there."""
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        try:
            request = urllib.request.Request(address, headers=headers)  # noqa: S310 - an address on this machine
            urllib.request.urlopen(request, timeout=PATIENCE)  # noqa: S310 - as above
        except urllib.error.HTTPError as error:
            told: dict[str, str] = json.loads(error.read())
            return told
        except OSError:
            time.sleep(0.05)
    raise AssertionError(address)
