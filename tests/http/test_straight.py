"""What is posted takes a path of its own, and meets there what it would meet at the router."""

from __future__ import annotations

import httpx
import pytest

from tests.http.world import PAGE, SITE, World
from widget_server.web.endpoints import ENDPOINTS

POSTS = sorted(each.path.rpartition("/")[2] for each in ENDPOINTS if each.method == "POST")


@pytest.mark.parametrize("noun", POSTS)
async def test_other_methods_are_refused_with_those_there_are(world: World, noun: str) -> None:
    answer = await world.reader.get(f"/v1/{SITE}/{noun}")

    assert (answer.status_code, answer.json()["code"]) == (405, "method_not_allowed")
    assert "POST" in answer.headers["allow"]


@pytest.mark.parametrize(
    "path", ["/v1/{}/page", "/v1/{}/nothing", "/v2/{}/me", "/v1//me", "/v1/{}/me/", "/v1/{}/x/me", "//{}/me"]
)
async def test_what_is_posted_elsewhere_is_not_answered(world: World, path: str) -> None:
    answer = await world.reader.post(path.format(SITE), data={"token": "x"}, headers={"origin": PAGE})

    assert answer.status_code in {404, 405}
    assert answer.json()["code"] in {"not_found", "method_not_allowed"}


@pytest.mark.straight("the server's own answer is the point")
async def test_a_bug_is_told_by_an_id_alone_and_logged(
    world: World, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_: object) -> object:
        raise ZeroDivisionError("a secret")

    monkeypatch.setattr("widget_server.web.acting.guests.checked_key", broken)
    fields = {"subject": "a", "widget": "like", "action": "like"}
    transport = httpx.ASGITransport(world.server.app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url=world.url) as client:
        answer = await client.post(f"/v1/{SITE}/interactions", data=fields, headers={"origin": PAGE})

    assert (answer.status_code, "secret" in answer.text) == (500, False)
    assert any(answer.json()["request_id"] in record.getMessage() for record in caplog.records)
    assert await world.rows("select * from interactions") == []
