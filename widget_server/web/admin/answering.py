"""Answers of the site's own people, written in the admin."""

from __future__ import annotations

from starlette.responses import Response

from widget_server.errors import Refused
from widget_server.people.guests import checked_key
from widget_server.web.admin.deciding import comment_of, perform
from widget_server.web.admin.desk import Form, Visit
from widget_server.web.admin.lists import whole
from widget_server.web.forms import needed, refuse_others, text_of


async def reply(visit: Visit, form: Form) -> Response:
    """Answer a comment; what cannot be published is shown again as it was typed."""
    comment = await comment_of(visit)
    text = text_of(form, "text") or ""
    key = checked_key(needed(text_of(form, "key"), "key"))
    refuse_others(form)
    fields = {"text": text, "parent": comment.id, "name": visit.moderator.name}
    try:
        outcome = await perform(visit, comment, "comment", fields, key)
    except Refused as error:
        return await whole(visit, comment, None, typed=text, error=error.detail, status=error.status)
    return visit.redirect("comments", outcome.interaction.id)
