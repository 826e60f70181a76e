"""A disk that is full or read-only, seen over HTTP: said clearly, reads go on, and all goes on by itself."""

from __future__ import annotations

import resource
import shutil
import subprocess
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import pytest

from tests.faults.asking import SITE, get, until
from tests.faults.conftest import Serve
from tests.faults.crowd import Crowd
from tests.faults.ledger import balanced, holds, rows_of, shown
from tests.faults.serving import Serving
from widget_server.opening import DATABASE

NO_BOUND = resource.RLIM_INFINITY
SOME = 64 * 1024
"""Bytes that the write-ahead log may still grow by."""
TIMES = 3
"""A disk is seldom full once."""


@pytest.mark.parametrize("workers", [1, 2])
async def test_files_that_may_not_grow_stop_writing_and_nothing_else(serve: Serve, workers: int) -> None:
    """On every machine: the system refuses to write beyond a size, in the middle of whatever comes."""
    server = serve(workers=workers)
    log = server.data / f"{DATABASE}-wal"
    async with hurt(server) as crowd:
        for _ in range(TIMES):
            await crowd.done(20)
            bound(server, log.stat().st_size + SOME)
            await refused(server, crowd, {"storage_full", "storage_failed"})
            bound(server, NO_BOUND)


async def test_a_full_disk_stops_writing_and_nothing_else(serve: Serve, disk: Path) -> None:
    server = serve("disk/data")
    ballast = disk / "ballast"
    async with hurt(server) as crowd:
        for _ in range(TIMES):
            await crowd.done(20)
            fill(ballast)
            await refused(server, crowd, {"storage_full"})
            ballast.unlink()


async def test_a_server_starts_on_a_full_disk_once_there_is_space(serve: Serve, disk: Path) -> None:
    server = serve("disk/data")
    async with hurt(server) as crowd:
        await crowd.done(20)
        fill(disk / "ballast")
        await refused(server, crowd, {"storage_full"})
        server.kill()
        server.spawn()
        await until(server.has_settled)
        (disk / "ballast").unlink()
        if server.has_ended:
            assert "is full" in server.log
            await server.start()
        crowd.met.pop("unanswered", None)


async def test_a_server_does_not_start_on_a_read_only_disk_and_says_why(serve: Serve, disk: Path) -> None:
    server = serve("disk/data")
    async with hurt(server) as crowd:
        await crowd.done(20)
        await crowd.pause()
        assert await server.stop() in {0, -15}
        before = contents(server.data)
        remount(disk, "ro")
        server.spawn()
        await until(server.has_settled)

        assert server.has_ended
        assert "cannot be written" in server.log
        assert "Traceback" not in server.log
        assert contents(server.data) == before

        remount(disk, "rw")
        await server.start()
        crowd.start()


@asynccontextmanager
async def hurt(server: Serving) -> AsyncIterator[Crowd]:
    """People who act while something happens; in the end all that they did is there."""
    crowd = Crowd(server.port)
    await server.start()
    crowd.start()
    try:
        yield crowd
        await crowd.done(20)
        await crowd.finish()
    finally:
        await crowd.leave()

    assert set(crowd.met) <= {"storage_full", "storage_failed"}
    ask = rows_of(server.data / DATABASE)
    await balanced(ask, crowd)
    await shown(ask, server.port)
    assert await ask("pragma integrity_check") == [{"integrity_check": "ok"}]


async def refused(server: Serving, crowd: Crowd, codes: set[str]) -> None:
    """Nobody can write any more; reading goes on, of what is kept and of what is not."""
    before = crowd.met.total()
    await until(lambda: crowd.has_met(before + 3 * crowd.people))
    pages = [
        await get(server.port, f"/v1/{SITE}/page?subject={subject}") for subject in ("/one", f"/{before}")
    ]

    assert [page.status for page in pages] == [200, 200]
    assert set(crowd.met) <= codes
    assert (await get(server.port, "/healthz")).status == 200
    await holds(rows_of(server.data / DATABASE), crowd)


def bound(server: Serving, size: int) -> None:
    """Let files of the server grow up to so many bytes."""
    for process in (server.pid, *server.workers()):
        resource.prlimit(process, resource.RLIMIT_FSIZE, (size, NO_BOUND))


def fill(file: Path) -> None:
    """Write until there is no space left."""
    with file.open("wb", buffering=0) as ballast, suppress(OSError):
        while True:
            ballast.write(b"x" * 4096)


def contents(folder: Path) -> dict[str, bytes]:
    """What is in a folder."""
    return {str(file.relative_to(folder)): file.read_bytes() for file in folder.rglob("*") if file.is_file()}


def remount(disk: Path, way: str) -> None:
    """Let it be read-only, or not."""
    assert mounted("-o", f"remount,{way}", str(disk))


def mounted(*words: str) -> bool:
    """Whether the system has done so."""
    mount = shutil.which("mount")
    return (
        mount is not None
        and subprocess.run([mount, *words], check=False, capture_output=True).returncode == 0
    )


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A small disk, where whoever runs the tests may have one."""
    folder = tmp_path / "disk"
    folder.mkdir()
    if not mounted("-t", "tmpfs", "-o", "size=16m", "none", str(folder)):
        pytest.skip("a small disk can only be mounted by root")
    yield folder
    subprocess.run(["umount", "-l", folder], check=True)  # noqa: S607 - where it is differs
