"""Texts of every kind: kept as they were written, shown as text, whatever field and whatever way they came."""

from __future__ import annotations

import asyncio
import unicodedata
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from justhtml import JustHTML

from tests.http.world import PAGE, SITE, Visitor, World
from tests.markup.samples import dompurify, naughty_strings
from widget_server.markup import clean_text

HOSTILE = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    '"><svg onload=alert(1)>',
    "'-alert(1)-'",
    "javascript:alert(1)",
    "[x](javascript:alert(1)) ![y](data:text/html,1)",
    "</textarea><script>alert(1)</script>",
    "</title><script>alert(1)</script>",
    "</style><script>alert(1)</script>",
    "<!--><script>alert(1)</script>",
    "<![CDATA[<script>alert(1)</script>]]>",
    '<math><mi//xlink:href="data:x,<script>alert(4)</script>">',
    "<form><button formaction=javascript:alert(1)>X",
    "{{ 7 * 7 }}{% for x in y %}",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "\u202e<b>abc",
    "a\u2028b\u2029c",
    "<a href=\"//evil.example\" id=x name=getElementById class=y style='color:red'>z</a>",
]
PLAIN = [
    "plain",
    "Ω≈ç√∫˜µ≤≥÷",
    "田中さんにあげて下さい",
    "הָיְתָה שָׁבַת",
    "😍 👩🏽‍🚀 🏳️‍🌈",
    "Ṱ̺̺̕o͞ ̷i̲̬͇̪͙n̝̗͕v̟̜̘̦͟o̶̙̰̠kè͚̮̺̪̹̱̤",
    "$HOME `ls` $(ls) %d %s {0}",
    "1;DROP TABLE users",
    "' OR 1=1 -- 1",
    "NULL undefined nil None true 0 -0 1e309 NaN",
    "../../../etc/passwd\\..\\",
    "İstanbul ẞ ŉ ﬁ",
]
ELEMENTS = {"p", "br", "em", "strong", "del", "code", "pre", "blockquote", "ul", "ol", "li", "a", "hr"}
ELEMENTS |= {"table", "thead", "tbody", "tr", "th", "td"}
OURS = {"article", "header", "b", "time", "small", "div", "footer", "button", "details", "summary", "form"}
OURS |= {"input", "textarea", "output", "h2", "h1", "span", "html", "head", "body", "meta", "title", "link"}
OURS |= {"main", "data", "svg", "path"}
UNSEEN = {"Cc", "Cs", "Zl", "Zp"}
LINKS = ("https://", "http://", "mailto:", "/", "#")


async def test_naughty_strings_come_back_as_they_were_written(charlie: Visitor, corpora: Path) -> None:
    await written_and_read(charlie, naughty_strings(corpora))


async def test_odd_strings_come_back_as_they_were_written(charlie: Visitor) -> None:
    await written_and_read(charlie, [*PLAIN, *HOSTILE])


async def test_hostile_html_of_the_collections_stays_text(
    world: World, charlie: Visitor, corpora: Path
) -> None:
    await stays_text(world, charlie, dompurify(corpora))


async def test_hostile_html_stays_text(world: World, charlie: Visitor) -> None:
    await stays_text(world, charlie, HOSTILE)


async def test_a_subject_of_any_kind_is_one_subject(world: World, charlie: Visitor) -> None:
    for text in [*PLAIN, *HOSTILE]:
        if any(unicodedata.category(each) in UNSEEN for each in text):
            continue
        await charlie.says("hello", subject=text)

        assert (await world.page(text))["comments"]["count"] == 1, text
        counts = await world.reader.get(f"/v1/{SITE}/counts", params={"subject": text})

        assert counts.json() == {"counts": {text: 1}}


async def written_and_read(visitor: Visitor, strings: list[str]) -> None:
    """Write each as a form and as JSON, and look for it in the edit box."""
    await visitor.like(subject="before")  # a guest whom everything that follows belongs to
    for start in range(0, len(strings), 40):
        subject = f"s{start}"
        ways = [
            (text, post) for text in strings[start : start + 40] for post in (visitor.post, visitor.post_json)
        ]
        answers = await asyncio.gather(
            *(post(widget="comments", action="comment", text=text, subject=subject) for text, post in ways)
        )
        refused = [answer for answer in answers if answer.status_code != 200]
        own = (await visitor.own(subject=subject))["comments"]["own"]

        assert {answer.json()["field"] for answer in refused} <= {"text"}
        assert {each["id"]: each["source"] for each in own} == {
            answer.json()["id"]: clean_text(text)
            for (text, _), answer in zip(ways, answers, strict=True)
            if answer.status_code == 200
        }


async def stays_text(world: World, visitor: Visitor, strings: list[str]) -> None:
    """Put each into every field, and read every form of the answer as a browser does."""
    await visitor.like(subject="before")
    faults: list[tuple[str, str]] = []
    for start in range(0, len(strings), 20):
        some = strings[start : start + 20]
        made = await asyncio.gather(
            *(written(world, visitor, start + place, text) for place, text in enumerate(some))
        )
        faults += [
            (fault, text)
            for text, htmls in zip(some, made, strict=True)
            for html in htmls
            for fault in wrong(html)
        ]

    assert faults == []


async def written(world: World, visitor: Visitor, number: int, text: str) -> list[str]:
    """The fragments, the text's own HTML and the document that come of a text in every field."""
    subject = "".join(each for each in f"{number} {text}"[:400] if unicodedata.category(each) not in UNSEEN)
    about = {"subject": subject, "title": text[:300], "url": f"{PAGE}/{number}", "format": "fragments"}
    words = f"{text}\n\nand so on"
    answer = await visitor.comment(words, **{**about, "name": text[:60]})
    if answer.status_code != 200:  # it leaves no ink, so it is no name
        answer = await visitor.comment(words, **about)

    assert answer.status_code == 200, (text, answer.text)

    edited = await visitor.edit(answer.json()["id"], f"{text}\n\nedited", **about)
    plain = await world.page(subject)
    document = await world.reader.get(f"/v1/{SITE}/thread", params={"subject": subject, "format": "page"})
    return [
        answer.json()["parts"],
        edited.json()["parts"],
        *(each["html"] for each in plain["comments"]["comments"]),
        document.text,
    ]


def wrong(html: str) -> list[str]:
    """Elements, attributes and addresses that no template of ours and no sanitised text has."""
    found = []
    for node in nodes(JustHTML(html, fragment="<!doctype" not in html[:9], sanitize=False).root):
        if node.name.startswith(("#", "!")):
            continue
        if node.name not in ELEMENTS | OURS:
            found.append(f"<{node.name}>")
        for name, value in node.attrs.items():
            if name.startswith("on") or name in {"style", "srcdoc", "xlink:href"}:
                found.append(f"{name} of <{node.name}>")
            if name in {"href", "src", "action", "formaction"} and not (value or "").startswith(LINKS):
                found.append(f"{name}={value!r}")
    return found


def nodes(node: Any) -> Iterator[Any]:  # noqa: ANN401 - elements, texts and comments alike
    """All nodes below one."""
    for child in getattr(node, "children", None) or ():
        yield child
        yield from nodes(child)
