"""The comments widget: write, reply at any depth, edit and delete one's own; moderators keep order."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from widget_server.vocabulary import (
    Comment,
    Erase,
    Intent,
    Mine,
    Mode,
    ReadComment,
    Reading,
    ReadTally,
    ReadThread,
    Rewrite,
    Site,
    Status,
    Tally,
    ThreadPage,
    Write,
)
from widget_server.widgets.base import (
    DECISIONS,
    LONGEST_NAME,
    LONGEST_TEXT,
    Action,
    Id,
    Look,
    Summary,
    Text,
    decided,
)


class Comments:
    """A thread of texts with replies."""

    name = "comments"
    version = "1"
    title = "Comments"
    package = "widget_server.widgets.comments"
    actions: Mapping[str, Action] = {
        "comment": Action(
            "Write a comment, or with `parent` a reply",
            {
                "text": Text(most=LONGEST_TEXT),
                "parent": Id(required=False),
                "name": Text(most=LONGEST_NAME, least=0, required=False),
            },
        ),
        "edit": Action("Change one's own comment", {"id": Id(), "text": Text(most=LONGEST_TEXT)}),
        "delete": Action("Take one's own comment back", {"id": Id()}),
        **DECISIONS,
    }

    def accept(self, action: str, fields: Mapping[str, Any], site: Site) -> Intent:  # noqa: ARG002 - the contract's shape
        """The intent of one action."""
        match action:
            case "comment":
                return Write(action, fields["text"], fields.get("parent"), fields.get("name"))
            case "edit":
                return Rewrite(action, fields["id"], fields["text"])
            case "delete":
                return Erase(action, fields["id"])
            case _:
                return decided(action, fields)

    def load(self, look: Look) -> Reading[ThreadPage]:
        """One page of the thread; after a doing only the text that it was about."""
        if look.doing in {"page", "thread"}:
            page: ThreadPage = yield ReadThread(after=look.after, root=look.root)
            return page
        tally: Tally = yield ReadTally()
        touched: Comment | None = (yield ReadComment(look.touched)) if look.touched else None
        return ThreadPage((touched,) if touched else (), tally.counts.get("published", 0))

    def summary(self, loaded: ThreadPage, mine: Mine, look: Look) -> Summary:
        """What readers see of a thread, and what is one person's own of it.

        `{"count", "comments", "own", "touched", "next", "more", "closed", "name_required", "max_length", "name"}`;
        `touched` are the comments that the doing at hand changed or asked for, `next` is the cursor of the next
        roots, `more` that of the next replies under the root that was asked for. A comment:
        `{"id", "parent", "root", "depth", "status", "name", "html", "created", "edited", "replies", "mine",
        "staff", "editable", "source", "editable_until", "more"}`; times are milliseconds since the epoch, UTC.
        A tombstone has neither name nor html.
        """
        shown = [_shown(comment, loaded, mine, look) for comment in loaded.comments]
        own = [_shown(comment, loaded, mine, look) for comment in mine.comments]
        return {
            "count": loaded.total,
            "comments": shown,
            "own": own,
            "touched": own if look.doing == "session" else shown,
            "next": loaded.next,
            "more": _more(loaded, look.root),
            "closed": look.site.settings.mode is Mode.CLOSED,
            "name_required": look.site.settings.name_required,
            "max_length": look.site.settings.max_length,
            "name": mine.person.name if mine.person else "",
        }


def _more(page: ThreadPage, root: str | None) -> Summary | None:
    """Where the replies under a root go on; in a part that holds replies alone, it stands beside them."""
    cursor, left = page.more.get(root or "", ("", 0))
    return {"cursor": cursor, "left": left, "root": root} if cursor else None


def _status(comment: Comment, *, is_mine: bool) -> Status:
    """What readers are told: that a text waits or was refused is its author's business alone."""
    if comment.status in {Status.HELD, Status.REJECTED} and not is_mine:
        return Status.REMOVED
    return comment.status


def _shown(comment: Comment, page: ThreadPage, mine: Mine, look: Look) -> Summary:
    is_mine = mine.person is not None and mine.person.id == comment.person
    visible = comment.status is Status.PUBLISHED or (comment.status is Status.HELD and is_mine)
    editable = is_mine and look.now < comment.created + look.site.settings.edit_window * 1000
    return {
        "id": comment.id,
        "parent": comment.parent,
        "root": comment.root,
        "depth": comment.depth,
        "status": str(_status(comment, is_mine=is_mine)),
        "name": comment.name if visible else "",
        "html": comment.html if visible else "",
        "created": comment.created,
        "edited": comment.edited if visible else None,
        "replies": comment.replies,
        "staff": comment.staff and visible,
        "mine": is_mine,
        "editable": editable and visible,
        "source": comment.source if editable and visible else None,
        "editable_until": comment.created + look.site.settings.edit_window * 1000 if editable else None,
        "more": _more(page, comment.id),
    }
