"""Whose text it is: every action on a text, by everybody who might try, wherever the text is."""

from __future__ import annotations

import httpx
import pytest

from tests.http.clock import NOON
from tests.http.world import OTHER_PAGE, OTHER_SITE, PAGE, SITE, Visitor, World
from widget_server.errors import NotFound
from widget_server.ids import uuid7
from widget_server.vocabulary import Role
from widget_server.widgets.comments import Comments

WINDOW = 15 * 60
OWN = ("edit", "delete")
JUDGING = tuple(name for name, action in Comments.actions.items() if action.role is Role.MODERATOR)


async def act(visitor: Visitor, action: str, comment: str, **fields: object) -> httpx.Response:
    """Do something with a comment."""
    text = {"text": "changed"} if action == "edit" else {}
    return await visitor.post(widget="comments", action=action, id=comment, **text, **fields)


async def patched(visitor: Visitor, action: str, comment: str) -> httpx.Response:
    """The same as clients do that are no browsers."""
    return await visitor.client.request(
        "PATCH" if action == "edit" else "DELETE",
        f"/v1/{visitor.site}/interactions/{comment}",
        json={"token": visitor.token, **({"text": "changed"} if action == "edit" else {})},
        headers={"origin": visitor.origin},
    )


@pytest.mark.parametrize("action", OWN)
async def test_only_the_author_changes_a_text_and_only_in_time(
    world: World, charlie: Visitor, dana: Visitor, action: str
) -> None:
    await dana.like()
    away = world.visitor("Charlie", site=OTHER_SITE, page=OTHER_PAGE)
    foreign = await away.says("in the shop")
    texts = {
        name: await charlie.says(name) for name in ("mine", "held", "rejected", "removed", "deleted", "late")
    }
    elsewhere = await charlie.says("elsewhere", subject="b")
    await world.judge("hold", texts["held"])
    await world.judge("reject", texts["rejected"])
    await world.judge("remove", texts["removed"])
    await charlie.delete(texts["deleted"])
    nobody = world.visitor("Nobody")
    tries = [
        (dana, "mine", texts["mine"], 403),
        (dana, "held", texts["held"], 404),
        (dana, "rejected", texts["rejected"], 404),
        (dana, "removed", texts["removed"], 404),
        (dana, "deleted", texts["deleted"], 404),
        (nobody, "mine", texts["mine"], 403),
        (nobody, "held", texts["held"], 404),
        (charlie, "rejected", texts["rejected"], 403),
        (charlie, "removed", texts["removed"], 410),
        (charlie, "deleted", texts["deleted"], 410),
        (charlie, "in the shop", foreign, 404),
        (charlie, "nowhere", uuid7(NOON), 404),
    ]
    before = await world.dump()
    for visitor, name, comment, status in tries:
        assert (await act(visitor, action, comment)).status_code == status, (visitor.name, name)
        if visitor is not nobody:
            assert (await patched(visitor, action, comment)).status_code == status, (visitor.name, name)

    assert (await act(charlie, action, elsewhere)).status_code == 404
    assert (await act(charlie, action, texts["mine"], subject="b")).status_code == 404

    world.clock.forward(WINDOW)

    assert (await act(charlie, action, texts["late"])).json()["code"] == "window_closed"
    assert (await patched(charlie, action, texts["late"])).json()["code"] == "window_closed"
    assert await world.dump() == before

    world.clock.forward(-1)

    assert (await act(charlie, action, texts["mine"])).status_code == 200
    assert (await act(charlie, action, texts["held"])).status_code == 200
    assert (await act(charlie, action, elsewhere, subject="b")).status_code == 200
    assert (await patched(charlie, action, texts["late"])).status_code == 200


@pytest.mark.parametrize("action", JUDGING)
async def test_nobody_judges_through_the_embed(
    world: World, charlie: Visitor, dana: Visitor, action: str
) -> None:
    comment = await charlie.says("mine")
    before = await world.dump()
    for visitor in (charlie, dana, world.visitor("Bob")):
        answer = await act(visitor, action, comment)

        assert (answer.status_code, answer.json()["code"]) == (403, "forbidden")
    spoofed = await charlie.post(widget="comments", action=action, id=comment, role="moderator")

    assert spoofed.status_code == 403
    assert await world.dump() == before


@pytest.mark.parametrize("action", JUDGING)
async def test_a_moderator_of_one_site_judges_nothing_of_another(
    world: World, charlie: Visitor, action: str
) -> None:
    comment = await charlie.says("in the blog")
    await world.judge("hold", comment)
    before = await world.dump()
    with pytest.raises(NotFound):
        await world.judge(action, comment, site=OTHER_SITE)

    assert await world.dump() == before


async def test_an_answer_needs_a_text_that_is_seen_here(world: World, charlie: Visitor) -> None:
    held, elsewhere = await charlie.says("held"), await charlie.says("elsewhere", subject="b")
    deleted = await charlie.says("deleted")
    await world.judge("hold", held)
    await charlie.delete(deleted)
    foreign = await world.visitor("Charlie", site=OTHER_SITE, page=OTHER_PAGE).says("in the shop")
    before = await world.dump()
    for parent in (held, elsewhere, deleted, foreign, uuid7(NOON)):
        answer = await charlie.comment("an answer", parent=parent)

        assert (answer.status_code, answer.json()["field"]) == (404, "parent")
    assert await world.dump() == before


async def test_a_session_tells_of_ones_own_alone(world: World, charlie: Visitor, dana: Visitor) -> None:
    await charlie.says("Charlie's")
    await charlie.like()
    await dana.says("Dana's")
    own = await dana.own()

    assert [each["source"] for each in own["comments"]["own"]] == ["Dana's"]
    assert own["like"] == {"count": 1, "mine": False}
    assert own["comments"]["name"] == "Dana"
    assert PAGE in (await dana.session()).headers["access-control-allow-origin"]
    assert (await dana.session(subject="b")).json()["widgets"]["comments"]["own"] == []
    assert (
        await world.reader.post(f"/v1/{SITE}/session", data={"subject": "a"}, headers={"origin": PAGE})
    ).json()["field"] == "token"
