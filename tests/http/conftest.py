"""A server for each test, and two guests."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from tests import nginx
from tests.http.ways import BehindNginx, Straight, Way
from tests.http.world import WAY, Visitor, World, a_world
from tests.one_site import writes_kept_to_one_site

WAYS = ("straight", "nginx")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Every test of the API is run twice, but for those that say why they cannot be: `@pytest.mark.straight(why)`."""
    straight = metafunc.definition.get_closest_marker("straight")
    metafunc.parametrize("_way", WAYS[:1] if straight else WAYS, indirect=True)


@pytest.fixture(scope="session")
def behind_nginx(tmp_path_factory: pytest.TempPathFactory) -> Iterator[BehindNginx]:
    """Servers behind an nginx, below a path."""
    program = nginx.found()
    if program is None:
        pytest.skip(nginx.NONE)
    way = BehindNginx(program, tmp_path_factory.mktemp("nginx"))
    yield way
    way.stop()


@pytest.fixture(autouse=True)
def _way(request: pytest.FixtureRequest) -> Iterator[None]:
    way: Way = Straight() if request.param == "straight" else request.getfixturevalue("behind_nginx")
    token = WAY.set(way)
    yield
    WAY.reset(token)


@pytest.fixture(autouse=True)
def _kept_to_one_site(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with writes_kept_to_one_site(monkeypatch):
        yield


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
