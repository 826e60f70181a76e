"""What the widgets of one subject show to those who keep order, for programs."""

from __future__ import annotations

import orjson
from starlette.responses import Response

from widget_server.pages import enabled, see
from widget_server.vocabulary import Role
from widget_server.web.admin.desk import Visit
from widget_server.web.admin.lists import one_each
from widget_server.web.describing import stored
from widget_server.web.embed import subject_of
from widget_server.web.rendering import as_json
from widget_server.widgets.base import Look, Summary, Widget


async def summaries(visit: Visit) -> Response:
    """The summaries by widget as JSON: those that everybody gets, and in them what only the site's own may know."""
    asked = subject_of(visit.site, one_each(visit, {"subject"}).get("subject"))
    subject = await visit.desk.house.database.read(stored(visit.site, asked))
    look = Look(visit.site, subject, visit.now, role=Role.MODERATOR)
    names = enabled(visit.desk.house, look)

    def made(_: Widget, summary: Summary, __: Look) -> object:
        return as_json(summary, {"own", "touched"})

    seen = await see(visit.desk.house, look, names, None, made)
    body = {"subject": subject.key, "widgets": seen.made, "degraded": seen.degraded}
    return Response(orjson.dumps(body), media_type="application/json")
