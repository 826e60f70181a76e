"""The image: made of what is in the checkout, run without rights, on a file system that it does not write to."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.deploy.image import DOCKERFILE, ROOT, copied, said, stages
from tools.ports import free_port
from tools.wheels import fetch, wheelhouse

PLACES = re.compile(r"(?<![\w./-])/(build|dist|opt/transom)\b")
"""Folders of the image that a trial outside of one has elsewhere."""

READ_ONLY = "/proc"
"""A folder in which nobody can make a file, not even root."""

PATIENCE = 60.0


def test_what_is_copied_is_there_and_reaches_the_builder() -> None:
    ignored = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    sources = [source for stage in stages() for source in copied(stage)]

    assert "*" in ignored
    assert [source for source in sources if not (ROOT / source).exists()] == []
    assert [source for source in sources if f"!{source.removeprefix('./')}" not in ignored] == []
    assert {line[1:] for line in ignored if line.startswith("!")} == set(sources)


def test_the_server_is_not_root_and_only_its_data_lies_outside_of_the_image() -> None:
    last = stages()[-1]
    words = [each.word for each in last]

    assert re.fullmatch(r"[1-9]\d*:[1-9]\d*", said(last, "USER")[-1])
    assert words.index("USER") < words.index("ENTRYPOINT")
    assert "RUN" not in words[words.index("USER") :]
    assert said(last, "VOLUME") == ["/data"]
    assert "TRANSOM_DATA=/data" in " ".join(said(last, "ENV"))


def test_no_secret_is_baked_in() -> None:
    variables = " ".join(line for stage in stages() for word in ("ENV", "ARG") for line in said(stage, word))

    assert not re.search(r"(?i)secret|password|token|_key", variables)
    assert "ADD" not in {each.word for stage in stages() for each in stage}
    assert "postgresql://" not in DOCKERFILE.read_text(encoding="utf-8")


@pytest.mark.skipif(not Path(READ_ONLY, "self").exists(), reason="no folder in which root cannot write")
def test_what_the_build_runs_makes_a_server_that_writes_to_its_data_alone(tmp_path: Path) -> None:
    root = tmp_path / "image"
    build(root)
    before = files_of(root / "opt")
    data = tmp_path / "data"
    with serving(root, data) as port:
        healthy = subprocess.run(healthcheck(root, port), check=False, timeout=PATIENCE)
        ready = fetch(f"http://127.0.0.1:{port}/readyz")

    ended = subprocess.run(healthcheck(root, port), check=False, timeout=PATIENCE, capture_output=True)
    driver = [str(root / "opt/transom/bin/python"), "-c", "import asyncpg"]

    assert (healthy.returncode, ready) == (0, b"ready")
    assert ended.returncode != 0
    assert subprocess.run(driver, check=False, timeout=PATIENCE).returncode == 0
    assert files_of(root / "opt") == before
    assert (data / "transom.sqlite3").exists()


def build(root: Path) -> None:
    """Do in a folder what the first stage does in the image, with the packages that are here already."""
    source = root / "src"
    source.mkdir(parents=True)
    (root / "opt").mkdir()
    stage = stages()[0]
    for name in copied(stage):
        take = shutil.copytree if (ROOT / name).is_dir() else shutil.copy
        take(ROOT / name, source / name)
    offline = {
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "PIP_NO_INDEX": "1",
        "PIP_FIND_LINKS": wheelhouse().as_uri(),  # a path is cut at its spaces
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
        "HOME": str(root),
    }
    for command in said(stage, "RUN"):
        moved = PLACES.sub(lambda found: f"{root}/{found[1]}", command)
        done = subprocess.run(
            ["/bin/sh", "-euc", moved], cwd=source, env=offline, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}"


@contextmanager
def serving(root: Path, data: Path) -> Iterator[int]:
    """The image's own command, on a port of this machine's, once it is ready."""
    last = stages()[-1]
    (entry,), (command,) = said(last, "ENTRYPOINT"), said(last, "CMD")
    program = [*json.loads(entry), *json.loads(command)]
    port = free_port()
    at = {"0.0.0.0": "127.0.0.1"}  # noqa: S104 - what the image says, which this machine must not
    server = subprocess.Popen(
        [*(at.get(word, word) for word in program), "--port", str(port)],
        executable=root / "opt/transom/bin" / program[0],
        cwd=READ_ONLY,
        env={"TRANSOM_DATA": str(data), "PYTHONDONTWRITEBYTECODE": "1"},
    )
    try:
        deadline = time.monotonic() + PATIENCE
        while fetch(f"http://127.0.0.1:{port}/readyz") is None:
            assert server.poll() is None
            assert time.monotonic() < deadline
            time.sleep(0.05)
        yield port
    finally:
        server.terminate()
        assert server.wait(PATIENCE) in {0, -signal.SIGTERM}  # it ended by itself, or passed the signal on


def healthcheck(root: Path, port: int) -> list[str]:
    """The image's health check, against that port."""
    (line,) = said(stages()[-1], "HEALTHCHECK")
    program, *words = json.loads(line[line.index("[") :])
    return [str(root / "opt/transom/bin" / program), *(word.replace("8400", str(port)) for word in words)]


def files_of(folder: Path) -> dict[str, int]:
    """Every file below a folder, and when it was changed."""
    return {str(each): each.stat().st_mtime_ns for each in folder.rglob("*")}
