"""The start: how long until the first answer, and what the process holds before anybody uses it."""

from __future__ import annotations

import http.client
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Sequence
from statistics import median

from benchmarks import transom
from benchmarks.asking import ORIGIN
from benchmarks.corpus import HUNDRED
from benchmarks.lab import Lab, town
from benchmarks.processes import HOST, PATIENCE, resident
from benchmarks.report import ONE, Figure, Target
from tools.ports import free_port

STARTS = 7
SLOWEST, LARGEST = 0.8, 60.0
"""Seconds and megabytes that a start may take."""
IDLE = 2.0
"""Seconds after the first answer at which the memory is read."""


def started(lab: Lab) -> Sequence[Figure]:
    """Seconds from the command to the first page, with a database that is there; and the memory then, in MB."""
    data = lab.work / "started"
    shutil.rmtree(data, ignore_errors=True)
    shutil.copytree(town(lab.work), data)
    seen = [_start(lab, number == 0) for number in range(max(2, min(STARTS, 2 * lab.rounds)))]
    took = median(each for each, _ in seen)
    held = max(each for _, each in seen)
    return [
        Figure("cold start to the first page", "s", {ONE: took}, [Target("s", took, at_most=SLOWEST)]),
        Figure("memory when idle", "MB", {ONE: held}, [Target("MB", held, at_most=LARGEST)]),
    ]


def _start(lab: Lab, look: bool) -> tuple[float, float]:  # noqa: FBT001 - read here alone
    port, data = free_port(), lab.work / "started"
    begun = time.perf_counter()
    process = subprocess.Popen(
        transom.command(port, data),
        env={**os.environ, **transom.GENEROUS, "TRANSOM_PUBLIC_URL": f"http://{HOST}:{port}"},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        _first_page(port, begun + PATIENCE)
        took = time.perf_counter() - begun
        if look:
            time.sleep(IDLE)
        return took, resident(process) / 1e6
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait(30)


def _first_page(port: int, end: float) -> None:
    while time.perf_counter() < end:
        connection = http.client.HTTPConnection(HOST, port, timeout=5)
        try:
            connection.request("GET", transom.page(HUNDRED), headers={"Origin": ORIGIN})
            if connection.getresponse().status == http.HTTPStatus.OK:
                return
        except OSError:
            time.sleep(0.005)
        finally:
            connection.close()
    raise RuntimeError("The server did not answer.")
