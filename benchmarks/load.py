"""Load: a list of requests over some connections for some seconds, by wrk where it is installed.

Without wrk, processes of our own send them; these cost more of the machine, so that every server looks slower and the
ratios lean towards 1.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.own_load import fire
from benchmarks.processes import HOST

SCRIPT = """
local requests, place = {}, 0
function init(arguments)
  local file = io.open(arguments[1], "rb")
  for line in file:lines() do
    table.insert(requests, file:read(tonumber(line)))
  end
  file:close()
end
function request()
  place = place % #requests + 1
  return requests[place]
end
function done(summary, latency)
  local errors = summary.errors
  io.write(string.format('\\n{"answers":%d,"microseconds":%d,"refused":%d,"broken":%d,"p50":%d,"p99":%d}\\n',
    summary.requests, summary.duration, errors.status, errors.connect + errors.read + errors.write + errors.timeout,
    latency:percentile(50), latency:percentile(99)))
end
"""


@dataclass(frozen=True, slots=True)
class Load:
    """What a server bore: answers a second, and the milliseconds that half and 99 of 100 of them took at most."""

    rate: float
    p50: float
    p99: float
    answers: int = 0


def generator() -> str:
    """What sends the requests on this machine."""
    return "wrk" if shutil.which("wrk") else "own"


def bear(
    port: int, requests: Sequence[bytes], *, connections: int, seconds: float, once: bool = False
) -> Load:
    """Send the requests in turn; `once` insists that none is sent twice. Any refusal is a RuntimeError."""
    if generator() == "wrk":
        said = _wrk(port, requests, connections, seconds)
    else:
        said = fire(HOST, port, requests, connections, seconds)
    if said["refused"] or said["broken"]:
        raise RuntimeError(f"{said['refused']} answers were refusals, {said['broken']} connections broke.")
    if once and said["answers"] > len(requests):
        raise RuntimeError(
            f"{len(requests)} requests are too few for a server that answers {said['answers']}."
        )
    # Who answers nothing in the time is taken to have answered once, so that there is a ratio to it.
    rate = max(1, said["answers"]) / (said["microseconds"] / 1e6)
    return Load(rate, said["p50"] / 1000, said["p99"] / 1000, said["answers"])


def _wrk(port: int, requests: Sequence[bytes], connections: int, seconds: float) -> dict[str, int]:
    with tempfile.TemporaryDirectory() as folder:
        script, file = Path(folder, "load.lua"), Path(folder, "requests")
        script.write_text(SCRIPT, encoding="ascii")
        file.write_bytes(b"".join(b"%d\n%s" % (len(request), request) for request in requests))
        command = ["wrk", "-t1", f"-c{connections}", f"-d{max(1, round(seconds))}s", "--timeout", "120s"]
        done = subprocess.run(
            [*command, "-s", script, f"http://{HOST}:{port}/", "--", file],
            capture_output=True,
            text=True,
            check=True,
        )
    said: dict[str, int] = json.loads(done.stdout.strip().splitlines()[-1])
    return said
