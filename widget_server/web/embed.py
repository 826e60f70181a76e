"""What the handlers of the embed API share: the collaborators, and how a request names a site and a subject."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from starlette.requests import Request

from widget_server import identity
from widget_server.errors import FieldInvalid, OriginNotAllowed
from widget_server.house import House
from widget_server.pages import enabled
from widget_server.settings import Settings
from widget_server.vocabulary import Site, Subject
from widget_server.web.cache import PageCache
from widget_server.web.client_address import client_address, network
from widget_server.web.limits import Limits
from widget_server.web.rendering import Locale, Rendering
from widget_server.widgets.base import Look

MOST_SUBJECTS = 200
"""Subjects in one request."""

FORMATS = frozenset({"json", "fragments", "page"})


@dataclass(frozen=True, slots=True)
class Embed:
    """The collaborators of the embed API."""

    house: House
    settings: Settings
    rendering: Rendering
    cache: PageCache
    limits: Limits
    live: str
    """The address of the module that hears of what others do."""
    scripts: Mapping[str, str]
    """The addresses of the widgets' own browser modules."""

    @property
    def path(self) -> str:
        """The path under which browsers find the server; empty, where it has a host of its own."""
        return urlsplit(self.settings.public_url).path

    def network(self, request: Request) -> str:
        """What counts as one client: the network that a request came from."""
        return network(client_address(request.scope, self.settings.trusted_proxies))

    def is_told(self, site: Site) -> bool:
        """Whether those who watch something of the site are told what happens."""
        return site.settings.live and self.settings.live_process > 0

    def dress(self, names: Sequence[str], locale: Locale) -> dict[str, object]:
        """What goes with fragments: language, style, and the widgets' own browser modules."""
        dress = {"lang": locale.language, "dir": locale.direction, "css": self.rendering.style(names)}
        scripts = {name: self.scripts[name] for name in names if name in self.scripts}
        return dress | ({"scripts": scripts} if scripts else {})

    def check_origin(self, site: Site, origin: str) -> None:
        """Raise `OriginNotAllowed` for a page that is neither one of the site's nor the server's own."""
        if not identity.allowed_origin(origin, (*site.origins, self.settings.origin)):
            message = (
                f"{origin[:100]} is not in the list of origins of the site {site.id!r};"
                " its owner can add it there."
            )
            raise OriginNotAllowed(message)

    async def site(self, request: Request) -> Site:
        """The site that the address names."""
        return await self.house.sites.get(request.path_params["site"])


def subject_of(site: Site, key: str | None) -> Subject:
    """The subject that a reader asks for; it need not be stored."""
    found = identity.subject_key(key, site) if key else None
    if found is None:
        message = "Name the subject: a page's key or one of your own, of at most 512 characters."
        raise FieldInvalid(message, field="subject")
    return Subject(site.id, found)


def names_in(texts: Iterable[str]) -> list[str]:
    """The subjects that a field names, one on each line: no subject holds a line's end."""
    return [line for text in texts for line in text.strip().replace("\r\n", "\n").split("\n")]


def subjects_of(site: Site, asked: Sequence[str]) -> Mapping[str, Subject]:
    """The subjects that a reader asks for at once, by what each was called; two names may mean the same."""
    if not 1 <= len(asked) <= MOST_SUBJECTS:
        message = f"Name 1 to {MOST_SUBJECTS} subjects."
        raise FieldInvalid(message, field="subject")
    return {given: subject_of(site, given) for given in asked}


def widgets_of(embed: Embed, look: Look, names: str | None) -> Sequence[str]:
    """The widgets that a request names with commas between; none named: all that the site has."""
    if not names:
        return enabled(embed.house, look)
    wanted = [name.strip() for name in names.split(",")]
    if len(set(wanted)) != len(wanted):
        message = "A widget is named twice."
        raise FieldInvalid(message, field="widgets")
    return wanted


def format_of(given: str | None, request: Request) -> str:
    """In which form the answer is wanted: what the request says, else what it accepts."""
    if given is None:
        return "page" if "text/html" in request.headers.get("accept", "") else "json"
    if given not in FORMATS:
        message = f"The format is one of {', '.join(sorted(FORMATS))}."
        raise FieldInvalid(message, field="format")
    return given
