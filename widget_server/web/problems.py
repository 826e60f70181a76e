"""Problems: every error as an RFC 9457 document with a stable code, and the id under which the log has it."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Mapping
from dataclasses import dataclass

import orjson
from starlette.requests import Request
from starlette.responses import Response

from widget_server.errors import MethodNotAllowed, Misconfigured, NotFound, TransomError, Unavailable
from widget_server.web.watching import REQUEST_ID

logger = logging.getLogger(__name__)

DOCS = "https://transom.dev/problems/"
"""Names the kind of problem (RFC 9457 `type`); it need not lead anywhere."""

BUG = "Something went wrong on the server; the log has it under the request id."


@dataclass(frozen=True, slots=True)
class Told:
    """An error as outsiders are told of it."""

    error: TransomError
    request_id: str
    """Under which the log has it, if it is a fault of the server."""
    headers: Mapping[str, str]

    @property
    def is_ours(self) -> bool:
        """Whether it is the server's own fault."""
        return self.error.status >= 500  # noqa: PLR2004 - 5xx are the server's own faults


def tell(error: TransomError) -> Told:
    """What of an error goes out; nothing of the inside is in it, and where it is ours, the log has the rest."""
    shown, headers = _without_insides(error), {"cache-control": "no-store"}
    if shown.retry_after is not None or isinstance(shown, Unavailable):
        headers["retry-after"] = str(shown.retry_after or 1)
    told = Told(shown, REQUEST_ID.get() or secrets.token_hex(8), headers)
    if told.is_ours:
        logger.error("request %s failed", told.request_id, exc_info=error)
    return told


def problem(error: TransomError) -> Response:
    """The answer that tells of an error."""
    return as_problem(tell(error))


def as_problem(told: Told) -> Response:
    """The problem document of an error."""
    shown = told.error
    body: dict[str, object] = {
        "type": f"{DOCS}{shown.code}",
        "title": (type(shown).__doc__ or "").strip().splitlines()[0],
        "status": shown.status,
        "detail": shown.detail,
        "code": shown.code,
        "request_id": told.request_id,
    }
    if shown.field:
        body["field"] = shown.field
    headers = {**told.headers, "access-control-allow-origin": "*"}
    return Response(orjson.dumps(body), shown.status, headers, "application/problem+json")


def _without_insides(error: TransomError) -> TransomError:
    """The server's own faults are told in their class's sentence: what went wrong inside is for the log."""
    if isinstance(error, Misconfigured):
        return TransomError(BUG)
    return type(error)(retry_after=error.retry_after) if isinstance(error, Unavailable) else error


async def on_transom_error(request: Request, error: Exception) -> Response:  # noqa: ARG001 - Starlette's shape
    """An error of ours, as it says itself."""
    return problem(error if isinstance(error, TransomError) else TransomError())


async def on_not_found(request: Request, error: Exception) -> Response:  # noqa: ARG001 - Starlette's shape
    """No such route."""
    return problem(NotFound())


async def on_method_not_allowed(request: Request, error: Exception) -> Response:  # noqa: ARG001 - Starlette's shape
    """A route, and not for this method."""
    answer = problem(MethodNotAllowed())
    answer.headers.update(getattr(error, "headers", None) or {})  # `Allow` says which ones it takes
    return answer


async def on_any_error(request: Request, error: Exception) -> Response:  # noqa: ARG001 - Starlette's shape
    """A bug: an id and nothing else goes out, the log has the rest."""
    bug = TransomError(BUG)
    bug.__cause__ = error
    return problem(bug)
