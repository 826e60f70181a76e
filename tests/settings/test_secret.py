"""The secret in the data folder: one for all who start at once, and never a weak one."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from widget_server.errors import Misconfigured
from widget_server.opening import SECRET, kept_secret
from widget_server.settings import SHORTEST_SECRET

STARTS = 8


def test_all_who_start_at_once_on_a_fresh_folder_get_the_same_secret(tmp_path: Path) -> None:
    for number in range(20):
        data, together = tmp_path / str(number), threading.Barrier(STARTS)

        def start(folder: Path = data, gate: threading.Barrier = together) -> str:
            gate.wait()
            return kept_secret(folder)

        with ThreadPoolExecutor(STARTS) as pool:
            secrets = {started.result() for started in [pool.submit(start) for _ in range(STARTS)]}

        assert len(secrets) == 1
        assert len(secrets.pop()) >= SHORTEST_SECRET
        assert [file.name for file in data.iterdir()] == [SECRET]


def test_a_draft_that_a_crash_left_behind_is_in_nobodys_way(tmp_path: Path) -> None:
    (tmp_path / f"{SECRET}.new").write_text("", encoding="ascii")

    assert len(kept_secret(tmp_path)) >= SHORTEST_SECRET


def test_the_secret_is_kept_and_is_its_owners_alone(tmp_path: Path) -> None:
    secret = kept_secret(tmp_path / "data")

    assert kept_secret(tmp_path / "data") == secret
    assert (tmp_path / "data" / SECRET).stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("held", [b"", b"\n", b"x" * (SHORTEST_SECRET - 1), b" " * 80, b"\xff" * 80])
def test_a_file_that_holds_no_secret_is_refused_with_what_to_do(tmp_path: Path, held: bytes) -> None:
    (tmp_path / SECRET).write_bytes(held)

    with pytest.raises(Misconfigured, match=r"secret: .*remove the file") as caught:
        kept_secret(tmp_path)

    assert "xxx" not in caught.value.detail
    assert (tmp_path / SECRET).read_bytes() == held
