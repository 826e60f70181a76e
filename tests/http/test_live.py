"""Live: those who watch a subject hear what they can see of it, and nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.http.clock import NOON
from tests.http.test_two_servers import until
from tests.http.watching import watching
from tests.http.world import OTHER_PAGE, OTHER_SITE, PAGE, SITE, Visitor, World, a_world
from widget_server.errors import StorageFailed
from widget_server.live import hub

LIKED = [{"widget": "like", "kind": "changed"}]
REWRITTEN = {"widget": "comments", "kind": "changed"}


async def test_a_comment_is_told_by_its_id_and_root_alone(world: World, charlie: Visitor) -> None:
    async with watching(world) as watcher, watching(world, "b") as elsewhere:
        root = await charlie.says("Nobody is to hear this text.")
        first = await watcher.event()
        reply = await charlie.says("Nor this one.", parent=root)
        second = await watcher.event()
        await charlie.like(subject="b")

        assert (first.name, first.data) == (
            "change",
            {"changes": [{"widget": "comments", "kind": "new", "id": root, "root": root}], "within": 0},
        )
        assert second.data["changes"] == [{"widget": "comments", "kind": "new", "id": reply, "root": root}]
        assert await elsewhere.changes() == LIKED
        assert "Nobody" not in watcher.text
        assert "Charlie" not in watcher.text


async def test_a_like_an_edit_and_a_deletion_say_that_something_changed(
    world: World, charlie: Visitor
) -> None:
    comment = await charlie.says("one")
    async with watching(world) as watcher:
        await charlie.like()

        assert await watcher.changes() == LIKED

        await charlie.unlike()

        assert await watcher.changes() == LIKED

        await charlie.edit(comment, "two")

        assert await watcher.changes() == [REWRITTEN | {"id": comment, "root": comment}]

        await charlie.delete(comment)

        assert await watcher.changes() == [REWRITTEN]


async def test_what_readers_cannot_see_is_not_told(world: World, charlie: Visitor, dana: Visitor) -> None:
    await world.settle(mode="all_held")
    async with watching(world) as watcher:
        held = await charlie.says("held")
        await charlie.edit(held, "held still")
        refused = await charlie.says("held and refused")
        await world.judge("reject", refused)
        withdrawn = await charlie.says("held and withdrawn")
        await charlie.delete(withdrawn)
        await dana.like()

        assert await watcher.changes() == LIKED

        await world.judge("approve", held)

        assert await watcher.changes() == [{"widget": "comments", "kind": "new", "id": held, "root": held}]

        await world.judge("hold", held)

        assert await watcher.changes() == [REWRITTEN]
        assert refused not in watcher.text
        assert withdrawn not in watcher.text


async def test_who_comes_back_hears_what_was_missed(world: World, charlie: Visitor, dana: Visitor) -> None:
    async with watching(world) as watcher:
        await charlie.like()
        cursor = (await watcher.event()).id
    world.clock.forward(60)
    missed = await charlie.says("while nobody watched")
    new = [{"widget": "comments", "kind": "new", "id": missed, "root": missed}]

    async with watching(world, after=cursor) as by_query:
        assert await by_query.changes() == new
    async with watching(world, headers={"last-event-id": cursor}, after="0-00000000") as by_header:
        assert await by_header.changes() == new
    async with watching(world) as fresh:
        assert (await fresh.block()).name == ""
        world.clock.forward(60)
        await dana.like()
        cursor = (await fresh.event()).id
    async with watching(world, after=cursor) as up_to_date:
        assert (await up_to_date.block()).id == cursor
    await dana.unlike()
    async with watching(world, after=cursor) as counts_differ:
        assert (await counts_differ.event()).name == "reset"


@pytest.mark.parametrize(
    "after", ["nonsense", f"{NOON - 700_000:x}-00000000", f"{NOON + 700_000:x}-00000000", "0" * 5_000]
)
async def test_a_cursor_that_leads_nowhere_asks_to_read_anew(world: World, after: str) -> None:
    async with watching(world, after=after) as watcher:
        event = await watcher.event()

        assert (event.name, event.data) == ("reset", {"within": 0})


async def test_too_much_at_once_asks_to_read_anew(
    world: World, charlie: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hub, "MOST_LINES", 3)
    async with watching(world) as watcher:
        cursor = (await watcher.block()).id
        for number in range(5):
            await charlie.says(f"{number}")
        while (await watcher.event()).name != "reset":
            pass
    async with watching(world, after=cursor) as back:
        assert (await back.event()).name == "reset"


async def test_another_servers_changes_are_told_too(tmp_path: Path) -> None:
    async with a_world(tmp_path / "data") as here, a_world(tmp_path / "data") as there:
        charlie = here.visitor("Charlie")
        async with watching(there) as watcher:
            comment = await charlie.says("from the other one")

            assert await watcher.changes() == [
                {"widget": "comments", "kind": "new", "id": comment, "root": comment}
            ]

            await charlie.like()

            assert await watcher.changes() == LIKED


async def test_a_subject_is_heard_of_under_any_of_its_keys(world: World, charlie: Visitor) -> None:
    async with watching(world, "blog.example/p?utm_source=x") as watcher:
        await charlie.like(subject="blog.example/p", url=f"{PAGE}/p")

        assert await watcher.changes() == LIKED


async def test_a_change_of_the_site_ends_its_streams(world: World, charlie: Visitor) -> None:
    await charlie.like(site="shop")
    async with (
        watching(world) as watcher,
        watching(world, site=OTHER_SITE, headers={"origin": OTHER_PAGE}) as other,
    ):
        await world.settle(max_length=100)

        assert (await watcher.event()).name == "reset"
        await watcher.until("end")
        assert not other.is_over

    await world.settle(live=False)
    async with watching(world) as refused:
        assert (refused.status, refused.body) == (204, b"")


async def test_only_the_sites_own_pages_may_watch(world: World) -> None:
    async with watching(world, headers={"origin": "https://evil.example"}) as foreign:
        assert foreign.status == 403
        assert b"origin_not_allowed" in foreign.body
    async with watching(world, site="none") as nowhere:
        assert nowhere.status == 404
    async with watching(world, "") as nothing:
        assert nothing.status == 422
    async with watching(world) as watcher:
        assert watcher.status == 200
        assert watcher.headers["content-type"] == "text/event-stream; charset=utf-8"
        assert watcher.headers["cache-control"] == "no-store"
        assert watcher.headers["access-control-allow-origin"] == "*"
        assert not {"set-cookie", "content-encoding", "etag"} & set(watcher.headers)


async def test_the_description_of_the_api_says_that_it_is_a_stream(world: World) -> None:
    described = (await world.reader.get("/v1/openapi.json")).json()["paths"]

    assert list(described["/v1/{site}/live"]["get"]["responses"]["200"]["content"]) == ["text/event-stream"]
    assert list(described["/v1/{site}/page"]["get"]["responses"]["200"]["content"]) == ["application/json"]


async def test_other_methods_get_no_stream(world: World) -> None:
    head = await world.reader.head(f"/v1/{SITE}/live", params={"subject": "a"})
    post = await world.reader.post(f"/v1/{SITE}/live", data={"subject": "a"})

    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["content-type"].startswith("text/event-stream")
    assert (post.status_code, set(post.headers["allow"].split(", "))) == (405, {"GET", "HEAD"})


async def refused(world: World, address: str, *, site: str = SITE, page: str = PAGE) -> tuple[int, bool]:
    """How one more stream is refused, and whether with a time to try again."""
    async with watching(world, site=site, address=address, headers={"origin": page}) as watcher:
        return watcher.status, int(watcher.headers.get("retry-after", "0")) > 0


async def test_there_are_only_so_many_streams(tmp_path: Path) -> None:
    shop = {"origin": OTHER_PAGE}
    async with a_world(tmp_path / "data", live_client=1, live_site=2, live_process=3) as world:
        async with watching(world, address="192.0.2.1"):
            assert await refused(world, "192.0.2.1") == (429, True)
            async with watching(world, address="192.0.2.2"):
                assert await refused(world, "192.0.2.3") == (503, True)
                async with watching(world, site=OTHER_SITE, address="192.0.2.4", headers=shop) as third:
                    assert third.status == 200
                    assert await refused(world, "192.0.2.5", site=OTHER_SITE, page=OTHER_PAGE) == (503, True)
        await until(lambda: gone(world))
        async with watching(world, address="192.0.2.1") as again:
            assert again.status == 200


async def gone(world: World) -> bool:
    """Whether nobody watches any more."""
    return world.server.hub.count == 0


async def test_a_quiet_stream_is_kept_alive_and_ends_in_time(tmp_path: Path) -> None:
    async with a_world(tmp_path / "data", live_heartbeat=1, live_idle=2) as world, watching(world) as idle:
        await idle.until(":\n\n")

        assert (await idle.event()).name == "idle"
        await idle.until("end")
    async with a_world(tmp_path / "more", live_heartbeat=1, live_lifetime=1) as world, watching(world) as old:
        await old.until("end")

        assert "event:" not in old.text


async def test_a_server_without_streams_says_so(tmp_path: Path) -> None:
    async with a_world(tmp_path / "data", live_process=0) as world, watching(world) as watcher:
        assert watcher.status == 204


async def test_a_server_that_closes_ends_its_streams_and_takes_no_new_ones(world: World) -> None:
    async with watching(world) as watcher:
        world.server.hub.close()
        await watcher.until("end")

        assert watcher.text.count("retry: ") == 2  # with the first bytes, and with the last
    assert await refused(world, "192.0.2.1") == (503, True)


async def test_watchers_are_told_when_the_database_is_back(
    world: World, charlie: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    database, failures = world.server.house.database, [StorageFailed()]
    read = database.read

    async def failing(*words: object, **named: object) -> object:
        if failures:
            raise failures.pop()
        return await read(*words, **named)  # type: ignore[arg-type]

    async with watching(world) as watcher:
        monkeypatch.setattr(world.server.hub._database, "read", failing)
        await charlie.like()

        assert await watcher.changes() == LIKED
        assert failures == []
