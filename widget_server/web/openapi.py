"""The OpenAPI document, made from the table of endpoints and the widgets' own actions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from widget_server import __version__
from widget_server.plugins import Plugin
from widget_server.web.endpoints import Endpoint
from widget_server.widgets.base import (
    Action,
    Emoji,
    Field,
    Flag,
    Id,
    Lines,
    Moment,
    OneOf,
    Text,
    Whole,
    Widget,
)

Json = dict[str, Any]

FORM = "application/x-www-form-urlencoded"
JSON = "application/json"
EVENTS = "text/event-stream"
PROBLEM = "application/problem+json"

PROBLEM_SCHEMA: Json = {
    "type": "object",
    "required": ["type", "title", "status", "detail", "code", "request_id"],
    "properties": {
        "type": {"type": "string", "format": "uri"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "code": {"type": "string"},
        "request_id": {"type": "string"},
        "field": {"type": "string"},
    },
}


def openapi(endpoints: Sequence[Endpoint], widgets: Mapping[str, Plugin[Widget]], public_url: str) -> Json:
    """An OpenAPI 3.1 document of the embed API of a server with these widgets, found at that address."""
    paths: dict[str, Json] = {}
    for endpoint in endpoints:
        paths.setdefault(endpoint.path, {})[endpoint.method.lower()] = _operation(endpoint, widgets)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Transom", "version": __version__, "license": {"name": "MIT", "identifier": "MIT"}},
        "servers": [{"url": public_url}],
        "paths": paths,
        "components": {
            "schemas": {"Problem": PROBLEM_SCHEMA},
            "responses": {
                "Problem": {
                    "description": "An RFC 9457 problem with a stable `code`.",
                    "content": {PROBLEM: {"schema": {"$ref": "#/components/schemas/Problem"}}},
                }
            },
        },
    }


def _operation(endpoint: Endpoint, widgets: Mapping[str, Plugin[Widget]]) -> Json:
    places = [name for name in ("site", "id") if f"{{{name}}}" in endpoint.path]
    operation: Json = {
        "operationId": endpoint.name,
        "summary": endpoint.summary,
        "parameters": [_parameter(name, "path", f"The {name}.", required=True) for name in places],
        "responses": {
            "200": {
                "description": "Done.",
                "content": {EVENTS: {"schema": {"type": "string"}}}
                if endpoint.is_stream
                else {JSON: {"schema": {"type": "object"}}},
            },
            "default": {"$ref": "#/components/responses/Problem"},
        },
    }
    if endpoint.method == "GET":
        operation["parameters"] += [
            _parameter(name, "query", text, required=name in endpoint.needed)
            for name, text in endpoint.fields.items()
        ]
    else:
        schema = _body(endpoint, widgets)
        operation["requestBody"] = {
            "required": True,
            "content": {kind: {"schema": schema} for kind in (FORM, JSON)},
        }
    return operation


def _parameter(name: str, place: str, text: str, *, required: bool) -> Json:
    schema: Json = {"type": "string"}
    return {"name": name, "in": place, "required": required, "description": text, "schema": schema}


def _body(endpoint: Endpoint, widgets: Mapping[str, Plugin[Widget]]) -> Json:
    properties: Json = {
        name: {"type": "string", "description": text} for name, text in endpoint.fields.items()
    }
    whole: Json = {"type": "object", "required": sorted(endpoint.needed), "properties": properties}
    if endpoint.name != "interactions":
        return whole | {"additionalProperties": False}
    variants = [
        _variant(widget, action, plugin.thing.actions[action])
        for widget, plugin in widgets.items()
        for action in plugin.thing.actions
    ]
    return {"allOf": [whole, {"oneOf": variants}]} if variants else whole


def _variant(widget: str, name: str, action: Action) -> Json:
    return {
        "type": "object",
        "title": f"{widget}: {action.title}",
        "required": [field for field, kind in action.fields.items() if kind.required],
        "properties": {
            "widget": {"const": widget},
            "action": {"const": name},
            **{field: _schema(kind) for field, kind in action.fields.items()},
        },
    }


def _schema(kind: Field) -> Json:  # noqa: PLR0911 - one for each kind
    match kind:
        case Text():
            return {"type": "string", "minLength": kind.least, "maxLength": kind.most}
        case Whole():
            return {"type": "integer", "minimum": kind.least, "maximum": kind.most}
        case Id():
            return {"type": "string", "format": "uuid"}
        case OneOf():
            return {"type": "string", "enum": list(kind.words)}
        case Emoji():
            return {"type": "string", "description": "one emoji"}
        case Lines():
            return {"type": "string", "description": f"{kind.least} to {kind.most} different lines"}
        case Flag():
            return {"type": "boolean"}
        case Moment():
            return {"type": "string", "format": "date-time"}
