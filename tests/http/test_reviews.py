"""Reviews: what people say besides the stars, one text each, and whom it is shown to."""

from __future__ import annotations

import asyncio
import json

from tests.http.rating import rate, review, shown, told
from tests.http.world import SITE, Visitor, World
from widget_server.vocabulary import Mode

FIFTEEN_MINUTES = 15 * 60


async def test_a_review_is_a_text_with_the_stars_that_its_writer_gives_now(
    world: World, charlie: Visitor, dana: Visitor
) -> None:
    said = await review(charlie, 5, "Very **good**")
    world.clock.forward(60)
    await review(dana, 2, "Not so good")

    assert (said["verdict"], said["summary"]["mine"], said["summary"]["own"]["source"]) == (
        "publish",
        5,
        "Very **good**",
    )
    assert await told(world) == [("Dana", 2, "Not so good"), ("Charlie", 5, "Very good")]

    await rate(charlie, 4)
    assert await told(world) == [("Dana", 2, "Not so good"), ("Charlie", 4, "Very good")]
    await charlie.post(widget="rating", action="unrate")
    assert await told(world) == [("Dana", 2, "Not so good"), ("Charlie", None, "Very good")]
    rating = await shown(world)
    assert (rating["count"], rating["total"]) == (1, 2)


async def test_a_second_review_takes_the_place_of_the_first_whenever_it_comes(
    world: World, charlie: Visitor, dana: Visitor
) -> None:
    first = await review(charlie, 5, "Very good")
    await review(dana, 3, "It does")
    world.clock.forward(FIFTEEN_MINUTES * 10)

    second = await review(charlie, 1, "It broke", name="Charles")
    [newer, older] = (await shown(world))["reviews"]

    assert second["summary"]["own"]["id"] == first["id"] != second["id"]
    assert (older["id"], older["name"], older["stars"]) == (first["id"], "Charles", 1)
    assert (older["edited"], newer["edited"]) == (world.clock.now, None)
    rating = await shown(world)
    assert (rating["count"], rating["total"], rating["mean"]) == (2, 2, 2.0)
    assert await world.rows("select kind, target from interactions order by interaction") == [
        ("review", first["id"]),
        ("review", newer["id"]),
        ("review", first["id"]),
    ]

    same = await review(charlie, 1, "It broke", name="Charles")
    assert (same["verdict"], len(await world.rows("select 1 from interactions"))) == ("publish", 3)


async def test_many_reviews_of_one_person_at_once_are_one(world: World, charlie: Visitor) -> None:
    await rate(charlie, 3)

    answers = await asyncio.gather(*(review(charlie, 1 + each % 5, f"Word {each}") for each in range(20)))

    assert {answer["verdict"] for answer in answers} == {"publish"}
    rating = await shown(world)
    assert (rating["count"], rating["total"], len(rating["reviews"])) == (1, 1, 1)
    assert await world.rows("select count(*) from comments") == [(1,)]


async def test_one_person_has_a_review_on_each_subject_and_on_each_site(
    world: World, charlie: Visitor
) -> None:
    await review(charlie, 5, "Here")
    await review(charlie, 4, "There", subject="b")
    shopper = world.visitor("Charlie", site="shop", page="https://shop.example")
    await review(shopper, 3, "Elsewhere")

    assert await told(world) == [("Charlie", 5, "Here")]
    assert len(await world.rows("select 1 from comments")) == 3


async def test_a_review_is_edited_and_deleted_by_its_writer_at_any_time(
    world: World, charlie: Visitor, dana: Visitor
) -> None:
    text = (await review(charlie, 5, "Very good"))["id"]
    world.clock.forward(FIFTEEN_MINUTES * 10)

    for who, status in ((dana, 403), (charlie, 200)):
        answer = await who.post(widget="rating", action="edit", id=text, text="Good enough", stars=4)
        assert answer.status_code == status, answer.text
    assert await told(world) == [("Charlie", 4, "Good enough")]
    await charlie.post(widget="rating", action="edit", id=text, text="Good")
    assert await told(world) == [("Charlie", 4, "Good")]

    assert (await dana.post(widget="rating", action="delete", id=text)).status_code == 403
    gone = (await charlie.post(widget="rating", action="delete", id=text)).json()["summary"]

    assert (gone["own"], gone["mine"], gone["total"], gone["count"]) == (None, 4, 0, 1)
    assert await told(world) == []
    assert (await charlie.post(widget="rating", action="edit", id=text, text="Back")).status_code == 410
    again = await review(charlie, 5, "Good again")
    assert again["id"] != text
    assert await told(world) == [("Charlie", 5, "Good again")]


async def test_what_is_a_comments_is_no_reviews_and_the_other_way_round(
    world: World, charlie: Visitor
) -> None:
    comment = await charlie.says("A comment")
    text = (await review(charlie, 5, "A review"))["id"]

    for widget, other in (("rating", comment), ("comments", text)):
        for action, more in (("edit", {"text": "Changed"}), ("delete", {})):
            answer = await charlie.post(widget=widget, action=action, id=other, **more)
            assert answer.status_code == 404, (widget, action)
    page = await world.page()
    assert (page["comments"]["count"], page["count"]["count"], page["rating"]["total"]) == (1, 1, 1)


