"""Two sites, their people, and the admin over HTTP: what the tests of the moderator's side share."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

import httpx

from widget_server import interact
from widget_server.app import Server
from widget_server.doing import Doing, Outcome
from widget_server.ids import uuid7
from widget_server.people import guests
from widget_server.people.sign_in import invite
from widget_server.store import comments, moderators, sites
from widget_server.store.moderators import Moderator
from widget_server.vocabulary import (
    Comment,
    Mode,
    Person,
    Site,
    SiteSettings,
    Subject,
    Transaction,
)

URL = "https://talk.example.com"
BLOG = "https://blog.example"
START = 1_790_000_000_000
MINUTE = 60_000
DAY = 86_400_000
FORM_TOKEN = re.compile(r'name="form_token" value="([0-9a-f]{64})"')


@dataclass(slots=True)
class Clock:
    """A time that tests move on."""

    now: int = START

    def __call__(self) -> int:
        return self.now


@dataclass(slots=True)
class World:
    """A server with the sites `blog` (Alice owns it, Bob moderates it) and `other` (Eve owns it)."""

    server: Server
    clock: Clock
    clients: list[httpx.AsyncClient] = field(default_factory=list)
    people: dict[str, Person] = field(default_factory=dict)

    async def settle(self) -> None:
        """Make the sites and the moderators."""
        await self.server.house.database.write(_made())

    def client(self) -> httpx.AsyncClient:
        """A browser that knows nothing."""
        made = httpx.AsyncClient(
            transport=httpx.ASGITransport(self.server.app), base_url=URL, headers={"origin": URL}
        )
        self.clients.append(made)
        return made

    async def link(self, email: str, site: str = "blog", **how: int) -> str:
        """The secret of a sign-in link."""

        def transaction() -> Transaction[str]:
            found = yield from moderators.by_email(site, email)
            assert found
            return (yield from invite(found, self.clock.now, **how))

        return await self.server.house.database.write(transaction())

    async def sign_in(
        self, email: str, site: str = "blog", agent: str = "Mozilla/5.0 Firefox/1 Linux"
    ) -> Admin:
        """Somebody with a session."""
        client = self.client()
        secret = await self.link(email, site)
        answer = await client.post(
            "/admin/sign-in", data={"site": site, "link": secret}, headers={"user-agent": agent}
        )
        assert answer.status_code == 303, answer.text
        page = await client.get(f"/admin/sites/{site}/sessions")
        found = FORM_TOKEN.search(page.text)
        assert found, page.text
        return Admin(client, site, found[1])

    async def act(
        self,
        name: str,
        action: str,
        *,
        site: str = "blog",
        page: str = "/post",
        subject: str | None = None,
        title: str = "A post",
        client: str | None = None,
        **fields: str,
    ) -> Outcome:
        """Do something as a guest who is known by name."""
        stored = await self.server.house.database.read(sites.get(site))
        assert stored
        key = f"{site}.{name}"
        if key not in self.people:
            self.people[key] = guests.new(self.server.house.tokens, site, None, self.clock.now)[0]
        about = Subject(site, subject or f"blog.example{page}", f"{BLOG}{page}", title)
        widgets = {"like": "like", "unlike": "like", "rate": "rating", "unrate": "rating", "review": "rating"}
        widget = widgets.get(action, "comments")
        given = {"name": name, **fields} if action in {"comment", "review"} else fields
        doing = Doing(stored, about, widget, action, given, self.people[key], self.clock.now, client=client)
        return await interact.perform(self.server.house, doing)

    async def comment(
        self,
        name: str = "Charlie",
        text: str = "Hello there",
        *,
        site: str = "blog",
        page: str = "/post",
        title: str = "A post",
        client: str | None = None,
        **fields: str,
    ) -> str:
        """Write a comment; gives its id."""
        where = {"site": site, "page": page, "title": title}
        outcome = await self.act(name, "comment", client=client, text=text, **where, **fields)
        return outcome.interaction.id

    async def stored(self, comment: str, site: str = "blog") -> Comment:
        """A comment as it stands."""
        found = await self.server.house.database.read(comments.get(site, comment))
        assert found
        return found

    async def seen(self, comment: str, site: str = "blog") -> dict[str, str]:
        """What a decision on a comment as it stands is bound to."""
        found = await self.stored(comment, site)
        return {"revision": str(found.revision), "seen": str(found.status)}


@dataclass(slots=True)
class Admin:
    """Somebody who is signed in, with the token of the session's forms."""

    client: httpx.AsyncClient
    site: str
    token: str

    async def get(self, path: str, **query: str) -> httpx.Response:
        """A page of the site's admin."""
        return await self.client.get(f"/admin/sites/{self.site}/{path}", params=query or None)

    async def post(self, path: str, **form: str) -> httpx.Response:
        """A form of the site's admin."""
        return await self.client.post(
            f"/admin/sites/{self.site}/{path}", data={"form_token": self.token, **form}
        )

    async def decide(self, comment: str, action: str, **form: str) -> httpx.Response:
        """A decision."""
        return await self.post(f"comments/{comment}/decisions", action=action, **form)


def _made() -> Transaction[None]:
    held = SiteSettings(mode=Mode.ALL_HELD, edit_window=3600)
    yield from sites.add(Site("blog", "The Blog", (BLOG,), held, START))
    yield from sites.add(Site("other", "Another", ("https://other.example",), SiteSettings(), START))
    for site, email, role in (
        ("blog", "alice@example.com", "owner"),
        ("blog", "bob@example.com", "moderator"),
        ("other", "eve@example.com", "owner"),
    ):
        name = email.partition("@")[0].title()
        yield from moderators.add(Moderator(site, uuid7(START), email, name, role, START))
