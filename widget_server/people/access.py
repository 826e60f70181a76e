"""Access: who may do what with whose text. Every look at somebody else's data asks here."""

from __future__ import annotations

from widget_server.errors import Forbidden, Gone, NotFound, WindowClosed
from widget_server.vocabulary import Comment, Person, Role, SiteSettings, Status


def own_text(
    comment: Comment, person: Person, settings: SiteSettings, now: int, *, late: bool = False
) -> Comment:
    """The comment, if this person may still change it; else the error that says why not.

    `late`: no time is set for it.
    """
    if comment.person != person.id:
        if comment.status is not Status.PUBLISHED:
            raise NotFound  # whether it exists is nobody's business
        message = "This comment is somebody else's."
        raise Forbidden(message)
    match comment.status:
        case Status.DELETED | Status.REMOVED:
            raise Gone
        case Status.REJECTED:
            message = "This comment was refused and cannot be changed."
            raise Forbidden(message)
        case _:
            pass
    if not late and now >= comment.created + settings.edit_window * 1000:
        message = "The time for changing this comment is over."
        raise WindowClosed(message)
    return comment


def text_at(comment: Comment | None, subject: str, widget: str) -> Comment:
    """The comment, if it stands where the request says: `NotFound` for one of another subject or widget."""
    if comment is None or (comment.subject, comment.widget) != (subject, widget):
        raise NotFound
    return comment


def judged_text(comment: Comment) -> Comment:
    """The comment, if a moderator may decide on it."""
    if comment.status is Status.DELETED:
        message = "Its author took this comment back; there is nothing left to decide."
        raise Gone(message)
    return comment


def may_act(role: Role, required: Role) -> None:
    """Raise `Forbidden` unless the role is enough for an action."""
    if required is Role.MODERATOR and role is not Role.MODERATOR:
        message = "Only a moderator of this site may do that."
        raise Forbidden(message)
