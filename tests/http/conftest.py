"""A server for each test, and two guests."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.http.world import Visitor, World, a_world


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    """A running server with the sites `blog` (Alice's, moderated by Bob) and `shop`."""
    async with a_world(tmp_path / "data") as world:
        yield world


@pytest.fixture
def charlie(world: World) -> Visitor:
    """A stranger on a page of the blog."""
    return world.visitor("Charlie", "203.0.113.7")


@pytest.fixture
def dana(world: World) -> Visitor:
    """A second one, behind the same address."""
    return world.visitor("Dana", "203.0.113.7")
