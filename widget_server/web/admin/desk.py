"""What the handlers of the admin share: the collaborators, and the visit of somebody who is signed in."""

from __future__ import annotations

import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlencode, urlsplit

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from widget_server.errors import Forbidden
from widget_server.house import House
from widget_server.pages import enabled
from widget_server.settings import Settings
from widget_server.store.moderators import Moderator
from widget_server.store.sessions import Session
from widget_server.vocabulary import Site, Subject
from widget_server.web.admin.pages import Pages
from widget_server.web.forms import Value, text_of
from widget_server.widgets.base import Look, Panelled

TOKEN = "form_token"  # noqa: S105 - the name of the field

Form = dict[str, Value]


@dataclass(frozen=True, slots=True)
class Desk:
    """The collaborators of the admin."""

    house: House
    settings: Settings
    pages: Pages

    @property
    def cookie(self) -> str:
        """The name of the session's cookie.

        `__Host-` keeps it to this very host, where there is https; browsers take it for a whole host only, so a server
        below a path of others' makes do with `__Secure-`, and a path that keeps it from the neighbours' programs.
        """
        if not self.is_secure:
            return "transom-admin"
        return "__Host-transom-admin" if self.cookie_path == "/" else "__Secure-transom-admin"

    @property
    def cookie_path(self) -> str:
        """The path of the session's cookie."""
        return self.base if self.base != "/admin" else "/"

    @property
    def is_secure(self) -> bool:
        """Whether browsers come by https."""
        return self.settings.public_url.startswith("https://")

    @property
    def base(self) -> str:
        """The path under which the admin stands."""
        return base_of(self.settings)

    def form_token(self, secret: str) -> str:
        """What every form of a session carries; nobody else's page can know it."""
        return self.house.tokens.digest("transom.admin.form", secret).hex()


@dataclass(frozen=True, slots=True)
class Visit:
    """One request of somebody who is signed in, for the site of the session."""

    desk: Desk
    request: Request
    moderator: Moderator
    session: Session
    site: Site
    form_token: str
    held: int
    """How many comments wait."""

    @property
    def now(self) -> int:
        """The time of the request."""
        return self.desk.house.clock()

    @property
    def wants_json(self) -> bool:
        """Whether the page's script asks, and not the browser itself."""
        return "application/json" in self.request.headers.get("accept", "")

    @property
    def owns(self) -> bool:
        """Whether this is one of the site's owners."""
        return self.moderator.role == "owner"

    @property
    def panels(self) -> Sequence[tuple[str, str]]:
        """The site's widgets that have a page here: name and title."""
        house = self.desk.house
        names = enabled(house, Look(self.site, Subject(self.site.id, ""), self.now))
        found = [house.widgets[name].thing for name in names]
        return [(widget.name, widget.title) for widget in found if isinstance(widget, Panelled)]

    def path(self, *steps: str, **query: str | None) -> str:
        """An address of the site's admin."""
        asked = urlencode({name: value for name, value in query.items() if value})
        path = "/".join((self.desk.base, "sites", self.site.id, *steps))
        return f"{path}?{asked}" if asked else path

    def page(self, template: str, code: int = 200, /, **values: object) -> Response:
        """A page of the site's admin."""
        return self.desk.pages.answer(template, code, visit=self, site=self.site, here=template, **values)

    def redirect(self, *steps: str, **query: str | None) -> Response:
        """Go on there; a reload then repeats nothing."""
        return RedirectResponse(self.path(*steps, **query), 303)


def base_of(settings: Settings) -> str:
    """The path under which the admin stands, behind whatever prefix the server has."""
    return f"{urlsplit(settings.public_url).path}/admin"


def same_origin(desk: Desk, request: Request) -> None:
    """Raise `Forbidden` unless a form of our own sends this."""
    site = request.headers.get("sec-fetch-site")
    is_ours = (
        site == "same-origin" if site is not None else request.headers.get("origin") == desk.settings.origin
    )
    if not is_ours:
        message = (
            f"This did not come from a page of {desk.settings.origin}. Open the admin there and try again."
        )
        raise Forbidden(message)


def own_form(visit: Visit, form: Form) -> None:
    """Take the form's token out of it; `Forbidden` where it is not the session's."""
    token = text_of(form, TOKEN) or ""
    if not hmac.compare_digest(token.encode(), visit.form_token.encode()):
        message = "This form is from another session. Go back, reload the page and try again."
        raise Forbidden(message)


def only_owners(visit: Visit) -> None:
    """Raise `Forbidden` for moderators who do not own the site."""
    if not visit.owns:
        message = "Only an owner of this site may change that."
        raise Forbidden(message)


def secret_of(desk: Desk, request: Request) -> tuple[str, str] | None:
    """The site and the secret that a browser's cookie holds."""
    site, dot, secret = request.cookies.get(desk.cookie, "").partition(".")
    return (site, secret) if dot and site and secret else None
