"""The API describes itself, and says whether it is ready."""

from __future__ import annotations

from openapi_spec_validator import validate

from tests.http.world import PAGE, Visitor, World
from widget_server.web.endpoints import ENDPOINTS


async def test_the_openapi_document_is_valid_and_names_every_endpoint(world: World) -> None:
    document = (await world.reader.get("/v1/openapi.json")).json()
    validate(document)
    described = {(method, path) for path, methods in document["paths"].items() for method in methods}

    assert described == {(endpoint.method.lower(), endpoint.path) for endpoint in ENDPOINTS}


async def test_every_action_of_every_widget_is_in_the_openapi_document(world: World) -> None:
    document = (await world.reader.get("/v1/openapi.json")).json()
    body = document["paths"]["/v1/{site}/interactions"]["post"]["requestBody"]
    variants = body["content"]["application/json"]["schema"]["allOf"][1]["oneOf"]
    described = {
        (each["properties"]["widget"]["const"], each["properties"]["action"]["const"]) for each in variants
    }
    widgets = world.server.house.widgets

    assert described == {
        (name, action) for name, plugin in widgets.items() for action in plugin.thing.actions
    }


async def test_a_server_says_that_it_lives_and_that_it_is_ready(world: World) -> None:
    alive = await world.reader.get("/healthz")
    ready = await world.reader.get("/readyz")

    assert (alive.status_code, alive.text, ready.status_code, ready.text) == (200, "ok", 200, "ready")


async def test_clients_that_are_no_browsers_patch_and_delete(world: World, charlie: Visitor) -> None:
    comment = await charlie.says("First")
    address, headers = f"/v1/blog/interactions/{comment}", {"origin": PAGE}
    patched = await world.reader.patch(
        address, json={"token": charlie.token, "text": "Second"}, headers=headers
    )

    assert patched.json()["summary"]["comments"][0]["source"] == "Second"

    twice = await world.reader.patch(
        address, json={"token": charlie.token, "text": "Third", "id": comment}, headers=headers
    )
    stranger = await world.reader.request("DELETE", address, json={"token": "no"}, headers=headers)
    deleted = await world.reader.request("DELETE", address, json={"token": charlie.token}, headers=headers)
    missing = await world.reader.request(
        "DELETE", "/v1/blog/interactions/none", json={"token": charlie.token}, headers=headers
    )

    assert (twice.status_code, twice.json()["code"]) == (400, "field_unknown")
    assert (stranger.status_code, stranger.json()["code"]) == (401, "token_invalid")
    assert deleted.status_code == 200
    assert (missing.status_code, missing.json()["code"]) == (404, "not_found")
    assert (await world.page())["comments"]["comments"] == []
