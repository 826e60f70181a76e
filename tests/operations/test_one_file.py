"""Four processes on one SQLite file, with fifty writers and some readers each."""

from __future__ import annotations

import json
import subprocess
import sys

from tests.conftest import ROOT

SECONDS = 8


def test_processes_on_one_file_fail_at_nothing_and_none_starves() -> None:
    words = [sys.executable, "-m", "benchmarks.one_file", "--seconds", str(SECONDS), "--json"]
    done = subprocess.run(words, capture_output=True, text=True, check=False, cwd=ROOT, timeout=120)
    told = json.loads(done.stdout)
    writes = [share["writes"] for share in told["shares"]]

    assert [share["failures"] for share in told["shares"]] == [{}] * 4
    assert told["is_whole"]
    assert min(writes) > max(writes) / 4
    assert min(share["reads"] for share in told["shares"]) > 0
    assert done.returncode == 0
