"""Nothing that anybody wrote becomes part of the moderator's page: no element, attribute, handler or scheme."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from tests.admin.outline import inside, schemes, shape
from tests.admin.world import MINUTE, Admin, World
from tests.markup.browser import faults
from widget_server.ids import uuid7
from widget_server.markup import VERSION
from widget_server.people.sign_in import enter, invite
from widget_server.store import comments, moderators, people, sites, subjects
from widget_server.store.comments import Draft
from widget_server.vocabulary import Person, PersonKind, Status, Subject, Transaction

HOSTILE = (
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    '"><svg/onload=alert(1)>',
    "' onfocus=alert(1) autofocus='",
    "</textarea><script>alert(1)</script>",
    "</title><script>alert(1)</script>",
    "</pre></details><h1>mine</h1>",
    "javascript:alert(1)",
    "https://blog.example@evil.example/",
    "https://blog.example.evil.example/",
    "//evil.example",
    "data:text/html,<script>alert(1)</script>",
    "{{ 7 * 7 }}{% for x in y %}",
    "\n\nstarts with newlines",
    "\u202eright to left",
    "]]><!--",
    "&lt;b&gt;&amp;",
    "`${alert(1)}`",
)
PER_PAGE = 20
SAFE_SCHEMES = {"", "https"}


async def put(world: World, payloads: Sequence[str], *, rendered: bool = False) -> list[str]:
    """Store one comment for each payload, which is its name, its text, its page's title and address."""
    made: list[str] = []
    htmls = await world.server.house.renderer.render_all(payloads) if rendered else [""] * len(payloads)

    def transaction() -> Transaction[None]:
        for payload, html in zip(payloads, htmls, strict=True):
            key = yield from subjects.ensure(
                Subject("blog", f"k{len(made)} {payload}", payload, payload), world.clock.now
            )
            comment, person = uuid7(world.clock.now), Person("blog", uuid7(0), PersonKind.IMPORTED, payload)
            yield from people.ensure(person, payload, world.clock.now)
            draft = Draft(
                "blog", comment, key, "comments", None, person.id, payload, payload, html, VERSION, Status.HELD,
                world.clock.now,
            )  # fmt: skip
            yield from comments.add(draft)
            made.append(comment)

    await world.server.house.database.write(transaction())
    return made


async def remove_all(world: World, made: Sequence[str]) -> None:
    """Take the comments out of the queue again."""

    def transaction() -> Transaction[None]:
        for comment in made:
            stored = yield from comments.get("blog", comment)
            assert stored
            yield from comments.move(stored, "blog", Status.REJECTED)

    await world.server.house.database.write(transaction())


async def lists_are_unchanged_by(world: World, bob: Admin, payloads: Sequence[str]) -> None:
    """The queue and the list have the same shape for these payloads as for plain words."""
    plain = await put(world, ["plain"] * len(payloads))
    expected = {path: shape((await bob.get(path)).text) for path in ("queue", "comments?status=held")}
    await remove_all(world, plain)
    made = await put(world, payloads)

    for path, outline in expected.items():
        page = (await bob.get(path)).text

        assert outline == shape(page), payloads
        assert schemes(page) <= SAFE_SCHEMES
    await remove_all(world, made)


async def test_lists_show_hostile_names_titles_addresses_and_texts_as_text(world: World, bob: Admin) -> None:
    await lists_are_unchanged_by(world, bob, HOSTILE)


async def test_one_comments_page_holds_markup_in_one_place_only(world: World, bob: Admin) -> None:
    await one_pages_are_unchanged_by(world, bob, HOSTILE)


async def test_the_text_as_it_was_typed_comes_back_exactly(world: World, bob: Admin) -> None:
    for comment, payload in zip(await put(world, HOSTILE, rendered=True), HOSTILE, strict=True):
        page = (await bob.get(f"comments/{comment}")).text
        typed = page.partition('aria-label="The text as it was typed">\n')[2].partition("</pre>")[0]

        assert payload == unescaped(typed)


