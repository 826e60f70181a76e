"""Metrics: for whoever has the token, of all workers together, and about nobody."""

from __future__ import annotations

import asyncio
import os
import signal
from pathlib import Path

from prometheus_client.parser import text_string_to_metric_families

from tests.faults.asking import PATIENCE, ask
from tests.faults.serving import Serving
from tests.http.world import World, a_world
from tests.operations.conftest import Serve
from tests.operations.test_workers import PAGE_READ, act, comment, like, read_by_all, until, until_replaced

TOKEN = "a token that is long enough to be one"


async def test_metrics_are_for_who_has_the_token(tmp_path: Path) -> None:
    async with a_world(tmp_path / "closed") as world:
        assert (await world.reader.get("/metrics")).status_code == 404
    async with a_world(tmp_path / "open", metrics_token=TOKEN) as world:
        answers = [
            await world.reader.get("/metrics", headers={"authorization": given})
            for given in ("", "Bearer", f"Bearer {TOKEN}x", f"Basic {TOKEN}", f"Bearer {TOKEN}")
        ]

        assert [answer.status_code for answer in answers] == [401, 401, 401, 401, 200]
        assert answers[-1].headers["cache-control"] == "no-store"
        assert answers[-1].headers["content-type"].startswith("text/plain")


async def test_what_happens_is_counted_by_route_and_names_nobody(tmp_path: Path) -> None:
    async with a_world(tmp_path / "data", metrics_token=TOKEN) as world:
        charlie = world.visitor("Charlie")
        await charlie.says("my own words")
        for _ in range(3):
            await world.page("a")
        await world.reader.get("/v1/blog/page?subject=a&lang=aaa")
        await world.reader.get("/wp-login.php")
        await world.reader.request("BREW", "/v1/blog/page")
        told = await metrics(world)

    requests = {
        (labels["route"], labels["method"], labels["status"]): value
        for labels, value in told["transom_request_seconds_count"]
    }
    assert requests["/v1/{site}/page", "GET", "200"] == 4
    assert requests["/v1/{site}/interactions", "POST", "200"] == 1
    assert requests["none", "GET", "404"] == 1
    assert requests["/v1/{site}/page", "other", "405"] == 1
    assert {
        name: told[name][0][1] for name in ("transom_cache_hits_total", "transom_cache_misses_total")
    } == {
        "transom_cache_hits_total": 2,
        "transom_cache_misses_total": 2,
    }
    assert told["transom_cache_entries"][0][1] == 2
    assert told["transom_commit_writes_count"][0][1] >= 1
    assert told["transom_write_queue_depth"][0][1] == 0
    assert told["transom_live_streams"][0][1] == 0
    assert not [
        name
        for name in ("Charlie", "my own words", "203.0.113", "wp-login", "BREW", "aaa")
        if name in str(told)
    ]


async def test_plug_ins_that_fail_are_counted(tmp_path: Path) -> None:
    async with a_world(tmp_path / "data", metrics_token=TOKEN) as world:
        world.server.house.guard.failures["rogue"] += 2
        told = await metrics(world)

    assert told["transom_plugin_failures_total"] == [({"plugin": "rogue"}, 2)]


async def test_a_server_whose_queue_is_full_is_not_ready(tmp_path: Path) -> None:
    async with a_world(tmp_path / "data") as world:
        database = world.server.house.database
        assert (await world.reader.get("/readyz")).status_code == 200
        queue = database._writes  # type: ignore[attr-defined]
        queue._size = 0
        full = await world.reader.get("/readyz")
        queue._size = 1

        assert (full.status_code, full.json()["code"]) == (503, "overloaded")
        assert full.headers["retry-after"] == "1"
        assert (await world.reader.get("/readyz")).status_code == 200


async def test_numbers_are_those_of_all_workers_also_of_those_that_ended(serve: Serve) -> None:
    serving = serve(workers=2, metrics_token=TOKEN)
    await serving.start()
    await act(serving, **comment("hello"))
    await asyncio.gather(*(act(serving, **like()) for _ in range(19)))
    await read_by_all(serving, PAGE_READ)

    async def are_complete() -> bool:
        return await written(serving) == {20.0}

    await until(are_complete)
    ended = serving.workers()[0]
    os.kill(ended, signal.SIGTERM)
    await until_replaced(serving, ended)
    await until(are_complete)


async def written(serving: Serving) -> set[float]:
    """How many interactions each of some looks at the metrics tells of."""
    request = (
        f"GET /metrics HTTP/1.1\r\nhost: talk\r\nauthorization: Bearer {TOKEN}\r\nconnection: close\r\n\r\n"
    )
    answers = await asyncio.gather(*(ask(serving.port, request.encode(), PATIENCE) for _ in range(12)))
    found = set()
    for answer in answers:
        told = samples(answer.body.decode()).get("transom_request_seconds_count", [])
        found.add(sum(value for labels, value in told if labels["route"] == "/v1/{site}/interactions"))
    return found


async def metrics(world: World) -> dict[str, list[tuple[dict[str, str], float]]]:
    """All samples by name."""
    answer = await world.reader.get("/metrics", headers={"authorization": f"Bearer {TOKEN}"})
    return samples(answer.text)


def samples(text: str) -> dict[str, list[tuple[dict[str, str], float]]]:
    """The samples in a text, by name."""
    found: dict[str, list[tuple[dict[str, str], float]]] = {}
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            found.setdefault(sample.name, []).append((sample.labels, sample.value))
    return found
