"""Many transactions in step: the statements that all of them make next are sent together, one text at a time."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import Enum
from functools import lru_cache
from time import monotonic
from typing import Any

import asyncpg

from widget_server import errors
from widget_server.store.changes import NOTES
from widget_server.store.database import Apart
from widget_server.store.driving import TOO_LONG, first_word
from widget_server.store.jobs import Job
from widget_server.store.postgres_session import Done, Notes, Session, advance
from widget_server.store.postgres_text import PIECE, translated
from widget_server.vocabulary import Row, Statement, Transaction

WRITES = re.compile(r"\b(?:insert|update|delete)\b", re.IGNORECASE)
RETURNING = re.compile(r"\breturning\b", re.IGNORECASE)

WHOSE = '"?job"'
"""The column that says whose a row is: no name that a statement could have given."""


class Shape(Enum):
    """How a statement can be asked for many at a time."""

    SILENT = "it has no rows"
    TOLD = "each row says whose it is"
    SINGLE = "only one by one"


class Stumbled(Exception):
    """These raised; what the others did in step with them cannot be kept."""

    def __init__(self, jobs: Sequence[Job]) -> None:
        super().__init__()
        self.jobs = frozenset(jobs)


@dataclass(slots=True)
class _Run:
    job: Job
    transaction: Transaction[Any]
    rows: Sequence[Row] | None = None
    value: object = None
    noted: Notes = field(default_factory=dict)


def apart(jobs: Sequence[Job]) -> tuple[list[Job], list[Job]]:
    """Those that can go in step, one of each key, and the others."""
    chosen: dict[object, Job] = {}
    others = []
    for job in jobs:
        key = job.transaction.key if isinstance(job.transaction, Apart) and job.patience is None else None
        if key is None or key in chosen:
            others.append(job)
        else:
            chosen[key] = job
    return list(chosen.values()), others


async def in_step(session: Session, jobs: Sequence[Job]) -> list[Done]:
    """Run all of them, and give what each returns. Nothing of it may be kept where it raises.

    Raises `Stumbled` with those that raised by themselves, and what the driver raises for a statement.
    """
    until = monotonic() + session.limits.patience
    active = [_Run(job, job.begun()) for job in jobs]
    done: list[_Run] = []
    stumbled: list[Job] = []
    for _ in range(session.limits.statements):
        asked: dict[str, list[tuple[_Run, Sequence[object]]]] = {}
        for run in active:
            try:
                statement = _next(run, session.limits.statements)
                if statement is None:
                    done.append(run)
                else:
                    text, values = translated(statement)
                    asked.setdefault(text, []).append((run, values))
            except Exception:  # noqa: BLE001 - it is run again by itself, and raises again
                stumbled.append(run.job)
        active = [run for group in asked.values() for run, _ in group]
        for text, group in asked.items():
            answers = await _ask_each(session, text, [values for _, values in group], until)
            for (run, _), rows in zip(group, answers, strict=True):
                run.rows = rows
        if not active:
            break
    if stumbled or active:
        raise Stumbled([*stumbled, *(run.job for run in active)])
    for run in done:
        session.notes |= run.noted
    return [(run.job, run.value, None) for run in done]


def _next(run: _Run, most: int) -> Statement | None:
    """What the run asks next, but for what is done once for all at the end."""
    for _ in range(most):
        statement, run.value = advance(run.transaction, run.rows)
        if statement is None or statement.text not in NOTES:
            return statement
        run.noted[statement.text, *statement.parameters.values()] = statement
        run.rows = ()
    raise errors.StorageFailed(TOO_LONG)


async def _ask_each(
    session: Session, text: str, values: Sequence[Sequence[object]], until: float
) -> Sequence[Sequence[asyncpg.Record]]:
    left = until - monotonic()
    if left <= 0:
        raise errors.StorageFailed(TOO_LONG)
    shape, together = _together(text, len(values[0]))
    if len(values) == 1 or shape is Shape.SINGLE:
        return [await session.ask(text, *each, patience=left) for each in values]
    if shape is Shape.SILENT:
        await session.ask_many(together, values, left)
        return [()] * len(values)
    marked = [(*each, number) for number, each in enumerate(values)]
    answers: list[list[asyncpg.Record]] = [[] for _ in values]
    for row in await session.ask_many(together, marked, left):
        answers[row["?job"]].append(row)
    return answers


@lru_cache(maxsize=4096)
def _together(text: str, parameters: int) -> tuple[Shape, str]:
    """The statement with a parameter more, which comes back in each of its rows."""
    whose = f"${parameters + 1}::bigint as {WHOSE}"
    bare = PIECE.sub("", text)
    match first_word(text), bool(WRITES.search(bare)), bool(RETURNING.search(bare)):
        case _, True, False:
            return Shape.SILENT, text
        case (("select" | "with"), False, _):
            return Shape.TOLD, f"select asked.*, {whose} from ({text}) as asked"  # noqa: S608 - the text is ours
        case (("insert" | "update" | "delete"), True, True):
            return Shape.TOLD, f"{text}, {whose}"
        case _:
            return Shape.SINGLE, text
