"""The table of endpoints: every address of the embed API, from which its routes, reference and tests are made."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One address of the embed API: the fields it takes (name → what it means) and what it answers."""

    method: str
    path: str
    name: str
    summary: str
    fields: Mapping[str, str]
    needed: frozenset[str]
    is_stream: bool = False
    """True: it answers events for as long as the client reads, and no JSON."""


SUBJECT = "The subject: a page's key or one of the site's own."
SUBJECTS = "A page's key or one of the site's own; of several, once for each, or each on a line."
SUBJECTS_OF_FORM = "A page's key or one of the site's own; of several, each on a line."
WIDGETS = "Names of widgets with commas between; left out: all of the site's."
LANGUAGE = "The language of the fragments (BCP 47)."
GUEST = "The guest's token, from the answer to the first interaction."
KEY = "16 to 128 characters made at random; the same request with the same key is done once."
FORMAT = "`json` or `fragments` (HTML in JSON, for the elements)."

ENDPOINTS: Sequence[Endpoint] = (
    Endpoint(
        "GET",
        "/v1/{site}/page",
        "page",
        "The widgets of one subject, or of up to 200, in one answer that is the same for everybody.",
        {"subject": SUBJECTS, "widgets": WIDGETS, "lang": LANGUAGE, "format": FORMAT},
        frozenset({"subject"}),
    ),
    Endpoint(
        "GET",
        "/v1/{site}/counts",
        "counts",
        "How many published comments each of up to 200 subjects has.",
        {"subject": SUBJECTS, "lang": LANGUAGE, "format": FORMAT},
        frozenset({"subject"}),
    ),
    Endpoint(
        "GET",
        "/v1/{site}/thread",
        "thread",
        "A further part of a thread, or a widget's document that works without JavaScript.",
        {
            "subject": SUBJECT,
            "widget": "The widget's name; left out: `comments`.",
            "after": "The cursor that the part before gave.",
            "root": "The root comment whose further replies are asked for.",
            "lang": LANGUAGE,
            "format": "`json`, `fragments`, or `page` (a document).",
            "reply": "In the document: the comment to answer.",
            "widgets": "In the document: the widgets that it shows, with commas between; left out: the comments.",
        },
        frozenset({"subject"}),
    ),
    Endpoint(
        "GET",
        "/v1/{site}/live",
        "live",
        "A stream of what changes on a subject, as Server-Sent Events.",
        {
            "subject": SUBJECT,
            "after": "The id of the last event, as `Last-Event-ID` has it, which goes before.",
        },
        frozenset({"subject"}),
        is_stream=True,
    ),
    Endpoint(
        "POST",
        "/v1/{site}/interactions",
        "interactions",
        "Do one thing: the widget's action with its own fields.",
        {
            "subject": "The subject; left out: the page at `url`.",
            "url": "The page's address, on one of the site's origins.",
            "title": "The page's title.",
            "widget": "The widget's name.",
            "action": "One of the widget's actions; its fields come beside these.",
            "token": "The guest's token; left out: a new guest, whose token the answer brings.",
            "idempotency_key": KEY,
            "lang": LANGUAGE,
            "format": "`json`, `fragments`, or `page` (a redirect to the document).",
        },
        frozenset({"widget", "action"}),
    ),
    Endpoint(
        "POST",
        "/v1/{site}/session",
        "session",
        "What is the token's owner's own on one subject, or on up to 200.",
        {"token": GUEST, "subject": SUBJECTS_OF_FORM, "widgets": WIDGETS, "lang": LANGUAGE, "format": FORMAT},
        frozenset({"token", "subject"}),
    ),
    Endpoint(
        "PATCH",
        "/v1/{site}/interactions/{id}",
        "edit",
        "Put a new text in place of one's own comment.",
        {"token": GUEST, "text": "The new text.", "idempotency_key": KEY, "lang": LANGUAGE, "format": FORMAT},
        frozenset({"token", "text"}),
    ),
    Endpoint(
        "DELETE",
        "/v1/{site}/interactions/{id}",
        "delete",
        "Take one's own comment back.",
        {"token": GUEST, "idempotency_key": KEY, "lang": LANGUAGE, "format": FORMAT},
        frozenset({"token"}),
    ),
    Endpoint(
        "POST",
        "/v1/{site}/me",
        "me",
        "What is held about the token's owner: to read, to take along, or to take back.",
        {
            "token": GUEST,
            "action": "`read` (the default), `export` (a file), or `erase`, which nothing undoes.",
        },
        frozenset({"token"}),
    ),
)
