"""The plug-ins of a site: each is set by a form that is made from its schema."""

from __future__ import annotations

import html
import re
from dataclasses import replace
from typing import Any

import pytest

from tests.admin.test_settings import SEEN, stored
from tests.admin.world import Admin, World
from tests.wave import Wave
from widget_server.ids import uuid7
from widget_server.store import moderation, sites
from widget_server.store.moderation import OPERATOR, Act
from widget_server.vocabulary import OnCheckFailure

LISTS = {"widgets.offer": "all", "checks.offer": "all", "on_check_failure": "hold"}
STANDING = {
    "set.greeting": "Hello",
    "set.most": "5",
    "set.size": "small",
    "set.colour": "red",
    "set.words": "Hi\r\nAhoy",
}


async def form(admin: Admin, path: str, standing: dict[str, str], **typed: str) -> dict[str, str]:
    """A form as it stands, with something else typed."""
    seen = SEEN.search((await admin.get(path)).text)
    assert seen
    return {**standing, "seen": seen[1], **typed}


async def switch(admin: Admin, **typed: str) -> Any:  # noqa: ANN401 - an answer
    """Switch plug-ins on and off."""
    return await admin.post("plug-ins", **await form(admin, "plug-ins", LISTS, **typed))


async def wave(admin: Admin, **typed: str) -> Any:  # noqa: ANN401 - an answer
    """Set the wave."""
    wishes = {f"set.{name}": value for name, value in typed.items()}
    return await admin.post("plug-ins/wave", **await form(admin, "plug-ins/wave", STANDING, **wishes))


@pytest.fixture
async def alice(plugged: World) -> Admin:
    """Alice owns the blog."""
    return await plugged.sign_in("alice@example.com")


@pytest.fixture
async def bob(plugged: World) -> Admin:
    """Bob moderates it."""
    return await plugged.sign_in("bob@example.com")


async def test_a_plug_in_that_is_not_there_can_neither_be_chosen_nor_set(
    plugged: World, alice: Admin
) -> None:
    before = await stored(plugged)

    chosen = await switch(alice, **{"widgets.offer": "chosen", "widgets.none": "on"})
    looked = [await alice.get(f"plug-ins/{name}") for name in ("none", "like")]

    assert chosen.status_code == 400
    assert {answer.status_code for answer in looked} == {404}  # the like has nothing to be told
    assert await stored(plugged) == before


async def test_an_owner_sets_a_plug_in_in_every_kind_of_field(plugged: World, alice: Admin) -> None:
    page = (await alice.get("plug-ins/wave")).text
    answer = await wave(
        alice,
        greeting="Ahoy, <b>",
        rules="Be kind.\r\nTwice.",
        most="7",
        size="large",
        colour="blue",
        words="Hi\r\n\r\n  Moin ",
        several="on",
    )
    after = (await alice.get("plug-ins/wave")).text

    kinds = {
        "greeting": "<input",
        "rules": "<textarea",
        "most": "<input",
        "colour": "<select",
        "words": "<textarea",
    }
    for name, tag in kinds.items():
        assert re.search(rf'{tag}[^>]* name="set\.{name}"', page), name
    assert re.findall(r'type="radio" name="set\.size" value="(\w+)"( checked)?', page) == [
        ("small", " checked"),
        ("large", ""),
    ]
    assert re.search(r'<input type="checkbox"[^>]* name="set\.several"', page)
    assert (answer.status_code, answer.headers["location"]) == (
        303,
        "/admin/sites/blog/plug-ins/wave?saved=1",
    )
    assert (await stored(plugged)).settings.plugins == {
        "wave": {
            "greeting": "Ahoy, <b>",
            "rules": "Be kind.\nTwice.",
            "most": 7,
            "size": "large",
            "colour": "blue",
            "words": ["Hi", "Moin"],
            "several": True,
        }
    }
    assert "Ahoy, &lt;b&gt;" in after
    assert "\nHi\nMoin</textarea>" in after


async def test_what_is_the_default_is_not_kept(plugged: World, alice: Admin) -> None:
    await wave(alice, most="7")
    await wave(alice)

    assert (await stored(plugged)).settings.plugins == {}


@pytest.mark.parametrize(
    ("field", "typed", "complaint"),
    [
        ("greeting", "", "“Greeting” has 0 characters; it takes 1 to 40."),
        ("greeting", "x" * 41, "“Greeting” has 41 characters; it takes 1 to 40."),
        ("most", "51", "“Waves per person” is a whole number from 1 to 50."),
        ("most", "nine", "“Waves per person” is a whole number from 1 to 50."),
        ("size", "huge", "“Size” is one of small, large."),
        ("colour", "pink", "“Colour” is one of red"),
        ("words", "", "“Words” is a list of 1 to 5 different texts."),
        ("words", "a\nb\nc\nd\ne\nf", "“Words” is a list of 1 to 5 different texts."),
        ("words", "x" * 21, "Each of “Words” has 1 to 20 characters."),
    ],
)
async def test_what_does_not_fit_is_said_beside_its_field_and_kept(
    plugged: World, alice: Admin, field: str, typed: str, complaint: str
) -> None:
    before = await stored(plugged)

    answer = await wave(alice, **{"greeting": "Typed with care", field: typed})

    error = re.search(rf'id="set-{field}-error">([^<]*)<', answer.text)
    assert answer.status_code == 422
    assert error
    assert complaint in html.unescape(error[1])
    assert field == "greeting" or 'value="Typed with care"' in answer.text
    assert await stored(plugged) == before


