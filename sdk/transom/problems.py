"""What the server says when it says no: RFC 9457 problems as one exception."""

from __future__ import annotations

import json
from typing import Any

import httpx


class Problem(Exception):
    """The server refused, or could not answer; `code` is stable, for programs, and `detail` for people."""

    def __init__(self, status: int, code: str, detail: str, request_id: str | None = None) -> None:
        """Keep the HTTP status and what the problem document says."""
        self.status = status
        self.code = code
        self.detail = detail
        self.request_id = request_id
        named = f" [request {request_id}]" if request_id else ""
        super().__init__(f"{status} {code}: {detail}{named}")


def problem_of(response: httpx.Response) -> Problem:
    """The problem in an answer; of code `http_error` where somebody else answered, such as a proxy."""
    body = read_object(response)
    code = body.get("code")
    if not isinstance(code, str):
        return Problem(response.status_code, "http_error", response.reason_phrase or "No reason was given.")
    detail = body.get("detail") or body.get("title") or ""
    request_id = body.get("request_id")
    return Problem(response.status_code, code, str(detail), str(request_id) if request_id else None)


def read_object(response: httpx.Response) -> dict[str, Any]:
    """The JSON object of an answer; an empty one where it holds something else."""
    try:
        body = response.json()
    except (json.JSONDecodeError, UnicodeDecodeError):
        return {}
    return body if isinstance(body, dict) else {}
