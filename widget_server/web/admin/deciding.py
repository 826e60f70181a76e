"""What moderators do to comments: each through the one path of every interaction."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from starlette.responses import JSONResponse, Response

from widget_server import interact
from widget_server.doing import Doing, Outcome
from widget_server.errors import FieldInvalid, NotFound
from widget_server.ids import is_uuid
from widget_server.store import comments, moderation, moderators
from widget_server.vocabulary import Comment, Interaction, Person, PersonKind, Role, Subject
from widget_server.web.admin.desk import Form, Visit
from widget_server.web.admin.words import DECISIONS, OFFERED, STATUSES
from widget_server.web.forms import Value, needed, refuse_others, text_of

LISTS = ("queue", "comments", "comment")
"""The pages on which one decides, to which one comes back."""


@dataclass(frozen=True, slots=True)
class Done:
    """The bar that tells what was decided a moment ago, with the way back."""

    message: str
    comment: str
    undo: str | None = None
    """The decision that can be taken back."""


async def decide(visit: Visit, form: Form) -> Response:
    """Approve, hold, reject, remove, or take the last decision back; for what was seen, and nothing newer."""
    comment = await comment_of(visit)
    action = needed(text_of(form, "action"), "action")
    if action not in DECISIONS:
        message = f"A decision is one of {', '.join(DECISIONS)}."
        raise FieldInvalid(message, field="action")
    back = {name: text_of(form, name) for name in ("from", "status", "text", "before")}
    fields: dict[str, Any] = {"id": comment.id, **_bound(form, action)}
    refuse_others(form)
    outcome = await perform(visit, comment, action, fields)
    done = await done_bar(visit, outcome.interaction if outcome.changed else None, comment.id)
    if visit.wants_json:
        body = {"message": done.message, "undo": done.undo, "comment": comment.id, "changed": outcome.changed}
        return JSONResponse(body)
    return _back(visit, comment, back, outcome)


async def perform(
    visit: Visit, comment: Comment, action: str, fields: dict[str, Any], key: str | None = None
) -> Outcome:
    """Do it by the one way anything happens, as the moderator."""
    site, moderator = visit.site, visit.moderator
    person = Person(site.id, moderator.id, PersonKind.MODERATOR, moderator.name)
    subject = Subject(site.id, comment.subject)
    doing = Doing(site, subject, comment.widget, action, fields, person, visit.now, Role.MODERATOR, key)
    return await interact.perform(visit.desk.house, doing)


async def comment_of(visit: Visit) -> Comment:
    """The comment that the address names, of the visit's own site."""
    name = visit.request.path_params["comment"]
    found = await visit.desk.house.database.read(comments.get(visit.site.id, name)) if is_uuid(name) else None
    if found is None:
        message = "There is no such comment on this site."
        raise NotFound(message)
    return found


async def done_bar(visit: Visit, interaction: Interaction | None, comment: str) -> Done:
    """What to say of a decision; None: nothing was left to do."""
    if interaction is None:
        found = await visit.desk.house.database.read(comments.get(visit.site.id, comment))
        status = STATUSES[found.status].lower() if found else "gone"
        return Done(f"Nothing changed: it was {status} already.", comment)
    if interaction.kind == "undo":
        after = interaction.data.get("after", "")
        return Done(f"Taken back: it is {after} again.", comment)
    said = f"{DECISIONS[interaction.kind][1]}."
    if interaction.person != visit.moderator.id:
        by = await visit.desk.house.database.read(moderators.get(visit.site.id, interaction.person))
        said = f"{DECISIONS[interaction.kind][1]} by {by.name if by else 'somebody'}."
    return Done(said, comment, interaction.id)


async def done_before(visit: Visit, done: str | None, same: str | None) -> Done | None:
    """The bar for the decision that the address names."""
    if same and is_uuid(same):
        return await done_bar(visit, None, same)
    if not done or not is_uuid(done):
        return None
    found = await visit.desk.house.database.read(moderation.decision(visit.site.id, done))
    if found is None or found.target is None or found.kind not in DECISIONS:
        return None
    return await done_bar(visit, found, found.target)


def offered(comment: Comment) -> list[tuple[str, str]]:
    """The decisions that make sense for a comment: action and label."""
    return [(action, DECISIONS[action][0]) for action in OFFERED[comment.status]]


def _bound(form: Form, action: str) -> dict[str, Value]:
    """What ties a decision to what was seen; a decision that names nothing is refused."""
    if action == "undo":
        return {"decision": needed(text_of(form, "decision"), "decision")}
    return {name: needed(text_of(form, name), name) for name in ("revision", "seen")}


def _back(visit: Visit, comment: Comment, back: dict[str, str | None], outcome: Outcome) -> Response:
    told = {"done": outcome.interaction.id} if outcome.changed else {"same": comment.id}
    match back["from"]:
        case "queue":
            return visit.redirect("queue", **told)
        case "comments":
            kept = {name: back[name] for name in ("status", "text", "before")}
            return visit.redirect("comments", **kept, **told)
        case _:
            return visit.redirect("comments", comment.id, **told)
