"""A demo that runs beside the documentation's commands."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from tools.ports import free_port

PATIENCE = 30
"""Seconds in which a server has to answer."""

SQLITE = """#!{python}
import sqlite3, sys
with sqlite3.connect(sys.argv[1], isolation_level=None) as database:
    for statement in sys.argv[2].split(";"):
        for row in database.execute(statement):
            print(*row, sep="|")
"""


@dataclass(frozen=True, slots=True)
class Demo:
    """A running demo: the folder that commands start in, its port, and the environment they get."""

    folder: Path
    port: int
    environment: Mapping[str, str]


@pytest.fixture
def demo(tmp_path: Path) -> Iterator[Demo]:
    """A demo with its data in `transom-data`, and `transom` on the PATH."""
    programs = tmp_path / "bin"
    programs.mkdir()
    if shutil.which("sqlite3") is None:
        stand_in = programs / "sqlite3"
        stand_in.write_text(SQLITE.format(python=sys.executable))
        stand_in.chmod(0o755)
    kept = {name: value for name, value in os.environ.items() if not name.startswith("TRANSOM_")}
    path = os.pathsep.join([str(Path(sys.executable).parent), str(programs), kept.get("PATH", "")])
    environment = {**kept, "PATH": path}
    port = free_port()
    command = ["transom", "demo", "--port", str(port)]
    with subprocess.Popen(command, cwd=tmp_path, env=environment, stdout=subprocess.DEVNULL) as server:
        try:
            wait_for(f"http://127.0.0.1:{port}/readyz", server)
            yield Demo(tmp_path, port, environment)
        finally:
            server.terminate()


def wait_for(address: str, server: subprocess.Popen[bytes] | None = None) -> None:
    """Return when the address answers; fail at once where its server has ended."""
    tick = threading.Event()
    for _ in range(PATIENCE * 20):
        assert server is None or server.poll() is None, f"the server of {address} ended at once"
        try:
            httpx.get(address).raise_for_status()
        except httpx.HTTPError:
            tick.wait(0.05)
        else:
            return
    pytest.fail(f"{address} did not answer within {PATIENCE} s")
