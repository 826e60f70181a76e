"""The unit of systemd: what it says is what the server needs, and no more."""

from __future__ import annotations

import configparser
import json
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.deploy.image import ROOT
from widget_server.settings import load

UNIT = ROOT / "deploy" / "transom.service"

MOST_EXPOSED = 15
"""Tenths, as `systemd-analyze security` counts: 0 is shut in wholly, 100 is open."""

ANALYZE = shutil.which("systemd-analyze") or ""

needs_systemd = pytest.mark.skipif(not ANALYZE, reason="no systemd-analyze to ask")


def test_the_server_has_a_user_and_a_folder_of_its_own() -> None:
    service = read()["Service"]
    settings = load({"TRANSOM_DATA": service["Environment"].removeprefix("TRANSOM_DATA=")})

    assert service["User"] not in {"", "root"}
    assert settings.data == Path("/var/lib", service["StateDirectory"])
    assert service["ProtectSystem"] == "strict"
    assert int(service["TimeoutStopSec"]) > settings.drain_seconds
    assert service["ExecStart"].split()[1:] == ["serve"]


@needs_systemd
def test_systemd_finds_nothing_odd(tmp_path: Path) -> None:
    unit = tmp_path / UNIT.name
    unit.write_text(UNIT.read_text(encoding="utf-8").replace("/opt/transom/bin/transom", "/bin/true"))
    done = subprocess.run(
        [ANALYZE, "verify", "--man=no", str(unit)], capture_output=True, text=True, check=False
    )

    assert (done.returncode, [line for line in done.stderr.splitlines() if unit.name in line]) == (0, [])


@needs_systemd
def test_it_is_shut_in_as_far_as_a_server_can_be() -> None:
    done = subprocess.run(
        [
            ANALYZE,
            "security",
            "--offline=true",
            "--json=short",
            f"--threshold={MOST_EXPOSED}",
            str(UNIT),
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    open_still = [each["name"] for each in json.loads(done.stdout) if not each["set"]]

    assert done.returncode == 0, open_still


def read() -> configparser.ConfigParser:
    """The unit, read; of a name that stands twice, the last."""
    parser = configparser.ConfigParser(strict=False, interpolation=None)
    parser.optionxform = str  # type: ignore[assignment,method-assign] # systemd's names have capitals
    parser.read_string(UNIT.read_text(encoding="utf-8"))
    return parser
