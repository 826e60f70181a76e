"""A disk that is full, a file that cannot be written, a file that is something else."""

from __future__ import annotations

import asyncio
import concurrent.futures.thread  # noqa: F401 - now, since nobody may not read root's Python later
import os
import resource
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from blockbuster import BlockBuster

from tests.store.conftest import Opener
from tests.store.statements import count, put
from widget_server import errors
from widget_server.store import CORE, SQLite, migrate, open_sqlite
from widget_server.store.sqlite_session import Session
from widget_server.testing import CONTRACT

pytestmark = pytest.mark.only_sqlite("it is about the disk under a SQLite file")

NOBODY = 65534


@pytest.fixture(autouse=True)
def looking_allowed(unblocked_loop: BlockBuster) -> None:
    """These tests change the file by themselves."""
    unblocked_loop.deactivate()


async def test_a_full_database_refuses_whole_transactions(database: SQLite) -> None:
    """Full by SQLite's own count of pages, so that it is shown on every machine."""
    await database.write(put("before"))
    await database.alone(lambda session: _bound(session, 40))
    with pytest.raises(errors.StorageFull, match="Free some space"):
        await database.write(put("large", "x" * 400_000))
    assert await database.read(count()) == 1

    await database.alone(lambda session: _bound(session, 1_000_000))
    await database.write(put("large", "x" * 400_000))
    assert await database.read(count()) == 2


async def test_a_limit_of_the_system_fails_the_batch_and_keeps_nothing(path: Path, database: SQLite) -> None:
    """The write itself fails, in the middle of a batch; those who wait are told, and later ones go on."""
    await database.write(put("before"))
    with _file_limit(path.with_name("transom.db-wal").stat().st_size + 100_000):
        results = await asyncio.gather(
            *(database.write(put(f"small-{number}")) for number in range(10)),
            database.write(put("large", "x" * 20_000_000)),
            return_exceptions=True,
        )
    assert all(isinstance(result, errors.Unavailable) for result in results)
    assert await database.read(count()) == 1

    await asyncio.gather(*(database.write(put(f"after-{number}")) for number in range(10)))
    assert await database.read(count()) == 11


@pytest.mark.skipif(os.geteuid() != 0 or not shutil.which("mount"), reason="only root may mount a small disk")
async def test_a_full_disk_refuses_and_goes_on_once_there_is_space(tmp_path: Path) -> None:
    with _small_disk(tmp_path / "disk", "2m") as disk:
        database = await open_sqlite(disk / "transom.db")
        try:
            await migrate(database, [CORE, CONTRACT], now=0)
            kept = await _fill(database)
            assert await database.read(count()) == kept
            (disk / "ballast").unlink()
            await database.write(put("after"))
            assert await database.read(count()) == kept + 1
            integrity = await database.alone(
                lambda session: session.execute("pragma integrity_check").fetchone()[0]
            )
            assert integrity == "ok"
        finally:
            await database.close()


async def _fill(database: SQLite) -> int:
    """Write batches until the disk is full; how many were acknowledged."""
    (database.path.parent / "ballast").write_bytes(b"x" * 500_000)
    kept = 0
    for batch in range(100):
        results = await asyncio.gather(
            *(database.write(put(f"{batch}-{number}", "x" * 5_000)) for number in range(10)),
            return_exceptions=True,
        )
        kept += sum(result is None for result in results)
        refused = [result for result in results if result is not None]
        assert all(isinstance(result, errors.StorageFull) for result in refused), refused
        if refused:
            return kept
    pytest.fail("the disk did not fill up")


@pytest.mark.parametrize("what", ["file", "folder"])
async def test_what_cannot_be_written_says_so_when_it_is_opened(what: str) -> None:
    """With the name of the file, and nothing changed."""
    with _public_folder() as folder:
        path = folder / "data" / "transom.db"
        database = await open_sqlite(path)
        await migrate(database, [CORE, CONTRACT], now=0)
        await database.close()
        path.with_name("transom.db.lock").chmod(0o666)
        path.chmod(0o444 if what == "file" else 0o666)
        path.parent.chmod(0o777 if what == "file" else 0o555)
        with (
            _unprivileged(),
            pytest.raises(errors.StorageReadOnly, match=r"transom\.db cannot be written") as caught,
        ):
            await open_sqlite(path)
        assert caught.value.__cause__ is not None
        path.parent.chmod(0o777)


async def test_a_folder_that_cannot_be_made_says_so() -> None:
    with _public_folder() as folder:
        folder.chmod(0o555)
        with _unprivileged(), pytest.raises(errors.StorageReadOnly, match="permissions"):
            await open_sqlite(folder / "data" / "transom.db")
        folder.chmod(0o777)


async def test_a_file_that_is_no_database_is_refused_and_left_alone(path: Path) -> None:
    path.parent.mkdir()
    path.write_bytes(b"This is a letter to my mother.\n" * 200)
    with pytest.raises(errors.StorageFailed, match="not a sound SQLite database"):
        await open_sqlite(path)
    assert path.read_bytes() == b"This is a letter to my mother.\n" * 200


async def test_a_folder_in_place_of_the_file_is_refused(path: Path) -> None:
    path.mkdir(parents=True)
    with pytest.raises(errors.Unavailable):
        await open_sqlite(path)


async def test_a_path_with_odd_characters_is_just_a_path(tmp_path: Path) -> None:
    for name in ("with space", "per%20cent", "question?mode=ro", "häsh#tag", "file:memory", ":memory:"):
        database = await open_sqlite(tmp_path / name / name)
        await migrate(database, [CORE, CONTRACT], now=0)
        await database.write(put("a"))
        await database.close()
        assert (tmp_path / name / name).stat().st_size > 0


async def test_the_log_goes_on_after_a_clean_end(opener: Opener, path: Path) -> None:
    """Closing leaves one file with everything in it, besides the side file."""
    database = await opener()
    await database.write(put("a"))
    await database.close()
    assert sorted(file.name for file in path.parent.iterdir()) == ["transom.db", "transom.db.lock"]
    again = await opener()
    assert await again.read(count()) == 1


def _bound(session: Session, pages: int) -> None:
    session.execute(f"pragma max_page_count = {pages}")


@contextmanager
def _file_limit(size: int) -> Iterator[None]:
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@contextmanager
def _small_disk(folder: Path, size: str) -> Iterator[Path]:
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={size}", "none", folder],  # noqa: S607 - where it is differs
        check=False,
        capture_output=True,
    )
    if mounted.returncode != 0:
        pytest.skip("this root may not mount a small disk")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", folder], check=True)  # noqa: S607 - as above


@contextmanager
def _public_folder() -> Iterator[Path]:
    """Not pytest's own, which lies in a folder that nobody else may enter."""
    with tempfile.TemporaryDirectory() as name:
        Path(name).chmod(0o777)
        yield Path(name)


@contextmanager
def _unprivileged() -> Iterator[None]:
    """Permissions do not bind root; so root becomes nobody for a moment."""
    was_root = os.geteuid() == 0
    if was_root:
        os.seteuid(NOBODY)
    try:
        yield
    finally:
        if was_root:
            os.seteuid(0)
