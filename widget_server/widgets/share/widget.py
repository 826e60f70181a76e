"""The share widget: a page is passed on, which is counted, and those who come by the link are told of."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from widget_server.errors import FieldInvalid, Forbidden
from widget_server.vocabulary import (
    Add,
    Intent,
    Mine,
    Reading,
    ReadTally,
    Record,
    Role,
    Site,
    Statement,
    Tally,
    sql,
)
from widget_server.widgets.base import (
    Action,
    Flag,
    Look,
    OneOf,
    Setting,
    Settings,
    Summary,
    Text,
    settings_of,
)

WAYS = ("sheet", "copy", "link")
"""How it was passed on: by the browser's own sheet, copied by the button, or copied by hand."""

CODE = re.compile(r"[0-9a-z]{13}", re.ASCII)
"""What a link carries: 64 bits made at random by the browser that passed it on, in base 36."""

LENGTH = 13

MOST = 1_000_000_000
"""Shares of one person that are counted on one subject."""

LIFE = 90 * 86_400_000
"""Milliseconds for which it is told who came by a link."""

ARRIVALS: Settings = {
    "arrivals": Setting(
        "Count who comes by a shared link",
        Flag(),
        default=True,
        hint="A shared link then ends in #via= and a random code; who opens it is counted, and not known.",
    )
}


@dataclass(frozen=True, slots=True)
class Shared:
    """What is known of a subject's shares."""

    tally: Tally
    arrivals: int | None = None
    """How many came by links that still count; None: that is not for everybody."""


class Share:
    """The browser's own sheet where there is one, else a copied link."""

    name = "share"
    version = "1"
    title = "Share"
    package = "widget_server.widgets.share"
    settings = ARRIVALS
    actions: Mapping[str, Action] = {
        "share": Action(
            "Tell that the page was passed on, by a link with the `code`",
            {"via": OneOf(WAYS, required=False), "code": Text(LENGTH, LENGTH, required=False)},
        ),
        "arrive": Action(
            "Tell that somebody came by the link with the `code`", {"code": Text(LENGTH, LENGTH)}, Role.READER
        ),
    }

    def accept(self, action: str, fields: Mapping[str, Any], site: Site) -> Intent:
        """One more share; or an arrival by the link of a share that is remembered, and of somebody else's."""
        code = fields.get("code", "")
        if code and not CODE.fullmatch(code):
            message = f"A code has {LENGTH} digits and small letters."
            raise FieldInvalid(message, field="code")
        if action == "share":
            return Add("share", 1, MOST, fields.get("via", "link"))
        if not settings_of(self, site)["arrivals"]:
            message = "This site does not count who comes by a shared link."
            raise Forbidden(message)
        return Record("arrive", {}, _share_of(code))

    def apply(self, action: str, fields: Mapping[str, Any], site: Site) -> Sequence[Statement]:
        """Keep a new link and forget those that are too old; or count one more who came."""
        if action == "arrive":
            return [
                sql(
                    "update share_links set arrivals = arrivals + 1 where site = :site and code = :code",
                    site=site.id,
                    code=fields["code"],
                )
            ]
        if "code" not in fields or not settings_of(self, site)["arrivals"]:
            return []
        return _kept(site.id, fields["code"])

    def export_person(self) -> Mapping[str, Statement]:
        """The links that a person passed on, and how many came by each."""
        return {
            "links": sql(
                "select code, subject, interaction, at, arrivals from share_links"
                " where site = :site and person = :person order by at",
                site="",
                person="",
            )
        }

    def erase_person(self) -> Sequence[Statement]:
        """The links lead to nobody any more; what was counted as shared stays counted."""
        return [sql("delete from share_links where site = :site and person = :person", site="", person="")]

    def load(self, look: Look) -> Reading[Shared]:
        """The tally; for those who keep order on the site, the arrivals too."""
        tally: Tally = yield ReadTally()
        if look.role is not Role.MODERATOR:
            return Shared(tally)
        rows = yield sql(
            "select coalesce(sum(arrivals), 0) as number from share_links where site = :site and subject = :subject",
            site=look.site.id,
            subject=look.subject.key,
        )
        return Shared(tally, int(rows[0]["number"]))

    def summary(self, loaded: Shared, mine: Mine, look: Look) -> Summary:
        """`{"count": int, "mine": bool, "coded": bool, "url": str}`.

        `coded` says whether links are to carry a code, `url` where the page is, as far as that is known. For the
        site's own people also `"ways"`, the count by how it was passed on, and `"arrivals"`, how many came by links
        of the last 90 days.
        """
        counts = {way: loaded.tally.counts.get(way, 0) for way in WAYS}
        known: Summary = {"ways": counts, "arrivals": loaded.arrivals} if look.role is Role.MODERATOR else {}
        return {
            "count": sum(counts.values()),
            "mine": bool(mine.values),
            "coded": settings_of(self, look.site)["arrivals"],
            "url": look.subject.url or "",
            **known,
        }


def _share_of(code: str) -> Statement:
    """The share that a link came from: none where it is the reader's own, is too old, or was taken back."""
    return sql(
        "select interaction as target from share_links where site = :site and code = :code"
        " and person <> :person and at > :at - :life",
        site="",
        code=code,
        person="",
        at=0,
        life=LIFE,
    )


def _kept(site: str, code: str) -> Sequence[Statement]:
    return [
        sql("delete from share_links where site = :site and at <= :at - :life", site=site, at=0, life=LIFE),
        sql(
            "insert into share_links (site, code, subject, person, interaction, at)"
            " values (:site, :code, :subject, :person, :interaction, :at) on conflict (site, code) do nothing",
            site=site,
            code=code,
            subject="",
            person="",
            interaction="",
            at=0,
        ),
    ]
