"""Servers to be hurt."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

import pytest

from tests.faults.serving import Serving


class Serve(Protocol):
    """Makes a server on a folder that has the site, to be started by the test."""

    def __call__(self, name: str = "data", *, workers: int = 1, **settings: str) -> Serving: ...


@pytest.fixture(scope="package")
def furnished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder that has the site."""
    serving = Serving(tmp_path_factory.mktemp("furnished") / "data")
    serving.furnish()
    return serving.data


@pytest.fixture
def serve(tmp_path: Path, furnished: Path) -> Iterator[Serve]:
    """Makes servers, and leaves none of them running."""
    made: list[Serving] = []

    def serve(name: str = "data", *, workers: int = 1, **settings: str) -> Serving:
        folder = tmp_path / name
        if not folder.exists():
            shutil.copytree(furnished, folder)
        made.append(Serving(folder, workers=workers, log=tmp_path / f"{len(made)}.log", **settings))
        return made[-1]

    yield serve
    for serving in made:
        serving.remove()
