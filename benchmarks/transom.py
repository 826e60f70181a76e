"""Transom under measurement: the installed server on a data folder that is filled beforehand."""

from __future__ import annotations

import asyncio
import sqlite3
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from urllib.parse import urlencode

from benchmarks.asking import MARK, ORIGIN, Answer, get, numbered, once, path_of, post_form
from benchmarks.corpus import HUNDRED, START, Text
from benchmarks.processes import HOST, running
from tools.paths import VENV, program_of
from widget_server.doing import Doing, Prepared, Rendered
from widget_server.ids import uuid7, uuid7_of
from widget_server.markup import VERSION, Renderer
from widget_server.opening import database_of
from widget_server.record import before, record
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
FILE = "transom.sqlite3"
"""The database in a data folder."""
CHUNK = 500
"""Comments in one transaction while filling."""


def subject(name: str) -> str:
    """The key of a page."""
    return f"blog.example/{name}"


def page(name: str, **more: str) -> str:
    """What the browser half asks for when a page with like button and comments is read."""
    query = {"subject": subject(name), "widgets": "like,comments", "lang": "en", "format": "fragments"}
    return path_of(f"/v1/{SITE.id}/page", **query, **more)


def counts(names: Sequence[str]) -> str:
    """What the browser half asks for when a list of pages is read."""
    return f"/v1/{SITE.id}/counts?{urlencode([('subject', subject(name)) for name in names])}"


def answers(port: int, names: Sequence[str]) -> Mapping[str, Answer]:
    """The pages as they are kept, by path."""
    return {page(name): once(port, page(name)) for name in names}


def reads(port: int, names: Sequence[str]) -> Sequence[bytes]:
    """A read of each page."""
    return [get(port, page(name)) for name in names]


def likes(port: int, count: int, key: str, names: Sequence[str] = (HUNDRED,)) -> Sequence[bytes]:
    """Likes of these pages in turn, each by a reader who has never acted before; `key` is this load's own."""
    return numbered([_act(port, name, key, widget="like", action="like") for name in names], count)


def posts(
    port: int, count: int, key: str, texts: Sequence[str], names: Sequence[str] = (HUNDRED,)
) -> Sequence[bytes]:
    """Comments on these pages in turn, no two alike, each by a reader who has never acted before."""
    fields = {"widget": "comments", "action": "comment", "name": "Alice"}
    templates = [
        _act(port, names[place % len(names)], key, **fields, text=f"{text}\n\n{MARK}")
        for place, text in enumerate(texts)
    ]
    return numbered(templates, count)


def doing(port: int, kind: str, key: str) -> bytes:
    """One like or comment on a page of its own kind, under this key, to be answered as JSON."""
    fields = {
        "like": {"widget": "like"},
        "comment": {"widget": "comments", "text": f"Of {key}", "name": "Alice"},
    }
    about = {"subject": subject(HUNDRED), "action": kind, "format": "json", "idempotency_key": key}
    return post_form(port, f"/v1/{SITE.id}/interactions", about | fields[kind])


def recorded(folder: Path) -> int:
    """How many interactions a data folder holds."""
    with closing(sqlite3.connect(f"file:{folder / FILE}?mode=ro", uri=True)) as database:
        found: int = database.execute("select count(*) from interactions").fetchone()[0]
        return found


def fill(folder: Path, threads: Mapping[str, Sequence[Text]], database: str = "") -> None:
    """Make a data folder, or fill a database, with these threads, every comment recorded as a reader's own."""
    asyncio.run(_fill(folder, threads, database))


@contextmanager
def transom(port: int, folder: Path, *, workers: int = 1, **more: str) -> Iterator[subprocess.Popen[bytes]]:
    """Serve the data folder until the block ends; `more` are settings as environment variables."""
    environment = {**GENEROUS, "TRANSOM_PUBLIC_URL": f"http://{HOST}:{port}", **more}
    with running(command(port, folder, workers), port, folder.with_suffix(".log"), environment) as process:
        yield process


def command(port: int, folder: Path, workers: int = 1) -> Sequence[str]:
    """What starts the server."""
    several = ["--workers", str(workers)] if workers > 1 else []
    serve = [str(program_of(VENV, "transom")), "serve", "--data", str(folder), "--port", str(port)]
    return [*serve, *several]


def _act(port: int, name: str, key: str, /, **fields: str) -> bytes:
    about = {"subject": subject(name), "url": f"{ORIGIN}/{name}", "title": "A page", "format": "fragments"}
    path = f"/v1/{SITE.id}/interactions"
    return post_form(port, path, {**about, **fields, "idempotency_key": f"{key}-{MARK}"})


async def _fill(folder: Path, threads: Mapping[str, Sequence[Text]], url: str) -> None:
    with Renderer() as renderer:
        async with database_of(load({}, overrides={"data": folder, "database": url or None})) as database:
            await database.write(sites.add(SITE))
            for name, texts in threads.items():
                await _fill_thread(database, renderer, name, texts)


async def _fill_thread(database: Database, renderer: Renderer, name: str, texts: Sequence[Text]) -> None:
    ids = [uuid7(text.created) for text in texts]
    for first in range(0, len(texts), CHUNK):
        chunk = texts[first : first + CHUNK]
        htmls = await renderer.render_all([text.source for text in chunk])
        await database.write(_recorded(name, ids, first, chunk, htmls), patience=60)


def _recorded(
    name: str, ids: Sequence[str], first: int, texts: Sequence[Text], htmls: Sequence[str]
) -> Transaction[None]:
    about = Subject(SITE.id, subject(name), f"{ORIGIN}/{name}", "A page")
    for place, (text, html) in enumerate(zip(texts, htmls, strict=True), first):
        person = Person(SITE.id, uuid7_of(0, text.name), PersonKind.GUEST)
        intent = Write("comment", text.source, None if text.parent is None else ids[text.parent], text.name)
        doing = Doing(SITE, about, "comments", "comment", {}, person, text.created)
        rendered = Rendered(text.source, html, VERSION)
        prepared = Prepared(intent, Review(Verdict.PUBLISH), rendered, text.name, ids[place])
        yield from record(doing, prepared, (yield from before(doing)))
