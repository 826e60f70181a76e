"""The queue, the list of all comments, one comment with its log, and the log of the site."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from typing import Any

from starlette.responses import Response

from widget_server.errors import FieldInvalid, NotFound
from widget_server.identity import page_link
from widget_server.ids import is_uuid
from widget_server.markup import VERSION
from widget_server.store import interactions, moderation, moderators, people
from widget_server.store.moderation import Entry
from widget_server.vocabulary import Comment, Interaction, Status, Transaction
from widget_server.web.admin.deciding import Done, comment_of, done_before, offered
from widget_server.web.admin.desk import Visit
from widget_server.web.forms import query_fields
from widget_server.web.rendering import COMMENTS

PAGE = 20
"""Comments on one page of a list."""

LOG = 50
WHOLE_LOG = 500
"""Interactions that are shown of one comment."""

LONGEST_SEARCH = 200

FIRST = ""
"""Sorts before every identifier."""
LAST = "g"
"""Sorts after every identifier: they are hexadecimal."""


async def queue(visit: Visit) -> Response:
    """The comments that wait, the oldest first."""
    query = one_each(visit, {"after", "done", "same"})
    found = await visit.desk.house.database.read(
        moderation.queue(visit.site.id, cursor(query.get("after"), "after") or FIRST, PAGE)
    )
    done = await done_before(visit, query.get("done"), query.get("same"))
    return visit.page("queue.html", entries=shown(visit, found.entries), next=found.next, done=done)


async def every(visit: Visit) -> Response:
    """All comments, newest first, by status and text."""
    query = one_each(visit, {"status", "text", "before", "done", "same"})
    status = _status(query.get("status"))
    text = (query.get("text") or "").strip()
    if len(text) > LONGEST_SEARCH:
        message = f"Search for at most {LONGEST_SEARCH} characters."
        raise FieldInvalid(message, field="text")
    before = cursor(query.get("before"), "before")
    found = await visit.desk.house.database.read(
        moderation.search(visit.site.id, status, text, before or LAST, PAGE)
    )
    done = await done_before(visit, query.get("done"), query.get("same"))
    return visit.page(
        "comments.html",
        entries=shown(visit, found.entries),
        next=found.next,
        done=done,
        status=status,
        text=text,
        before=before,
        reach=moderation.REACH,
        server=visit.desk.settings.public_url,
    )


async def one(visit: Visit) -> Response:
    """One comment with everything that was ever done to it."""
    query = one_each(visit, {"done", "same"})
    done = await done_before(visit, query.get("done"), query.get("same"))
    return await whole(visit, await comment_of(visit), done)


async def whole(
    visit: Visit, comment: Comment, done: Done | None, *, typed: str = "", error: str = "", status: int = 200
) -> Response:
    """The page of one comment; `typed` is an answer that could not be published, `error` says why."""
    entry, log, names = await visit.desk.house.database.read(_whole(visit.site.id, comment))
    if entry is None:
        raise NotFound
    return visit.page(
        "comment.html",
        status,
        entry=shown(visit, [entry])[0],
        html=await _html(visit, entry.comment),
        log=log,
        names=names,
        key=secrets.token_urlsafe(16),
        done=done,
        typed=typed,
        error=error,
        takes_answers=_takes_answers(visit, comment.widget),
    )


async def log(visit: Visit) -> Response:
    """What moderators did, newest first."""
    before = cursor(one_each(visit, {"before"}).get("before"), "before")
    found, names = await visit.desk.house.database.read(_log(visit.site.id, before or LAST))
    rows = found[:LOG]
    following = rows[-1].id if len(found) > LOG else None
    return visit.page("log.html", log=rows, names=names, next=following)


def one_each(visit: Visit, allowed: set[str]) -> dict[str, str]:
    """The fields of a query, each given once at most."""
    return {name: values[0] for name, values in query_fields(visit.request, allowed).items()}


def cursor(text: str | None, field: str) -> str | None:
    """A cursor that an earlier page gave, or None."""
    if text is not None and not is_uuid(text):
        message = "The cursor is not one that this server gave."
        raise FieldInvalid(message, field=field)
    return text


def shown(visit: Visit, entries: Sequence[Entry]) -> list[dict[str, Any]]:
    """What the templates show of comments; a link only where it stays on the site's own pages."""
    return [
        {
            "comment": entry.comment,
            "parent": entry.parent,
            "title": entry.title or entry.url or entry.comment.subject,
            "link": page_link(entry.url, visit.site.origins),
            "reasons": entry.reasons,
            "history": entry.history,
            "offered": offered(entry.comment),
            "what": _what(visit, entry),
        }
        for entry in entries
    ]


def _what(visit: Visit, entry: Entry) -> str:
    """What a text is, where it is no comment: its widget, and what its writer chose there."""
    widget = entry.comment.widget
    if widget == COMMENTS:
        return ""
    plugin = visit.desk.house.widgets.get(widget)
    title = plugin.thing.title if plugin else widget
    return f"{title}: {entry.chosen}" if entry.chosen else title


def _takes_answers(visit: Visit, widget: str) -> bool:
    """Whether one can answer a text: its widget has replies, as comments have them."""
    plugin = visit.desk.house.widgets.get(widget)
    action = plugin.thing.actions.get("comment") if plugin else None
    return action is not None and "parent" in action.fields


async def _html(visit: Visit, comment: Comment) -> str:
    if comment.html_version == VERSION or not comment.source:
        return comment.html
    return await visit.desk.house.renderer.render(comment.source)


def _whole(
    site: str, comment: Comment
) -> Transaction[tuple[Entry | None, Sequence[Interaction], Mapping[str, str]]]:
    entry = yield from moderation.one(site, comment.id)
    found = yield from interactions.about(site, comment.id, WHOLE_LOG)
    names = yield from _names(site)
    person = yield from people.get(site, comment.person)
    return entry, found, {comment.person: (person.name if person else "") or "the author", **names}


def _log(site: str, before: str) -> Transaction[tuple[Sequence[Interaction], Mapping[str, str]]]:
    found = yield from moderation.log(site, before, LOG + 1)
    return found, (yield from _names(site))


def _names(site: str) -> Transaction[dict[str, str]]:
    found = yield from moderators.every(site)
    return {each.id: each.name for each in found}


def _status(word: str | None) -> Status | None:
    if not word:
        return None
    if word not in set(Status):
        message = f"The status is one of {', '.join(Status)}."
        raise FieldInvalid(message, field="status")
    return Status(word)
