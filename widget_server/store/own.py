"""Own tables: the statements of plug-ins, completed with what the server knows better than they."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from widget_server.errors import PluginFailed, Unavailable
from widget_server.vocabulary import Interaction, Row, Statement, Transaction, Value

PARAMETER = re.compile(r"(?<![:\w]):([a-z_]\w*)")

MOST = 16
"""Statements that one plug-in may add to one doing, export or erasure."""

MOST_ROWS = 10_000
"""Rows that one statement may give to an export."""


def applied(interaction: Interaction, own: Sequence[Statement]) -> Transaction[None]:
    """Write what a widget writes into tables of its own; where that fails, so does the doing, and it alone."""
    known: Mapping[str, Value] = {
        "site": interaction.site,
        "subject": interaction.subject,
        "person": interaction.person,
        "interaction": interaction.id,
        "at": interaction.at,
    }
    yield from written(interaction.widget, own, known)


def written(plugin: str, own: Sequence[Statement], known: Mapping[str, Value]) -> Transaction[None]:
    """The statements of a plug-in, one after the other; raises `PluginFailed` for one that cannot be done."""
    for statement in own:
        yield from _done(plugin, statement, known)


def target(plugin: str, statement: Statement, known: Mapping[str, Value]) -> Transaction[str | None]:
    """The `target` that a plug-in's statement selects; None where it finds no row."""
    rows = yield from _done(plugin, statement, known)
    return str(rows[0]["target"]) if rows else None


def told(
    plugin: str, own: Mapping[str, Statement], known: Mapping[str, Value]
) -> Transaction[dict[str, Any]]:
    """What a plug-in's tables hold: rows as plain values, by what they are."""
    found: dict[str, Any] = {}
    for name, statement in own.items():
        found[name] = yield from rows(plugin, statement, known)
    return found


def rows(
    plugin: str, statement: Statement, known: Mapping[str, Value]
) -> Transaction[Sequence[dict[str, Any]]]:
    """What a statement of a plug-in selects, as plain values; the first `MOST_ROWS` of it."""
    found = yield from _done(plugin, statement, known)
    return [_plain(row) for row in found[:MOST_ROWS]]


def completed(statement: Statement, known: Mapping[str, Value]) -> Statement:
    """The statement with those of its parameters that the server knows better."""
    named = set(PARAMETER.findall(statement.text))
    better = {name: known[name] for name in named & set(known)}
    return Statement(statement.text, {**statement.parameters, **better})


def _done(plugin: str, statement: Statement, known: Mapping[str, Value]) -> Transaction[Sequence[Row]]:
    try:
        return (yield completed(statement, known))
    except Unavailable as error:
        message = f"{plugin} failed."
        raise PluginFailed(message) from error


def _plain(row: Row) -> dict[str, Any]:
    return {name: row[name] for name in row.keys()}  # noqa: SIM118 - to iterate a row gives its values
