"""A form of the page without JavaScript that is refused comes back as a page, with what was typed in it."""

from __future__ import annotations

import re
from pathlib import Path

import httpx

from tests.http.world import HOST, PAGE, SITE, World, a_world

HTML = {"accept": "text/html,application/xhtml+xml"}
HOSTILE = "\"'></textarea><script>alert(1)</script>"


async def post(
    world: World, origin: str = HOST, accept: dict[str, str] | None = None, **sent: str
) -> httpx.Response:
    """Send a form as a browser without JavaScript does."""
    form = {"subject": "a", "widget": "comments", "action": "comment", "lang": "de", **sent}
    headers = {"origin": origin, **(HTML if accept is None else accept)}
    return await world.reader.post(f"/v1/{SITE}/interactions", data=form, headers=headers)


async def test_a_refused_comment_comes_back_with_its_words(world: World) -> None:
    answer = await post(world, text="x" * 10_001, name="Charlie", parent="")

    assert answer.status_code == 422
    assert answer.headers["content-type"].startswith("text/html")
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert "x" * 10_001 in answer.text
    assert 'name="name" value="Charlie"' in answer.text
    sent = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', answer.text))
    assert sent == {"subject": "a", "widget": "comments", "lang": "de", "parent": ""}
    [button] = re.findall(r'<button name="action" value="(\w+)"', answer.text)
    again = await post(
        world, text="Shorter", name="Charlie", action=button, **{k: sent[k] for k in ("parent",)}
    )
    assert again.status_code == 303
    assert [each["name"] for each in (await world.page())["comments"]["comments"]] == ["Charlie"]


async def test_the_way_back_leads_to_the_thread(world: World) -> None:
    answer = await post(world, text="")

    [back] = re.findall(r'<a href="([^"]+)">Back', answer.text)
    assert (
        await world.reader.get("/v1/" + back.replace("&amp;", "&").partition("/v1/")[2])
    ).status_code == 200


async def test_what_was_typed_is_escaped(world: World) -> None:
    answer = await post(world, text=HOSTILE + "x" * 10_000, name=HOSTILE, lang=HOSTILE, parent=HOSTILE)

    assert answer.status_code >= 400
    assert "<script" not in answer.text
    assert "</textarea><" not in answer.text


async def test_what_another_page_sent_is_told_and_not_repeated(world: World) -> None:
    allowed = await post(world, PAGE, text="x" * 10_001)
    strange = await post(world, "https://evil.example", text="Buy this")

    for answer in (allowed, strange):
        assert answer.headers["content-type"].startswith("text/html")
        assert "<form" not in answer.text
    assert (allowed.status_code, strange.status_code) == (422, 403)


async def test_programs_are_told_in_json_as_ever(world: World) -> None:
    by_accept = await post(world, text="", accept={"accept": "application/json"})
    by_format = await post(world, text="", format="json")

    for answer in (by_accept, by_format):
        assert answer.status_code == 422
        assert answer.json()["code"] == "field_invalid"


async def test_a_page_says_when_to_try_again(tmp_path: Path) -> None:
    async with a_world(tmp_path, rate_client=1) as world:
        for _ in range(10):
            answer = await post(world, text="And one more")
            if answer.status_code != httpx.codes.SEE_OTHER:
                break

    assert answer.status_code == 429
    assert re.search(r"try again in \d+ seconds?\.", answer.text)
    assert "And one more" in answer.text
