"""A server below a path of another site, whether its proxy takes that path off or leaves it on."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests import nginx
from tests.http.ways import PREFIX, BehindNginx
from tests.http.world import HOST, SITE, WAY, a_world
from widget_server.errors import SettingInvalid
from widget_server.settings import OWN_WORDS

PAGE = f"/v1/{SITE}/page?subject=a"


@pytest.mark.straight("it asks with the prefix and without")
async def test_a_path_is_the_same_with_the_prefix_and_without(tmp_path: Path) -> None:
    async with a_world(tmp_path, public_url=f"{HOST}/talk") as world:
        await world.visitor("Charlie").says("hello")
        for path in (
            PAGE,
            PAGE,
            "/readyz",
            "/transom.js",
            "/admin/",
            "/v1/nosite/page?subject=a",
            "/nowhere",
        ):
            kept, taken = await world.reader.get(f"/talk{path}"), await world.reader.get(path)

            assert (path, kept.status_code) == (path, taken.status_code)
            assert kept.headers.get("location") == taken.headers.get("location")
            assert kept.headers.get("etag") == taken.headers.get("etag")
        for path in ("/talkative/healthz", "/Talk/healthz", "/talk/talk/healthz"):
            assert (await world.reader.get(path)).status_code == 404
        described = (await world.reader.get("/talk/v1/openapi.json")).json()

    assert described["servers"] == [{"url": f"{HOST}/talk"}]


@pytest.mark.straight("nothing is asked")
async def test_every_address_of_the_server_begins_with_a_word_that_no_prefix_may_have(tmp_path: Path) -> None:
    async with a_world(tmp_path) as world:
        app: Any = world.server.app
        while hasattr(app, "_app"):  # what stands before the router
            app = app._app

    assert {route.path.split("/")[1] for route in app.routes} == set(OWN_WORDS)


@pytest.mark.straight("nothing is asked")
@pytest.mark.parametrize("path", ["/v1", "/admin/talk", "/t", "/metrics", "/a//b", "/caf\u00e9", "/a%20b"])
async def test_a_prefix_that_cannot_be_told_from_an_address_is_refused(tmp_path: Path, path: str) -> None:
    with pytest.raises(SettingInvalid, match="public_url"):
        async with a_world(tmp_path, public_url=f"{HOST}{path}"):
            pass


@pytest.mark.straight("it has proxies of its own")
@pytest.mark.parametrize("case", ["on a host of its own", "kept", "taken off"])
async def test_each_way_that_the_page_shows_leads_to_the_server(tmp_path: Path, case: str) -> None:
    program = nginx.found()
    if program is None:
        pytest.skip(nginx.NONE)
    alone, below = nginx.blocks()
    assert "proxy_pass http://transom;" in below
    block, prefix = {
        "on a host of its own": (alone, ""),
        "kept": (below, PREFIX),
        "taken off": (below.replace("proxy_pass http://transom;", "proxy_pass http://transom/;"), PREFIX),
    }[case]
    folder = tmp_path / "nginx"
    folder.mkdir()
    way = BehindNginx(program, folder, block, prefix)
    token = WAY.set(way)
    try:
        async with a_world(tmp_path / "data") as world:
            await world.visitor("Charlie").says("hello", subject="a/b")
            document = await world.reader.get(f"/v1/{SITE}/thread?format=page&subject=a%2Fb")
            hidden = await world.reader.get("/metrics")
            entrance = await world.reader.get("/admin/")
    finally:
        WAY.reset(token)
        way.stop()

    assert "hello" in document.text
    assert f'action="{HOST}{prefix}/v1/' in document.text
    assert hidden.status_code == 404
    assert hidden.headers["content-type"] == "text/html"
    assert entrance.headers["location"] == f"{prefix}/admin/sign-in"