async def test_what_was_searched_typed_and_sent_as_a_header_is_shown_as_text(
    world: World, alice: Admin
) -> None:
    search = shape((await alice.get("comments", text="plain")).text)
    settings = {"form_token": alice.token, "seen": "0" * 16, "mode": "open", "keys": "listed"}
    fields = ("name", "origins", "keep_query", "edit_window")
    expected = shape((await alice.post("settings", **settings, **dict.fromkeys(fields, "plain"))).text)
    await world.sign_in("alice@example.com", agent="plain")
    world.clock.now += MINUTE
    listed = shape((await alice.get("sessions")).text)
    await alice.post("sessions/others/revocation")
    for payload in HOSTILE:
        if payload.strip().isascii() and payload == payload.strip():
            assert search == shape((await alice.get("comments", text=payload)).text)
            answer = await alice.post("settings", **settings, **dict.fromkeys(fields, payload))
            assert expected == shape(answer.text)
            await world.sign_in("alice@example.com", agent=payload)
            world.clock.now += MINUTE
            assert listed == shape((await alice.get("sessions")).text)
            await alice.post("sessions/others/revocation")


async def test_a_hostile_name_of_a_site_or_a_moderator_is_text_everywhere(world: World, alice: Admin) -> None:
    paths = ("queue", "comments", "choices", "log", "settings", "sessions")
    expected = {path: shape((await alice.get(path)).text) for path in paths}
    hostile = "\"><svg/onload=alert(1)></title></textarea>'"

    def transaction() -> Transaction[str]:
        site = yield from sites.get("blog")
        found = yield from moderators.by_email("blog", "alice@example.com")
        assert site
        assert found
        yield from moderators.drop("blog", found.id)
        named = type(found)("blog", found.id, f"{hostile}@x.example", hostile, "owner", 0)
        yield from moderators.add(named)
        yield from sites.change(type(site)("blog", hostile, site.origins, site.settings, 0))
        secret = yield from invite(named, world.clock.now)
        return (yield from enter("blog", secret, hostile, None, world.clock.now)).secret

    await world.server.house.database.write(transaction())
    link = await world.link(f"{hostile}@x.example")
    await alice.post("sessions/others/revocation")

    for path in paths:
        assert (path, expected[path]) == (path, shape((await alice.get(path)).text))
    door = (await world.client().get("/admin/sign-in", params={"site": "blog", "link": link})).text
    assert "<svg" not in door


@pytest.mark.parametrize("corpus", ["dompurify", "blns"])
async def test_public_collections_change_no_page(
    world: World, bob: Admin, corpora: Path, corpus: str
) -> None:
    payloads = list(collected(corpora, corpus))
    assert len(payloads) > 200

    for batch in batches(payloads, PER_PAGE):
        await lists_are_unchanged_by(world, bob, batch)
    await one_pages_are_unchanged_by(world, bob, payloads[:: 4 if corpus == "blns" else 2])


async def one_pages_are_unchanged_by(world: World, bob: Admin, payloads: Sequence[str]) -> None:
    """A comment's own page has the same shape for each payload; its rendering holds only what a comment may."""
    [plain] = await put(world, ["plain"])
    expected = shape((await bob.get(f"comments/{plain}")).text, but="rendered")
    for comment, payload in zip(await put(world, payloads, rendered=True), payloads, strict=True):
        page = (await bob.get(f"comments/{comment}")).text

        assert expected == shape(page, but="rendered"), payload
        assert schemes(page, but="rendered") <= SAFE_SCHEMES
        assert faults(inside(page, "rendered")) == []


def collected(corpora: Path, corpus: str) -> Iterator[str]:
    """The payloads of a collection, as a database could hold them."""
    if corpus == "dompurify":
        rows = json.loads((corpora / "dompurify" / "expect.json").read_text(encoding="utf-8"))
        texts = [row["payload"] for row in rows]
    else:
        texts = json.loads((corpora / "blns" / "blns.json").read_text(encoding="utf-8"))
    for text in texts:
        if text.strip():
            yield text.replace("\x00", "")[:400]


def batches(payloads: Sequence[str], size: int) -> Iterator[Sequence[str]]:
    """The payloads, some at a time."""
    for start in range(0, len(payloads), size):
        yield payloads[start : start + size]


def unescaped(text: str) -> str:
    """The characters that escaped text stands for."""
    for name, character in (("lt", "<"), ("gt", ">"), ("#34", '"'), ("#39", "'"), ("amp", "&")):
        text = text.replace(f"&{name};", character)
    return text
