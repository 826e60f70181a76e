"""A server with two sites, for the tests of the moderator's side."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest_asyncio

from tests.admin.world import URL, Admin, Clock, World
from tests.http.rogue import as_checks, as_extra
from tests.wave import Wave
from tests.word import Word
from widget_server.app import opened
from widget_server.settings import load


@pytest_asyncio.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    """Everything fresh."""
    clock = Clock()
    settings = load({}, overrides={"data": tmp_path / "data", "public_url": URL})
    async with opened(settings, clock=clock) as server:
        made = World(server, clock)
        await made.settle()
        yield made
        for client in made.clients:
            await client.aclose()


@pytest_asyncio.fixture
async def plugged(tmp_path: Path) -> AsyncIterator[World]:
    """The same, with a widget and a check that may be set."""
    clock = Clock()
    settings = load({}, overrides={"data": tmp_path / "plugged", "public_url": URL})
    async with opened(settings, clock=clock, extra=as_extra(Wave()), checks=as_checks(Word())) as server:
        made = World(server, clock)
        await made.settle()
        yield made
        for client in made.clients:
            await client.aclose()


@pytest_asyncio.fixture
async def bob(world: World) -> Admin:
    """Bob moderates the blog."""
    return await world.sign_in("bob@example.com")


@pytest_asyncio.fixture
async def alice(world: World) -> Admin:
    """Alice owns the blog."""
    return await world.sign_in("alice@example.com")
