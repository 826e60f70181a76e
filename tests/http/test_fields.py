"""Fields: each is checked before anything is done with it; a request at fault changes nothing."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from typing import Any
from urllib.parse import urlencode

import httpx
import pytest

from tests.http.values import good_value, out_of_bounds, wrong_values
from tests.http.world import PAGE, SITE, Visitor, World
from widget_server.vocabulary import Role
from widget_server.web.endpoints import ENDPOINTS, Endpoint
from widget_server.widgets.base import Field, Whole, Widget
from widget_server.widgets.claps import Claps
from widget_server.widgets.comments import Comments
from widget_server.widgets.count import Count
from widget_server.widgets.like import Like
from widget_server.widgets.reactions import Reactions

KEY = "0123456789abcdef"
POSTS = [endpoint for endpoint in ENDPOINTS if endpoint.method in {"POST", "PATCH"}]
READS = [endpoint for endpoint in ENDPOINTS if endpoint.method == "GET"]
WIDGETS: list[Widget] = [Like(), Comments(), Count(), Reactions(), Claps()]
ACTIONS = [
    (widget, action)
    for widget in WIDGETS
    for action, about in widget.actions.items()
    if about.role is Role.PERSON
]

INSIDE = ("sqlite", "select ", "insert into", "traceback", "transom.sqlite3", ".py")
"""What no answer tells of."""

NONSENSE = ({"format", "widgets", "after"}, {"format"})  # a stream begins anew where its cursor leads nowhere


@pytest.mark.parametrize("endpoint", POSTS, ids=lambda endpoint: endpoint.name)
async def test_every_field_of_an_endpoint_is_checked(
    world: World, charlie: Visitor, endpoint: Endpoint
) -> None:
    comment = await charlie.says("hello")
    good = await good_fields(endpoint, charlie)
    before = await world.dump()
    faults = {}
    for field in endpoint.fields:
        for name, value in wrong_values(field, needed=field in endpoint.needed):
            fields = {**good, field: value}
            answer = await send(charlie.client, endpoint, comment, fields)
            if not refuses(answer, field):
                faults[f"{field}: {name}"] = (answer.status_code, answer.text[:200])
    for field in sorted(endpoint.needed):
        fields = {name: value for name, value in good.items() if name != field}
        answer = await send(charlie.client, endpoint, comment, fields)
        if not refuses(answer, field) and field != "token":
            faults[f"{field}: missing"] = (answer.status_code, answer.text[:200])

    assert faults == {}
    assert await world.dump() == before


@pytest.mark.parametrize(
    ("widget", "action"), ACTIONS, ids=lambda each: each if isinstance(each, str) else each.name
)
async def test_every_field_of_an_action_is_checked(
    world: World, charlie: Visitor, widget: Widget, action: str
) -> None:
    comment = await charlie.says("hello")
    schema: Mapping[str, Field] = widget.actions[action].fields
    good = {
        "widget": widget.name,
        "action": action,
        **{name: good_value(field, comment) for name, field in schema.items()},
    }
    before = await world.dump()
    faults = {}
    for field, about in schema.items():
        wrong = dict([*wrong_values(field, needed=about.required), *out_of_bounds(about)])
        if isinstance(about, Whole):
            del wrong["number"]
        for name, value in wrong.items():
            answer = await charlie.post_json(**{**good, field: value})
            if not refuses(answer, field):
                faults[f"{field}: {name}"] = (answer.status_code, answer.text[:200])
    unknown = await charlie.post(**good, surprise="x")

    assert faults == {}
    assert refuses(unknown, "surprise")
    assert unknown.json()["code"] == "field_unknown"
    assert await world.dump() == before


@pytest.mark.parametrize("endpoint", READS, ids=lambda endpoint: endpoint.name)
async def test_every_query_field_is_checked(world: World, endpoint: Endpoint) -> None:
    path = endpoint.path.format(site=SITE)
    cases: dict[str, tuple[list[tuple[str, str]], str | None]] = {
        "unknown": ([("subject", "a"), ("surprise", "x")], "surprise"),
        "missing": ([], "subject"),
        "empty": ([("subject", "")], "subject"),
        "too long": ([("subject", "a" * 9_000)], "subject"),
        "null character": ([("subject", "a\0b")], "subject"),
        "too many": ([("subject", "a")] * 300, None),
    }
    for field in set(endpoint.fields) & NONSENSE[endpoint.name == "live"]:
        cases[f"nonsense in {field}"] = ([("subject", "a"), (field, "nonsense!")], field)
    if endpoint.name != "counts":
        cases |= {
            f"{field} twice": ([("subject", "a"), (field, "x"), (field, "x")], field)
            for field in endpoint.fields.keys() - ({"subject"} if endpoint.name == "page" else set())
        }
    faults, headers = {}, {"accept": "application/json"}
    for name, (query, blamed) in cases.items():
        answer = await world.reader.get(f"{path}?{urlencode(query)}", headers=headers)
        if not refuses(answer, blamed):
            faults[name] = (answer.status_code, answer.text[:200])

    assert faults == {}
    assert refuses(await world.reader.get(f"{path}?subject=%ff%fe"), None)


BODIES: list[tuple[str, bytes, int, str]] = [
    ("application/json", b"{", 422, "field_invalid"),
    ("application/json", b"", 422, "field_invalid"),
    ("application/json", b"null", 422, "field_invalid"),
    ("application/json", b"[]", 422, "field_invalid"),
    ("application/json", b'"text"', 422, "field_invalid"),
    ("application/json", b"NaN", 422, "field_invalid"),
    ("application/json", b"[" * 50_000, 422, "field_invalid"),
    ("application/json", b'{"a":' * 10_000, 422, "field_invalid"),
    ("application/json", b'{"subject": ' + b"[" * 900 + b"]" * 900 + b"}", 422, "field_invalid"),
    ("application/json", b'{"subject": "\\ud800", "widget": "like", "action": "like"}', 422, "field_invalid"),
    ("application/json", b'{"subject": "\xff", "widget": "like", "action": "like"}', 422, "field_invalid"),
    ("application/json", b'{"subject": "a", "subject": "b", "widget": "like", "action": "like"}', 422, "field_invalid"),
    ("application/json", b'{"subject": "a", "widget": "like", "action": "like", "text": 1e999}', 422, "field_invalid"),
    ("application/x-www-form-urlencoded", b"subject=%ff&widget=like&action=like", 422, "field_invalid"),
    ("application/x-www-form-urlencoded", b"subject=%c3%28&widget=like&action=like", 422, "field_invalid"),
    ("application/x-www-form-urlencoded", b"subject=\xff&widget=like&action=like", 422, "field_invalid"),
    ("application/x-www-form-urlencoded", b"subject=a&subject=b&widget=like&action=like", 422, "field_invalid"),
    ("application/x-www-form-urlencoded", b"&".join([b"a=1"] * 1_000), 422, "field_invalid"),
    ("application/x-www-form-urlencoded", b"", 422, "field_invalid"),
    ("application/x-www-form-urlencoded", b"subject=" + b"a" * 70_000, 413, "too_large"),
    ("application/json", b'{"text": "' + b"a" * 70_000 + b'"}', 413, "too_large"),
    ("", b"subject=a&widget=like&action=like", 415, "media_type_unsupported"),
    ("text/plain", b"subject=a&widget=like&action=like", 415, "media_type_unsupported"),
    ("multipart/form-data; boundary=x", b"--x--", 415, "media_type_unsupported"),
    ("application/jsonx", b"{}", 415, "media_type_unsupported"),
    ("application/xml", b"<a/>", 415, "media_type_unsupported"),
]  # fmt: skip


async def test_a_body_at_fault_is_refused(world: World) -> None:
    for kind, body, status, code in BODIES:
        before = await world.dump()
        headers = {"origin": PAGE} | ({"content-type": kind} if kind else {})
        answer = await world.reader.post(f"/v1/{SITE}/interactions", content=body, headers=headers)

        assert (answer.status_code, answer.json()["code"]) == (status, code)
        assert refuses(answer, None)
        assert await world.dump() == before


@pytest.mark.straight("nginx itself refuses a body that it does not pass on")
async def test_a_declared_length_is_no_way_in(world: World) -> None:
    for length in ("99999999", "9" * 5_000, "\u00b2", "-1", "x"):
        answer = await world.reader.post(
            f"/v1/{SITE}/interactions",
            content=b"{}",
            headers=[
                (b"origin", PAGE.encode()),
                (b"content-type", b"application/json"),
                (b"content-length", length.encode("latin-1")),
            ],
        )

        assert answer.status_code in {413, 422}


@pytest.mark.straight("nginx takes a body in before it passes it on, up to a limit of its own")
async def test_a_body_that_never_ends_is_refused_at_the_limit(world: World) -> None:
    sent = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal sent
        while True:
            sent += 1
            yield b"a" * 1_000

    headers = {"origin": PAGE, "content-type": "application/json"}
    answer = await world.reader.post(f"/v1/{SITE}/interactions", content=endless(), headers=headers)

    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")
    assert sent < 100


NOWHERE = [
    ("/v1/nosite/page?subject=a", "site"),
    ("/v1/' or 1=1 --/page?subject=a", "site"),
    ("/v1/%00/page?subject=a", "site"),
    (f"/v1/{'a' * 5_000}/page?subject=a", "site"),
    ("/v1/blog/nothing", None),
    ("/v1/blog", None),
    ("/v2/blog/page?subject=a", None),
    ("/../../etc/passwd", None),
    ("/t/0000/transom.js", None),
]


@pytest.mark.straight("some of these paths lead out of the prefix, and nginx itself refuses others")
async def test_an_address_that_leads_nowhere_says_so(world: World) -> None:
    for path, field in NOWHERE:
        answer = await world.reader.get(path)

        assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
        assert answer.json().get("field") == field


def refuses(answer: httpx.Response, field: str | None) -> bool:
    """Whether this is a problem (RFC 9457) that blames the field and tells nothing of the inside."""
    if not 400 <= answer.status_code < 500 or answer.headers["content-type"] != "application/problem+json":
        return False
    problem = answer.json()
    is_whole = {"type", "title", "status", "detail", "code", "request_id"} <= set(problem)
    told = answer.text.lower()
    is_quiet = not any(word in told for word in INSIDE)
    blames = (
        field is None
        or problem.get("field") == field
        or (field, problem["code"]) == ("token", "token_invalid")
    )
    return is_whole and is_quiet and blames and problem["status"] == answer.status_code and len(told) < 2_000


async def good_fields(endpoint: Endpoint, visitor: Visitor) -> dict[str, Any]:
    """Fields that the endpoint takes."""
    values = {
        "subject": "a",
        "url": f"{PAGE}/post",
        "title": "A post",
        "widget": "like",
        "action": "like" if endpoint.name == "interactions" else "read",
        "widgets": "like",
        "token": visitor.token,
        "idempotency_key": KEY,
        "lang": "en",
        "format": "json",
        "text": "changed",
    }
    return {field: values[field] for field in endpoint.fields}


async def send(
    client: httpx.AsyncClient, endpoint: Endpoint, comment: str, fields: Mapping[str, Any]
) -> httpx.Response:
    """The request with these fields, as JSON."""
    path = endpoint.path.format(site=SITE, id=comment)
    return await client.request(
        endpoint.method, path, json=dict(fields), headers={"origin": PAGE, "accept": "application/json"}
    )
