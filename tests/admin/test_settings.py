"""The settings of a site: bounded, kept as typed, written down, and in force at once."""

from __future__ import annotations

import html
import re

import pytest

from tests.admin.world import Admin, World
from widget_server.store import moderation, sites
from widget_server.vocabulary import Site, Transaction, sql

SEEN = re.compile(r'name="seen" value="([0-9a-f]{16})"')


async def stored(world: World) -> Site:
    """The site as it stands."""
    found = await world.server.house.database.read(sites.get("blog"))
    assert found
    return found


async def form(admin: Admin, **typed: str) -> dict[str, str]:
    """The form as it stands, with something else typed."""
    page = (await admin.get("settings")).text
    seen = SEEN.search(page)
    assert seen
    standing = {
        "seen": seen[1],
        "name": "The Blog",
        "mode": "all_held",
        "edit_window": "3600",
        "max_length": "10000",
        "page_size": "50",
        "origins": "https://blog.example",
        "keys": "all",
        "keep_query": "",
        "live": "on",
    }
    return {**standing, **typed}


async def test_an_owner_changes_everything_and_it_holds_at_once(world: World, alice: Admin) -> None:
    typed = await form(
        alice,
        name="Blog of Alice",
        mode="first_held",
        edit_window="0",
        max_length="500",
        page_size="10",
        origins="https://blog.example/\nhttps://NEW.example:443",
        keys="listed",
        keep_query="p, id",
        name_required="on",
        drop_index="on",
        drop_slash="on",
    )
    before = await world.server.house.sites.get("blog")

    saved = await alice.post("settings", **typed)

    assert (saved.status_code, saved.headers["location"]) == (303, "/admin/sites/blog/settings?saved=1")
    site = await stored(world)
    assert site.name == "Blog of Alice"
    assert site.origins == ("https://blog.example", "https://new.example")
    chosen = site.settings
    assert (chosen.mode, chosen.edit_window, chosen.max_length, chosen.page_size) == (
        "first_held",
        0,
        500,
        10,
    )
    assert (chosen.name_required, chosen.drop_index, chosen.drop_slash) == (True, True, True)
    assert chosen.keep_query == ("p", "id")
    assert (await world.server.house.sites.get("blog")) == site != before
    assert "Saved" in (await alice.client.get(saved.headers["location"])).text


async def test_the_modes_do_what_they_say(world: World, alice: Admin) -> None:
    async def mode(word: str) -> None:
        assert (await alice.post("settings", **await form(alice, mode=word))).status_code == 303

    assert (await world.stored(await world.comment("Gil", "One"))).status == "held"
    await mode("open")
    assert (await world.stored(await world.comment("Hal", "Two"))).status == "published"
    await mode("first_held")
    assert (await world.stored(await world.comment("Ida", "Three"))).status == "held"
    assert (await world.stored(await world.comment("Hal", "Four"))).status == "published"
    await mode("closed")
    answer = await alice.client.post(
        "/v1/blog/interactions",
        data={
            "url": "https://blog.example/post",
            "widget": "comments",
            "action": "comment",
            "text": "Five",
            "name": "Joe",
        },
        headers={"origin": "https://blog.example"},
    )
    assert (answer.status_code, answer.json()["code"]) == (403, "thread_closed")


@pytest.mark.parametrize(
    ("field", "typed", "complaint"),
    [
        ("edit_window", "-1", "A whole number from 0"),
        ("edit_window", "999999999999", "A whole number from 0"),
        ("edit_window", "1.5", "A whole number from 0"),
        ("edit_window", "", "A whole number from 0"),
        ("max_length", "0", "A whole number from 1 to 20000"),
        ("max_length", "20001", "A whole number from 1 to 20000"),
        ("max_length", "٣", "A whole number from 1 to 20000"),
        ("page_size", "201", "A whole number from 1 to 200"),
        ("page_size", "<b>", "A whole number from 1 to 200"),
        ("mode", "anarchy", "is not a value"),
        ("origins", "", "Name 1 to 50 origins"),
        ("origins", "javascript:alert(1)", "is not an origin"),
        ("origins", "https://good.example/path", "is not an origin"),
        ("origins", "*", "is not an origin"),
        ("origins", "\n".join(f"https://o{n}.example" for n in range(51)), "Name 1 to 50 origins"),
        ("name", "", "The name is empty"),
        ("name", "x" * 61, "at most 60"),
        ("keys", "some", "Choose one of the two"),
    ],
)
async def test_what_does_not_fit_is_said_beside_its_field_and_kept(
    world: World, alice: Admin, field: str, typed: str, complaint: str
) -> None:
    before = await stored(world)

    beside = "name" if field == "page_size" else "page_size"
    answer = await alice.post("settings", **await form(alice, **{field: typed, beside: "77"}))

    assert answer.status_code == 422
    place = {"keys": "keep_query"}.get(field, field)
    error = re.search(rf'id="{place}-error">([^<]*)<', answer.text)
    assert error
    assert complaint in html.unescape(error[1])
    assert 'value="77"' in answer.text
    assert field in {"mode", "keys"} or html.escape(typed.partition("\n")[0], quote=False) in answer.text
    assert await stored(world) == before


async def test_several_faults_are_all_shown_at_once(alice: Admin) -> None:
    answer = await alice.post("settings", **await form(alice, max_length="x", page_size="y", origins="z"))

    assert answer.text.count('class="error"') == 3
    assert answer.text.count('aria-invalid="true"') == 3


async def test_a_moderator_may_look_and_not_change(world: World, bob: Admin) -> None:
    before = await stored(world)
    page = await bob.get("settings")

    answer = await bob.post("settings", **await form(bob, mode="open"))

    assert "Only an owner" in page.text
    assert "disabled" in page.text
    assert answer.status_code == 403
    assert await stored(world) == before


async def test_two_owners_do_not_overwrite_each_other_unseen(world: World, alice: Admin) -> None:
    first, second = await form(alice, mode="open"), await form(alice, mode="closed", name="Typed with care")

    await alice.post("settings", **first)
    answer = await alice.post("settings", **second)

    assert answer.status_code == 409
    assert "changed meanwhile" in answer.text
    assert 'value="Typed with care"' in answer.text
    assert (await stored(world)).settings.mode == "open"


async def test_a_change_goes_into_the_record_with_before_and_after(world: World, alice: Admin) -> None:
    await alice.post("settings", **await form(alice, mode="open", max_length="99"))
    await alice.post("settings", **await form(alice, mode="open", max_length="99"))

    [entry] = await world.server.house.database.read(moderation.log("blog", "g", 10))
    page = (await alice.get("log")).text

    assert entry.kind == "settings"
    assert entry.at == world.clock.now
    assert entry.data == {"changes": {"mode": ["all_held", "open"], "max_length": [10_000, 99]}}
    assert "All comments are held</bdi> → <bdi>Everyone publishes" in page


async def test_other_processes_hear_of_a_change(world: World, alice: Admin) -> None:
    def noted() -> Transaction[int]:
        rows = yield sql("select seq from changes where site = 'blog' and subject = ''")
        return rows[0]["seq"] if rows else 0

    before = await world.server.house.database.read(noted())
    await alice.post("settings", **await form(alice, mode="open"))

    assert await world.server.house.database.read(noted()) > before
