"""Many subjects in one request: the same as of each alone, bounded, kept until one of them changes, nobody's own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import httpx
import pytest

from tests.http.world import SITE, Visitor, World
from widget_server.pages import MOST_LONG
from widget_server.store import subjects
from widget_server.web.embed import MOST_SUBJECTS

LIKE = {"widgets": "like"}


async def ask(world: World, named: Sequence[str], **query: str) -> httpx.Response:
    """Ask for several subjects, each in a field of its own."""
    pairs: list[tuple[str, str | int | float | bool | None]] = [("subject", name) for name in named]
    return await world.reader.get(f"/v1/{SITE}/page", params=[*pairs, *query.items()])


async def told(world: World, named: Sequence[str], **query: str) -> dict[str, Any]:
    """The answer to that."""
    answer = await ask(world, named, **query)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def counts(answer: Mapping[str, Any]) -> dict[str, int]:
    """How many like each."""
    return {given: widgets["like"]["count"] for given, widgets in answer["subjects"].items()}


async def test_many_are_told_what_each_alone_is_told(world: World, charlie: Visitor) -> None:
    for subject in ("a", "photo:17", "äöü, ☃"):
        await charlie.like(subject=subject)
        await charlie.says(f"about {subject}", subject=subject)
    named = ["a", "photo:17", "äöü, ☃", "never seen"]
    for form in ("json", "fragments"):
        many = await told(world, named, format=form)
        alone = {name: await told(world, [name], format=form) for name in named}

        assert many["subjects"] == {name: answer["widgets"] for name, answer in alone.items()}
        assert {
            name: value for name, value in many.items() if name in {"degraded", "lang", "dir", "css"}
        } == {name: value for name, value in alone["a"].items() if name in {"degraded", "lang", "dir", "css"}}
    assert counts(await told(world, named, **LIKE)) == {"a": 1, "photo:17": 1, "äöü, ☃": 1, "never seen": 0}


async def test_subjects_come_in_fields_or_on_lines_and_are_told_as_they_were_called(
    world: World, charlie: Visitor
) -> None:
    await charlie.like(subject="blog.example/post")
    names = ["blog.example/post?utm_source=x", "blog.example/post", "b"]
    in_fields = await told(world, names, **LIKE)
    on_lines = await told(world, ["\r\n".join(names)], **LIKE)

    assert in_fields == on_lines
    assert counts(in_fields) == {names[0]: 1, names[1]: 1, "b": 0}
    assert (await told(world, ["b", "b"], **LIKE))["subjects"] == {"b": {"like": {"count": 0, "mine": False}}}
    assert (await told(world, ["b"], **LIKE))["subject"] == "b"


async def test_200_subjects_are_taken_and_201_are_refused(world: World, charlie: Visitor) -> None:
    named = [f"photo:{number}" for number in range(MOST_SUBJECTS + 1)]
    await charlie.like(subject=named[-2])
    most, over = await ask(world, named[:-1], **LIKE), await ask(world, named, **LIKE)
    own = await charlie.session(subject="\n".join(named[:-1]), **LIKE)
    too_many = await charlie.session(subject="\n".join(named), **LIKE)

    assert sum(counts(most.json()).values()) == 1
    assert own.json()["subjects"][named[-2]] == {"like": {"count": 1, "mine": True}}
    for refused in (over, too_many):
        told = refused.json()
        assert (refused.status_code, told["code"], told["field"]) == (422, "field_invalid", "subject")


BAD: Mapping[str, tuple[Sequence[str], Mapping[str, str], int, str]] = {
    "an empty line": (["a", "", "b"], {}, 422, "subject"),
    "a control character": (["a", "b\0"], {}, 422, "subject"),
    "a long name": (["a", "b" * 600], {}, 422, "subject"),
    "an unknown widget": (["a", "b"], {"widgets": "like,surprise"}, 404, "widgets"),
    "a widget twice": (["a", "b"], {"widgets": "like,like"}, 422, "widgets"),
    "an unknown form": (["a", "b"], {"format": "surprise"}, 422, "format"),
}


async def test_one_bad_subject_or_field_refuses_the_request(world: World) -> None:
    for name, (named, query, status, field) in BAD.items():
        answer = await ask(world, named, **{**LIKE, **query})

        assert (answer.status_code, answer.json()["field"]) == (status, field), name


async def test_threads_are_read_of_20_subjects_at_once_and_not_of_more(
    world: World, charlie: Visitor
) -> None:
    named = [f"post {number}" for number in range(MOST_LONG + 1)]
    await charlie.says("hello", subject=named[0])
    few = await told(world, named[:-1], widgets="comments,count,like")
    many = await ask(world, named, widgets="comments,count,like")

    assert [len(few["subjects"][name]["comments"]["comments"]) for name in named[:2]] == [1, 0]
    assert (many.status_code, many.json()["code"], many.json()["field"]) == (422, "field_invalid", "subject")
    assert "comments" in many.json()["detail"]
    assert (await told(world, named, widgets="count,like"))["degraded"] == []


async def test_the_answer_is_kept_until_one_of_its_subjects_changes(world: World, charlie: Visitor) -> None:
    cache = world.server.cache
    both = (
        f"/v1/{SITE}/page?subject=a&subject=b&widgets=like",
        f"/v1/{SITE}/page?subject=c&subject=d&widgets=like",
    )
    for address in both:
        await world.reader.get(address)
    kept = [cache.get(key_of(address)) for address in both]

    assert None not in kept

    hits = cache.hits
    etag = (await world.reader.get(both[0])).headers["etag"]
    again = await world.reader.get(both[0], headers={"if-none-match": etag})

    assert (again.status_code, cache.hits) == (304, hits + 2)

    await charlie.like(subject="elsewhere")
    await charlie.like(subject="b")

    assert [cache.get(key_of(address)) for address in both] == [None, kept[1]]
    assert counts((await world.reader.get(both[0])).json()) == {"a": 0, "b": 1}

    await charlie.unlike(subject="b")

    assert counts((await world.reader.get(both[0])).json()) == {"a": 0, "b": 0}

    await world.settle(max_length=99)

    assert cache.get(key_of(both[1])) is None


async def test_nobodys_own_is_in_a_kept_answer(world: World, charlie: Visitor) -> None:
    dana = world.visitor("Dana", "203.0.113.8")
    await charlie.like(subject="a")
    await dana.like(subject="b")
    named = "a\nb\nc"
    own = {who.name: (await who.session(subject=named, **LIKE)).json()["subjects"] for who in (charlie, dana)}
    everybody = await told(world, [named], **LIKE)

    assert [each["like"]["mine"] for each in own["Charlie"].values()] == [True, False, False]
    assert [each["like"]["mine"] for each in own["Dana"].values()] == [False, True, False]
    assert [each["like"] for each in everybody["subjects"].values()] == [
        {"count": 1, "mine": False},
        {"count": 1, "mine": False},
        {"count": 0, "mine": False},
    ]
    session = await charlie.session(subject=named, **LIKE)
    assert session.headers["cache-control"] == "no-store"


async def test_ones_own_texts_on_many_subjects_are_ones_own_alone(world: World, charlie: Visitor) -> None:
    dana = world.visitor("Dana", "203.0.113.8")
    for who, subject in ((charlie, "a"), (charlie, "b"), (dana, "b"), (dana, "c")):
        await who.says(f"by {who.name}", subject=subject)
    told_json = (await charlie.session(subject="a\nb\nc", widgets="comments")).json()["subjects"]
    told_html = (await charlie.session(subject="a\nb\nc", format="fragments")).json()["subjects"]

    assert [[each["source"] for each in told_json[name]["comments"]["own"]] for name in "abc"] == [
        ["by Charlie"],
        ["by Charlie"],
        [],
    ]
    assert ["by Charlie" in told_html[name]["comments"] for name in "abc"] == [True, True, False]


async def test_an_alias_among_many_leads_to_its_subject_and_is_forgotten_with_it(
    world: World, charlie: Visitor
) -> None:
    await charlie.like(subject="new")
    await world.server.house.database.write(subjects.alias(SITE, "new", "old"))
    world.server.house.announce(SITE, "old")

    assert counts(await told(world, ["old", "new", "b"], **LIKE)) == {"old": 1, "new": 1, "b": 0}

    own = (await charlie.session(subject="old\nb", **LIKE)).json()["subjects"]

    assert [own[name]["like"]["mine"] for name in ("old", "b")] == [True, False]

    await world.visitor("Dana", "203.0.113.8").like(subject="new")

    assert counts(await told(world, ["old", "b"], **LIKE)) == {"old": 2, "b": 0}
    assert counts(await told(world, ["old", "new", "b"], **LIKE)) == {"old": 2, "new": 2, "b": 0}


@pytest.mark.parametrize("number", [2, 200])
async def test_many_subjects_are_read_by_as_many_statements_as_two(
    world: World, charlie: Visitor, number: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    await charlie.like(subject="photo:1")
    asked = []
    read = world.server.house.database.read

    async def counted(transaction: Any, *args: Any, **options: Any) -> Any:  # noqa: ANN401 - as `read` has them
        def each() -> Any:  # noqa: ANN401
            answer = None
            while True:
                try:
                    statement = transaction.send(answer)
                except StopIteration as end:
                    return end.value
                if statement.parameters:  # the look for what other processes changed has none
                    asked.append(statement)
                answer = yield statement

        return await read(each(), *args, **options)

    monkeypatch.setattr(world.server.house.database, "read", counted)
    named = "\n".join(f"photo:{place}" for place in range(number))
    await told(world, [named], **LIKE)

    assert len(asked) == 1

    await charlie.session(subject=named, **LIKE)

    assert len(asked) == 1 + 4


def key_of(address: str) -> tuple[str, bytes]:
    """Under which key the cache holds an address."""
    path, _, query = address.partition("?")
    return path, query.encode()