async def test_a_plug_in_refuses_values_that_do_not_go_together(plugged: World, alice: Admin) -> None:
    refused = await wave(alice, size="large", most="11")
    taken = await wave(alice, size="large", most="10")

    assert refused.status_code == 422
    assert 'id="set-most-error">Large waves are at most 10.<' in refused.text
    assert taken.status_code == 303
    assert (await stored(plugged)).settings.plugins == {"wave": {"size": "large", "most": 10}}


async def test_a_plug_in_that_fails_at_its_settings_leaves_them_as_they_were(
    plugged: World, alice: Admin, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Wave, "check_settings", lambda *_: 1 / 0)

    answer = await wave(alice, most="6")

    assert answer.status_code == 503
    assert "nothing was saved" in answer.text
    assert 'value="6"' in answer.text
    assert (await stored(plugged)).settings.plugins == {}


async def test_a_moderator_may_look_and_not_change(plugged: World, bob: Admin) -> None:
    pages = [await bob.get("plug-ins"), await bob.get("plug-ins/wave")]
    answers = [await switch(bob, on_check_failure="pass"), await wave(bob, most="6")]

    assert all("Only an owner" in page.text and "disabled" in page.text for page in pages)
    assert [answer.status_code for answer in answers] == [403, 403]
    assert (await stored(plugged)).settings.plugins == {}


async def test_two_owners_do_not_overwrite_each_other_unseen(plugged: World, alice: Admin) -> None:
    late = await form(alice, "plug-ins/wave", STANDING, **{"set.most": "9"})
    late_list = await form(alice, "plug-ins", LISTS, on_check_failure="pass")
    await wave(alice, most="6")

    answers = [await alice.post("plug-ins/wave", **late), await alice.post("plug-ins", **late_list)]

    assert [answer.status_code for answer in answers] == [409, 409]
    assert 'value="9"' in answers[0].text
    assert (await stored(plugged)).settings.plugins == {"wave": {"most": 6}}


async def test_a_change_goes_into_the_record_by_the_settings_own_names(plugged: World, alice: Admin) -> None:
    await wave(alice, most="6", several="on")
    await wave(alice, several="on")

    site = await stored(plugged)
    act = Act(uuid7(plugged.clock.now + 1), OPERATOR, plugged.clock.now)
    changed = replace(site, settings=replace(site.settings, on_check_failure=OnCheckFailure.PASS))
    changes = {"changes": {"on_check_failure": ["hold", "pass"]}}
    await plugged.server.house.database.write(moderation.settle(site, changed, changes, act))

    by_operator, newest, first = await plugged.server.house.database.read(moderation.log("blog", "g", 10))

    assert first.data == {"changes": {"wave.most": [None, 6], "wave.several": [None, True]}}
    assert newest.data == {"changes": {"wave.most": [6, None]}}
    assert by_operator.person == OPERATOR
    page = (await alice.get("log")).text
    assert "wave.most: <bdi>6</bdi> → <bdi>the default</bdi>" in page
    assert "<bdi>Whoever runs the server</bdi></strong> changed the settings" in page
    assert "When a check fails: <bdi>Hold the text</bdi> → <bdi>Let it pass</bdi>" in page


async def test_the_values_of_a_plug_in_that_is_gone_stay_as_they_were(plugged: World, alice: Admin) -> None:
    before = await stored(plugged)
    kept: dict[str, dict[str, Any]] = {"poll": {"options": ["a", "b"]}, "wave": {"forgotten": 1, "most": 6}}
    await plugged.server.house.database.write(
        sites.change(replace(before, settings=replace(before.settings, plugins=kept)))
    )

    await wave(alice, most="8")
    await switch(alice, on_check_failure="pass")
    await alice.post("settings", **await opening(alice))

    after = (await stored(plugged)).settings
    assert after.mode == "open"
    assert after.plugins == {"poll": {"options": ["a", "b"]}, "wave": {"forgotten": 1, "most": 8}}


async def opening(alice: Admin) -> dict[str, str]:
    """The site's own settings, with everybody publishing."""
    standing = {
        "name": "The Blog",
        "mode": "open",
        "edit_window": "3600",
        "max_length": "10000",
        "page_size": "50",
        "origins": "https://blog.example",
        "keys": "all",
        "keep_query": "",
        "live": "on",
    }
    return await form(alice, "settings", standing)
