"""The log of a server: on stderr, one line for each record, and nothing of what people sent."""

from __future__ import annotations

import json
import logging
import time
import traceback
from collections.abc import Iterator, Mapping
from pathlib import Path

from widget_server.errors import Misconfigured, Unavailable
from widget_server.web.watching import REQUEST_ID

OURS = (Unavailable, Misconfigured, OSError)
"""Errors whose message speaks of the server alone; any other may repeat what somebody wrote."""

MOST_PLACES = 12
"""Places of one error that are told: the last ones, where it happened."""


class OneLine(logging.Formatter):
    """A record as one line: when, how bad, where from, what, and of an error its kinds and places."""

    def format(self, record: logging.LogRecord) -> str:
        """The line, without its end."""
        line = f"{_when(record)} {record.levelname} {record.name}: {record.getMessage()}"
        if record.exc_info and record.exc_info[1]:
            line = f"{line}: {'; because of '.join(_kinds(record.exc_info[1]))}"
        return " ".join(line.split())


class JsonLine(logging.Formatter):
    """The same as an object of JSON, with the id of the request that it is about."""

    def format(self, record: logging.LogRecord) -> str:
        """The line, without its end."""
        told: dict[str, object] = {
            "time": _when(record),
            "level": record.levelname.lower(),
            "logger": record.name,
            "process": record.process,
            "message": record.getMessage(),
        }
        request = REQUEST_ID.get()
        if request:
            told["request_id"] = request
        if record.exc_info and record.exc_info[1]:
            told["errors"] = list(_kinds(record.exc_info[1]))
        return json.dumps(told)


FORMATTERS: Mapping[str, type[logging.Formatter]] = {"text": OneLine, "json": JsonLine}


def write_log(form: str = "text") -> None:
    """Let all loggers write warnings, and whatever is worse, to stderr, and the server's own also what is worth it."""
    handler = logging.StreamHandler()
    handler.setFormatter(FORMATTERS[form]())
    logging.basicConfig(level=logging.WARNING, handlers=[handler])
    logging.getLogger("widget_server").setLevel(logging.INFO)


def _when(record: logging.LogRecord) -> str:
    return f"{time.strftime('%Y-%m-%dT%H:%M:%S', time.gmtime(record.created))}.{int(record.msecs):03}Z"


def _kinds(error: BaseException) -> Iterator[str]:
    """An error and those that led to it: each with its places, and with its message where that is the server's own."""
    seen: set[int] = set()
    current: BaseException | None = error
    while current is not None and id(current) not in seen:
        seen.add(id(current))
        said = f": {current}" if isinstance(current, OURS) else ""
        yield f"{type(current).__name__}{said} ({_places(current)})"
        current = current.__cause__ or (None if current.__suppress_context__ else current.__context__)


def _places(error: BaseException) -> str:
    frames = traceback.extract_tb(error.__traceback__)[-MOST_PLACES:]
    return " > ".join(
        f"{'/'.join(Path(each.filename).parts[-2:])}:{each.lineno} {each.name}" for each in frames
    )
