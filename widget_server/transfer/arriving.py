"""The one transaction of an import: subjects, people, comments, tallies and the record."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from widget_server.ids import uuid7_of
from widget_server.markup import VERSION
from widget_server.store import comments, interactions, people, subjects
from widget_server.store.changes import touched
from widget_server.transfer.records import Progress
from widget_server.transfer.spool import Origin, Settled, Spool
from widget_server.vocabulary import (
    Interaction,
    Person,
    PersonKind,
    Site,
    Status,
    Subject,
    Transaction,
    Verdict,
)

WIDGET = "comments"
REASON = "imported"


@dataclass(slots=True)
class Arrivals:
    """What was stored so far."""

    stored: int = 0
    known: int = 0
    """Comments that an earlier import brought."""
    pages: int = 0
    notes: Counter[str] = field(default_factory=Counter)


@dataclass(frozen=True, slots=True)
class Journey:
    """Where the comments come from and go to."""

    site: Site
    format: str
    now: int

    def comment_id(self, subject: str, origin: Origin) -> str:
        """The same identifier whenever this comment is imported."""
        return uuid7_of(origin.created, self.site.id, self.format, subject, origin.source_id)

    def person_id(self, first: Origin) -> str:
        """An identifier made of the author's first comment in the file."""
        return uuid7_of(first.created, self.site.id, self.format, "author", first.source_id)


def arrive(site: Site, format_name: str, spool: Spool, now: int, tell: Progress) -> Transaction[Arrivals]:
    """Store what the spool holds and the site has not yet."""
    journey = Journey(site, format_name, now)
    arrivals = Arrivals()
    total = spool.count()
    here = key = ""
    changed = False
    for done, comment in enumerate(spool.in_order()):
        if comment.subject != here:
            if changed:
                yield from touched(site.id, key)
            here, changed = comment.subject, False
            key = yield from subjects.resolve(site.id, here)
        stored = yield from comments.get(site.id, journey.comment_id(here, comment.origin))
        if stored is None:
            if not changed:
                yield from _page(journey, key, spool, here)
                arrivals.pages += 1
                changed = True
            yield from _store(journey, key, comment)
            arrivals.stored += 1
            arrivals.notes.update(comment.notes)
            arrivals.notes["time_in_future"] += comment.created > now
        else:
            arrivals.known += 1
        tell("store", done + 1, total)
    if changed:
        yield from touched(site.id, key)
    arrivals.notes = +arrivals.notes
    return arrivals


def _page(journey: Journey, key: str, spool: Spool, spooled: str) -> Transaction[None]:
    """Make the subject where the site has not met it, and let the old system's names lead to it."""
    site = journey.site.id
    pages = spool.pages_of(spooled)
    if (yield from subjects.get(site, key)) is None:
        url = next((page.url for page in pages if page.url), None)
        title = next((page.title for page in pages if page.title), None)
        yield from subjects.ensure(Subject(site, key, url, title), journey.now)
    for alias in {page.alias for page in pages if page.alias}:
        taken = yield from subjects.get(site, alias)
        leads_to = yield from subjects.resolve(site, alias)
        if taken is None and leads_to == alias:
            yield from subjects.alias(site, key, alias)


def _store(journey: Journey, key: str, comment: Settled) -> Transaction[None]:
    site = journey.site.id
    person = Person(site, journey.person_id(comment.author), PersonKind.IMPORTED, comment.name)
    created = min(comment.created, journey.now)
    identifier = journey.comment_id(comment.subject, comment.origin)
    above = journey.comment_id(comment.subject, comment.parent) if comment.parent else None
    parent = (yield from comments.get(site, above)) if above else None
    yield from people.ensure(person, person.name, created)
    draft = comments.Draft(
        site=site,
        id=identifier,
        subject=key,
        widget=WIDGET,
        parent=above,
        person=person.id,
        name=comment.name,
        source=comment.text,
        html=comment.html,
        html_version=VERSION,
        status=comment.status,
        created=created,
    )
    yield from comments.place_below(parent, draft)
    if comment.status is not Status.DELETED:
        yield from interactions.add(_interaction(journey, draft, parent.id if parent else None, comment))


def _interaction(
    journey: Journey, draft: comments.Draft, parent: str | None, comment: Settled
) -> Interaction:
    published = draft.status is Status.PUBLISHED
    return Interaction(
        site=draft.site,
        id=draft.id,
        at=draft.created,
        subject=draft.subject,
        widget=WIDGET,
        kind="comment",
        person=draft.person,
        verdict=Verdict.PUBLISH if published else Verdict.HOLD,
        reasons=(REASON,),
        data={
            "parent": parent,
            "length": len(draft.source),
            "imported": {"format": journey.format, "source_id": comment.origin.source_id},
        },
        target=draft.id,
    )
