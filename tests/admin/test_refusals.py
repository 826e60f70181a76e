"""What the admin says when the server is at fault: as much as everybody may know, and an id for the rest."""

from __future__ import annotations

import logging
import re

import pytest

from tests.admin.world import Admin, World
from widget_server import errors


@pytest.mark.parametrize(
    "error",
    [
        errors.StorageFailed("no such table: secrets, in /srv/data/transom.sqlite3"),
        errors.StorageReadOnly("/srv/data/transom.sqlite3 cannot be written"),
        errors.SchemaNewer("/srv/data/transom.sqlite3 is newer"),
    ],
)
async def test_a_fault_of_the_server_shows_nothing_of_the_inside_and_the_id_that_the_log_has(
    world: World,
    bob: Admin,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    error: errors.TransomError,
) -> None:
    async def failing(*_: object, **__: object) -> object:
        raise error

    monkeypatch.setattr(world.server.house.database, "read", failing)
    with caplog.at_level(logging.ERROR):
        page = await bob.client.get("/admin/sites/blog/queue", headers={"accept": "text/html"})
        told = await bob.client.get("/admin/sites/blog/queue", headers={"accept": "application/json"})
    shown = re.findall(r"<code>([0-9a-f]{16})</code>", page.text)

    assert (page.status_code, told.status_code) == (error.status, error.status)
    assert "/srv" not in page.text + told.text
    assert page.headers.get("retry-after") == told.headers.get("retry-after")
    assert [record.getMessage() for record in caplog.records] == [
        f"request {shown[0]} failed",
        f"request {told.json()['request_id']} failed",
    ]


async def test_a_refusal_shows_no_id_for_no_log_has_it(bob: Admin) -> None:
    page = await bob.client.get("/admin/nowhere")

    assert page.status_code == 404
    assert "<code>" not in page.text
