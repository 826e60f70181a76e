"""The atlas over HTTP, on a server that runs."""

from __future__ import annotations

from importlib.resources import files

import pytest
from widget_server.testing.running import Running, Visitor
from widget_server.vocabulary import SiteSettings

import draw
from transom_atlas.places import PLACES

MAP = files("transom_atlas") / "_map.html"


@pytest.fixture
def site_settings(request: pytest.FixtureRequest) -> SiteSettings:
    """What the site's owner chose, where a test says so."""
    return SiteSettings(plugins={"atlas": getattr(request, "param", {})})


def test_a_reader_is_in_one_place_at_a_time(running: Running, visitor: Visitor) -> None:
    visitor.act("atlas", "mark", place="western-africa")
    moved = visitor.act("atlas", "mark", place="oceania")
    running.visitor().act("atlas", "mark", place="oceania")
    everybody = running.summary("atlas")
    back = visitor.act("atlas", "unmark")

    assert (moved["mine"], moved["total"], moved["counts"]["oceania"]) == ("oceania", 1, 1)
    assert (everybody["mine"], everybody["total"], everybody["listed"]) == (None, 2, ["oceania"])
    assert (everybody["levels"]["oceania"], everybody["levels"]["western-africa"]) == (4, 0)
    assert [each["place"] for each in everybody["latest"]] == ["oceania", "oceania"]
    assert (back["mine"], back["total"], len(back["latest"])) == (None, 1, 1)


def test_a_place_that_is_none_is_refused_and_nothing_is_done(running: Running, visitor: Visitor) -> None:
    for fields in ({"place": "atlantis"}, {}, {"place": "oceania", "street": "1"}):
        refused = visitor.post(widget="atlas", action="mark", subject="page", **fields)

        assert refused.status_code in {400, 422}, refused.text
        assert refused.json()["code"] in {"field_invalid", "field_missing", "field_unknown"}
    assert running.summary("atlas")["total"] == 0


@pytest.mark.parametrize("site_settings", [{"question": "Where to?", "latest": 1}], indirect=True)
def test_the_owner_chooses_the_question_and_how_many_are_named(running: Running) -> None:
    for place in PLACES[:3]:
        running.visitor().act("atlas", "mark", place=place)

    shown = running.summary("atlas")

    assert (shown["question"], shown["total"], len(shown["latest"])) == ("Where to?", 3, 1)


def test_what_is_held_is_told_and_goes_with_the_person(running: Running, visitor: Visitor) -> None:
    visitor.act("atlas", "mark", place="oceania")
    held = visitor.held()
    visitor.erase()
    shown = running.summary("atlas")

    assert [(row["subject"], row["place"]) for row in held["plugins"]["atlas"]["latest"]] == [
        ("page", "oceania")
    ]
    assert [(row["widget"], row["value"]) for row in held["choices"]] == [("atlas", "oceania")]
    assert (shown["total"], shown["latest"]) == (1, [])


def test_the_map_is_as_it_is_drawn_and_shows_every_place() -> None:
    assert MAP.read_text(encoding="utf-8") == draw.drawn()
    assert tuple(draw.PLACES.values()) == PLACES
    assert {letter for letter, _, _ in draw.dots()} == set(draw.PLACES)
