"""The server's wheel, built once."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.examples.installing import wheel_of
from tools.paths import ROOT


@pytest.fixture(scope="session")
def server_wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel of this checkout."""
    return wheel_of(ROOT, tmp_path_factory.mktemp("server"))
