"""The sample site: made with the first demo, found again with the next."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.resources import files
from typing import BinaryIO, cast
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from widget_server.commands.moderators import added, sign_in_address
from widget_server.opening import database_of, now
from widget_server.people.sign_in import invite
from widget_server.settings import Settings
from widget_server.store import moderators, sites
from widget_server.store.changes import touched
from widget_server.store.database import Database
from widget_server.transfer.importing import import_file, readers
from widget_server.vocabulary import Site, SiteSettings, Transaction

SITE = "demo"
EMAIL = "moderator@demo.example"
LINK_LIFE = 60 * 60_000
"""Milliseconds that the printed link works."""

CHOSEN = SiteSettings(plugins={"poll": {"from_snippet": True}})
"""The demo's page may ask what it says."""

THREAD_ORIGIN = "http://127.0.0.1:8400"
"""Where the sample export's page stands."""


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where to look."""

    page: str
    admin: str


async def prepare(settings: Settings) -> Addresses:
    """Make the sample site where it is not there yet, and a fresh sign-in link."""
    async with database_of(settings) as database:
        secret = await database.write(_prepared(settings.public_url))
        await _conversation(database, settings.public_url)
    return Addresses(f"{settings.public_url}/demo/", sign_in_address(settings.public_url, SITE, secret))


def routes(public_url: str) -> list[BaseRoute]:
    """The sample page, as a site of its own would send it."""
    folder = files("widget_server.demo")
    host = urlsplit(public_url).netloc
    page = (folder / "page.html").read_text(encoding="utf-8").replace("@@HOST@@", host)
    sheet = (folder / "page.css").read_text(encoding="utf-8")

    async def show(request: Request) -> Response:  # noqa: ARG001 - Starlette's shape
        return Response(page, headers={"cache-control": "no-cache"}, media_type="text/html")

    async def style(request: Request) -> Response:  # noqa: ARG001 - Starlette's shape
        return Response(sheet, headers={"cache-control": "no-cache"}, media_type="text/css")

    async def home(request: Request) -> Response:  # noqa: ARG001 - Starlette's shape
        return RedirectResponse("/demo/")

    return [Route("/", home), Route("/demo/", show), Route("/demo/page.css", style)]


def _prepared(public_url: str) -> Transaction[str]:
    origins = tuple(dict.fromkeys((public_url, public_url.replace("127.0.0.1", "localhost"))))
    stored = yield from sites.get(SITE)
    if stored is None:
        yield from sites.add(Site(SITE, "The demo", origins, CHOSEN, now()))
    elif not set(origins) <= set(stored.origins):
        merged = tuple(dict.fromkeys((*stored.origins, *origins)))
        yield from sites.change(Site(SITE, stored.name, merged, stored.settings, stored.created))
    yield from touched(SITE, "")
    known = yield from moderators.by_email(SITE, EMAIL)
    if known is None:
        known, _ = yield from added(SITE, EMAIL, "owner", "Moderator", now())
    return (yield from invite(known, now(), LINK_LIFE))


async def _conversation(database: Database, public_url: str) -> None:
    """Import the sample export; what is there already stays as it is."""
    moves = {} if public_url == THREAD_ORIGIN else {THREAD_ORIGIN: public_url}
    with (files("widget_server.demo") / "thread.wordpress.xml").open("rb") as opened:
        file = cast("BinaryIO", opened)
        await import_file(file, readers()["wordpress"], SITE, database, now=now(), moves=moves)