async def test_a_held_review_waits_and_its_stars_count_at_once(
    world: World, charlie: Visitor, dana: Visitor
) -> None:
    await world.settle(mode=Mode.ALL_HELD)

    said = await review(charlie, 5, "Very good")
    again = await review(charlie, 4, "Good")

    assert (said["verdict"], said["reasons"]) == ("hold", ["all_held"])
    assert (again["verdict"], again["summary"]["own"]["status"]) == ("hold", "held")
    rating = await shown(world)
    assert (rating["count"], rating["mean"], rating["total"], rating["reviews"]) == (1, 4.0, 0, [])
    assert (await charlie.own())["rating"]["own"]["source"] == "Good"
    assert (await rate(dana, 1))["own"] is None

    await world.judge("approve", said["id"], widget="rating")
    assert await told(world) == [("Charlie", 4, "Good")]


async def test_nobody_writes_around_a_decision(world: World, charlie: Visitor) -> None:
    text = (await review(charlie, 1, "Rude"))["id"]
    for decision, status in (("remove", "removed"), ("reject", "rejected"), ("hold", "held")):
        await world.judge(decision, text, widget="rating")
        assert await told(world) == []
        assert (await charlie.own())["rating"]["own"]["status"] == status
        rating = await shown(world)
        assert (rating["count"], rating["total"]) == (1, 0)  # the stars are a choice, and stay

        same = await review(charlie, 1, "Rude")
        assert same["verdict"] == ("hold" if decision == "hold" else "reject")
        other = await review(charlie, 2, f"Civil after {decision}")
        assert (other["verdict"], other["summary"]["own"]["id"]) == ("hold", text)
        assert await told(world) == []

        await world.judge("approve", text, widget="rating")
        assert await told(world) == [("Charlie", 2, f"Civil after {decision}")]
        await review(charlie, 1, "Rude")

    await world.judge("remove", text, widget="rating")
    await world.judge("undo", text, widget="rating")
    assert await told(world) == [("Charlie", 1, "Rude")]


async def test_many_reviews_come_in_parts(world: World) -> None:
    await world.settle(page_size=5)
    people = [world.visitor(f"Guest {number}", f"198.51.100.{number}") for number in range(12)]
    for number, each in enumerate(people):
        await review(each, 1 + number % 5, f"Word {number}")
        world.clock.forward(1)
    found, cursor = [], ""
    part = await shown(world)
    while True:
        found += [(each["name"], each["stars"]) for each in part["reviews"]]
        cursor = part["next"]
        if not cursor:
            break
        part = await world.thread(widget="rating", after=cursor)

    assert found == [(f"Guest {number}", 1 + number % 5) for number in reversed(range(12))]
    fragments = await world.thread(widget="rating", format="fragments", after=(await shown(world))["next"])
    assert fragments["parts"].count("<article") == 5
    assert fragments["parts"].count('data-into="reviews"') == 5
    assert 'name="widget" value="rating"' in fragments["parts"]
    bad = await world.reader.get(f"/v1/{SITE}/thread?subject=a&widget=rating&after=x&format=json")
    assert (bad.status_code, bad.json()["code"]) == (422, "field_invalid")
    none = await world.reader.get(f"/v1/{SITE}/thread?subject=a&widget=ratings&format=json")
    assert (none.status_code, none.json()["code"]) == (404, "not_found")


async def test_a_site_may_take_stars_alone(world: World, charlie: Visitor) -> None:
    text = (await review(charlie, 5, "Very good"))["id"]
    await world.settle(plugins={"rating": {"reviews": False}})
    before = await world.dump()

    for action, more in (("review", {"stars": 4, "text": "No"}), ("edit", {"id": text, "text": "No"})):
        answer = await charlie.post(widget="rating", action=action, **more)
        assert (answer.status_code, answer.json()["code"]) == (403, "forbidden")
    assert await world.dump() == before
    rating = await shown(world)
    assert (rating["reviews"], rating["next"], rating["shows_reviews"]) == ([], None, False)
    fragment = (await world.page(widgets="rating", format="fragments"))["rating"]
    assert 'id="rate"' in fragment
    assert 'id="review"' not in fragment
    assert "Very good" not in fragment
    assert (await rate(charlie, 4))["mine"] == 4
    assert (await charlie.post(widget="rating", action="delete", id=text)).status_code == 200


async def test_a_closed_site_takes_stars_and_no_review(world: World, charlie: Visitor) -> None:
    await world.settle(mode=Mode.CLOSED)

    answer = await charlie.post(widget="rating", action="review", stars=5, text="Very good")

    assert (answer.status_code, answer.json()["code"]) == (403, "thread_closed")
    assert (await shown(world))["count"] == 0
    assert (await rate(charlie, 5))["count"] == 1


async def test_a_name_is_asked_for_where_the_site_wants_one(world: World, charlie: Visitor) -> None:
    await world.settle(name_required=True)

    answer = await charlie.post(widget="rating", action="review", stars=5, text="Very good")

    assert (answer.status_code, answer.json()["field"]) == (422, "name")
    assert (await shown(world))["count"] == 0
    assert (await review(charlie, 5, "Very good"))["verdict"] == "publish"


async def test_erasing_oneself_takes_the_review_and_leaves_the_count(world: World, charlie: Visitor) -> None:
    await review(charlie, 5, "Very good")
    held = (await charlie.post("me", subject=None)).json()

    assert [(each["widget"], each["value"]) for each in held["choices"]] == [("rating", "5")]
    assert [each["source"] for each in held["comments"]] == ["Very good"]

    await charlie.post("me", subject=None, action="erase")
    rating = await shown(world)

    assert (rating["count"], rating["mean"], rating["total"], rating["reviews"]) == (1, 5.0, 0, [])
    assert "Very good" not in json.dumps(await world.dump(), default=str)
