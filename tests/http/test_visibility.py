"""What waits for a moderator, or was refused or taken down, is seen by its author and by nobody else."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pytest

from tests.http.world import PAGE, SITE, Visitor, World
from widget_server.vocabulary import Mode
from widget_server.web.endpoints import ENDPOINTS

CANARY = "canary-7d1f"

Request = tuple[str, str, Mapping[str, str]]

READS: Mapping[str, Sequence[Mapping[str, str]]] = {
    "page": [
        {},
        {"format": "json"},
        {"format": "fragments"},
        {"format": "fragments", "lang": "ar", "widgets": "comments"},
        {"widgets": "count,comments"},
    ],
    "thread": [
        {"format": "json"},
        {"format": "fragments"},
        {"format": "page"},
        {"format": "json", "root": "ROOT"},
        {"format": "fragments", "root": "ROOT"},
        {"format": "page", "root": "ROOT"},
        {"format": "page", "reply": "HIDDEN"},
        {"format": "json", "root": "HIDDEN"},
        {"format": "page", "root": "HIDDEN"},
    ],
    "counts": [{}],
    "live": [],  # it does not end: test_live.py asks what it tells, and what not
    "session": [{}, {"format": "fragments"}],
    "me": [{"action": "read"}, {"action": "export"}],
    "interactions": [
        {"widget": "like", "action": "like"},
        {"widget": "comments", "action": "comment", "text": "another", "format": "fragments"},
        {"widget": "comments", "action": "comment", "text": "another", "format": "json"},
        {"widget": "comments", "action": "comment", "text": "an answer", "parent": "HIDDEN"},
        {"widget": "comments", "action": "edit", "text": "mine now", "id": "HIDDEN"},
        {"widget": "comments", "action": "delete", "id": "HIDDEN"},
    ],
    "edit": [{"text": "mine now"}],
    "delete": [{}],
}
"""For each endpoint, the ways in which a stranger may come near a text that is not shown."""

CASES = [(endpoint.name, query) for endpoint in ENDPOINTS for query in READS[endpoint.name]]


def test_every_endpoint_is_in_the_table() -> None:
    assert set(READS) == {endpoint.name for endpoint in ENDPOINTS}


@pytest.mark.parametrize("status", ["hold", "reject", "remove", "deleted", "held at once"])
@pytest.mark.parametrize("answered", [False, True])
async def test_a_text_that_is_not_published_is_invisible_to_strangers(
    world: World, charlie: Visitor, dana: Visitor, status: str, *, answered: bool
) -> None:
    root = await dana.says("root")
    if status == "held at once":
        await world.settle(mode=Mode.ALL_HELD)
    hidden = await charlie.says(f"text {CANARY}", name=f"Name {CANARY}", parent=root)
    if answered and status != "held at once":
        await dana.says("a reply", parent=hidden)
    await world.settle(mode=Mode.OPEN)
    if status == "deleted":
        await charlie.delete(hidden)
    elif status != "held at once":
        await world.judge(status, hidden)
    before = (await world.page())["comments"]["count"]
    told = {}
    for name, query in CASES:
        text = await asked(dana, name, query, root=root, hidden=hidden)
        is_tomb = answered and status != "held at once"
        signs = [CANARY, *([] if is_tomb else [hidden]), '"held"', '"rejected"', "moderator. Only you"]
        found = [sign for sign in signs if sign in text]
        if found:
            told[f"{name} {query}"] = found

    assert told == {}
    assert before == 1 + (answered and status != "held at once")


async def asked(visitor: Visitor, name: str, query: Mapping[str, str], *, root: str, hidden: str) -> str:
    """What a stranger is answered, without the stranger's own words."""
    values = {field: {"ROOT": root, "HIDDEN": hidden}.get(value, value) for field, value in query.items()}
    endpoint = next(each for each in ENDPOINTS if each.name == name)
    if "subject" in endpoint.fields:
        values["subject"] = "a"
    path = endpoint.path.format(site=SITE, id=hidden)
    if endpoint.method == "GET":
        answer = await visitor.client.get(path, params=values)
    else:
        answer = await visitor.client.request(
            endpoint.method,
            path,
            data={**values, "token": visitor.token or ""},
            headers={"origin": PAGE},
        )
    return answer.text.replace(f"&amp;reply={hidden}", "").replace(f'name="parent" value="{hidden}"', "")


async def test_an_author_sees_what_waits_wherever_the_author_asks(world: World, charlie: Visitor) -> None:
    await world.settle(mode=Mode.ALL_HELD)
    answer = await charlie.comment(f"text {CANARY}", format="fragments")
    own = await charlie.session(format="fragments")

    assert CANARY in answer.json()["parts"]
    assert "Waiting for a moderator" in answer.json()["parts"]
    assert CANARY in own.json()["parts"]["comments"]
    assert CANARY not in (await world.reader.get(f"/v1/{SITE}/page?subject=a&format=fragments")).text


async def test_a_text_that_is_let_through_is_seen_and_counted(world: World, charlie: Visitor) -> None:
    await world.settle(mode=Mode.ALL_HELD)
    comment = await charlie.says(f"text {CANARY}")
    counts = f"/v1/{SITE}/counts?subject=a&subject=b"

    assert (await world.reader.get(counts)).json() == {"counts": {"a": 0, "b": 0}}

    await world.judge("approve", comment)

    assert (await world.reader.get(counts)).json() == {"counts": {"a": 1, "b": 0}}
    assert CANARY in (await world.reader.get(f"/v1/{SITE}/thread?subject=a&format=page")).text


async def test_two_hundred_subjects_are_counted_at_once_and_no_more(world: World, charlie: Visitor) -> None:
    await charlie.says("one", subject="s7")
    many = "&".join(f"subject=s{number}" for number in range(200))
    answer = await world.reader.get(f"/v1/{SITE}/counts?{many}")

    assert answer.json()["counts"] == {f"s{number}": int(number == 7) for number in range(200)}
    assert (await world.reader.get(f"/v1/{SITE}/counts?{many}&subject=more")).json()["field"] == "subject"
