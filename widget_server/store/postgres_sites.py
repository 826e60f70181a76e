"""Which sites a commit is about: a transaction's first statement names its own, before anything is begun."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from widget_server.store.database import Apart
from widget_server.store.jobs import Job
from widget_server.vocabulary import Row, Statement, Transaction

T = TypeVar("T")

NOBODY = ""
"""Whose turn those take who do not name a site."""


@dataclass(frozen=True, slots=True)
class Group:
    """Jobs that share a commit, and the sites of all of them, in order."""

    jobs: Sequence[Job]
    sites: Sequence[str]


async def groups_of(jobs: Sequence[Job], *, is_spread: bool) -> Sequence[Group]:
    """Who shares a commit with whom, in the order in which the commits are made.

    Where the database is spread over machines by site, those of one site; else all that name one. Whoever may take
    long keeps nobody's turn but its own site's, and comes last.
    """
    shared: dict[str, list[tuple[Job, str]]] = {}
    long = []
    for job in jobs:
        if job.claimed:  # given up meanwhile
            continue
        site = await _site(job)
        if job.patience is not None:
            long.append(Group([job], [site]))
        else:
            shared.setdefault(site if is_spread or site == NOBODY else "together", []).append((job, site))
    groups = [
        Group([job for job, _ in pairs], sorted({site for _, site in pairs})) for pairs in shared.values()
    ]
    return [*groups, *long]


async def _site(job: Job) -> str:
    if job.patience is None:
        first = _first(job)
    else:
        first = await asyncio.to_thread(_first, job)
    site = first.parameters.get("site") if first else None
    return site if isinstance(site, str) else NOBODY


def _first(job: Job) -> Statement | None:
    """The statement with which the job's transaction begins, and will begin again; None where it has none."""
    if not isinstance(job.transaction, Apart):
        first, job.transaction = _looked_into(job.transaction)
        return first
    first, trial = _looked_into(job.transaction.begin())
    trial.close()
    return first


def _looked_into(transaction: Transaction[T]) -> tuple[Statement | None, Transaction[T]]:
    """The first statement, and the transaction as if it were at its beginning."""
    try:
        first = next(transaction)
    except StopIteration as ended:
        return None, _ended(ended.value)
    except BaseException as error:  # noqa: BLE001 - it is raised to the one who waits, when it is run
        return None, _failed(error)
    return first, _going_on(first, transaction)


def _going_on(statement: Statement, transaction: Transaction[T]) -> Transaction[T]:
    try:
        while True:
            try:
                rows: Sequence[Row] = yield statement
            except BaseException as error:  # noqa: BLE001 - it is the transaction's to raise
                statement = transaction.throw(error)
            else:
                statement = transaction.send(rows)
    except StopIteration as ended:
        value: T = ended.value
        return value


def _ended(value: T) -> Transaction[T]:
    yield from ()
    return value


def _failed(error: BaseException) -> Transaction[Any]:
    yield from ()
    raise error
