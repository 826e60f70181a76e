"""Servers as their owner runs them, in several processes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

import pytest

from tests.faults.serving import Serving


class Serve(Protocol):
    """Makes a server on a folder that has the site, to be started by the test."""

    def __call__(self, *, workers: int = 1, **settings: str) -> Serving: ...


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Serve]:
    """Makes servers, and leaves none of them running."""
    made: list[Serving] = []

    def serve(*, workers: int = 1, **settings: str) -> Serving:
        made.append(Serving(tmp_path / "data", workers=workers, log=None, **settings))
        made[-1].furnish()
        return made[-1]

    yield serve
    for serving in made:
        serving.remove()
