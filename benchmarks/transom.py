"""Transom under measurement: the installed server on a data folder that is filled beforehand."""

from __future__ import annotations

import asyncio
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from benchmarks.asking import ORIGIN, Answer, once, path_of, post_form
from benchmarks.corpus import START, Text
from benchmarks.processes import HOST, running
from tools.paths import VENV, program_of
from widget_server.ids import uuid7, uuid7_of
from widget_server.markup import VERSION, Renderer
from widget_server.opening import database_of
from widget_server.record import Doing, Prepared, Rendered, record
from widget_server.settings import load
from widget_server.store import sites
from widget_server.store.database import Database
from widget_server.vocabulary import (
    Person,
    PersonKind,
    Review,
    Site,
    SiteSettings,
    Subject,
    Transaction,
    Verdict,
    Write,
)

SITE = Site("bench", "Benchmark", (ORIGIN,), SiteSettings(), START)
GENEROUS = {
    "TRANSOM_RATE_CLIENT": "1000000",
    "TRANSOM_RATE_PERSON": "1000000",
    "TRANSOM_RATE_SITE": "100000000",
    "TRANSOM_RATE_NEW": "1000000",
}
"""Rate limits that are not what is measured."""
CHUNK = 500
"""Comments in one transaction while filling."""


def subject(size: int) -> str:
    """The key of the page whose thread had so many comments at first."""
    return f"blog.example/{size}"


def page(size: int, **more: str) -> str:
    """What the browser half asks for when a page with like button and comments is read."""
    query = {"subject": subject(size), "widgets": "like,comments", "lang": "en", "format": "fragments"}
    return path_of(f"/v1/{SITE.id}/page", **query, **more)


def answers(port: int, sizes: Sequence[int]) -> Mapping[str, Answer]:
    """The pages as they are kept, by path."""
    return {page(size): once(port, page(size)) for size in sizes}


def likes(port: int, count: int, key: str) -> Sequence[bytes]:
    """Likes of one page, each by a reader who has never acted before."""
    return [_act(port, place, key, widget="like", action="like") for place in range(count)]


def posts(port: int, count: int, key: str, texts: Sequence[str]) -> Sequence[bytes]:
    """Comments on one page, each by a reader who has never acted before."""
    fields = {"widget": "comments", "action": "comment", "name": "Alice"}
    return [_act(port, place, key, **fields, text=texts[place % len(texts)]) for place in range(count)]


def fill(folder: Path, threads: Mapping[int, Sequence[Text]]) -> None:
    """Make a data folder with these threads, every comment recorded as a reader's own."""
    asyncio.run(_fill(folder, threads))


@contextmanager
def transom(port: int, folder: Path, **more: str) -> Iterator[subprocess.Popen[bytes]]:
    """Serve the data folder until the block ends; `more` are settings as environment variables."""
    environment = {**GENEROUS, "TRANSOM_PUBLIC_URL": f"http://{HOST}:{port}", **more}
    command = [str(program_of(VENV, "transom")), "serve", "--data", str(folder), "--port", str(port)]
    with running(command, port, folder.parent / "transom.log", environment) as process:
        yield process


def _act(port: int, place: int, key: str, **fields: str) -> bytes:
    about = {"subject": subject(100), "url": f"{ORIGIN}/100", "title": "A page", "format": "fragments"}
    return post_form(
        port, f"/v1/{SITE.id}/interactions", {**about, **fields, "idempotency_key": f"{key}-{place:020d}"}
    )


async def _fill(folder: Path, threads: Mapping[int, Sequence[Text]]) -> None:
    with Renderer() as renderer:
        async with database_of(load({}, overrides={"data": folder})) as database:
            await database.write(sites.add(SITE))
            for size, texts in threads.items():
                await _fill_thread(database, renderer, size, texts)


async def _fill_thread(database: Database, renderer: Renderer, size: int, texts: Sequence[Text]) -> None:
    ids = [uuid7(text.created) for text in texts]
    for first in range(0, len(texts), CHUNK):
        chunk = texts[first : first + CHUNK]
        htmls = await renderer.render_all([text.source for text in chunk])
        await database.write(_recorded(size, ids, first, chunk, htmls), patience=60)


def _recorded(
    size: int, ids: Sequence[str], first: int, texts: Sequence[Text], htmls: Sequence[str]
) -> Transaction[None]:
    about = Subject(SITE.id, subject(size), f"{ORIGIN}/{size}", "A page")
    for place, (text, html) in enumerate(zip(texts, htmls, strict=True), first):
        person = Person(SITE.id, uuid7_of(0, text.name), PersonKind.GUEST)
        intent = Write("comment", text.source, None if text.parent is None else ids[text.parent], text.name)
        doing = Doing(SITE, about, "comments", "comment", {}, person, text.created)
        rendered = Rendered(text.source, html, VERSION)
        yield from record(doing, Prepared(intent, Review(Verdict.PUBLISH), rendered, text.name, ids[place]))
