"""Writes that keep to one site: each transaction that the tests of the API make the program write is looked through."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pytest

from widget_server.store.database import Apart
from widget_server.store.jobs import JobQueue, Work
from widget_server.vocabulary import Row, Statement, Transaction

CHANGES = ("insert", "update", "delete")


@contextmanager
def writes_kept_to_one_site(patch: pytest.MonkeyPatch) -> Iterator[None]:
    """Fail, at the end, where one transaction has written for two sites, or for nobody knows which."""
    astray: list[Sequence[Statement]] = []
    put = JobQueue.put

    def watching(
        queue: JobQueue, work: Work, patience: float | None, tell: Callable[[Any], object] | None = None
    ) -> object:
        if isinstance(work, Apart):
            begin = work.begin
            return put(queue, replace(work, begin=lambda: _watched(begin(), astray)), patience, tell)
        return put(queue, _watched(work, astray), patience, tell)

    patch.setattr(JobQueue, "put", watching)
    yield
    assert [[(each.text, each.parameters) for each in statements] for statements in astray] == []


def _watched(transaction: Transaction[Any], astray: list[Sequence[Statement]]) -> Transaction[Any]:
    done: list[Statement] = []
    try:
        statement = next(transaction)
        while True:
            done.append(statement)
            try:
                rows: Sequence[Row] = yield statement
            except BaseException as error:  # noqa: BLE001 - it is the transaction's to raise
                statement = transaction.throw(error)
            else:
                statement = transaction.send(rows)
    except StopIteration as finished:
        return finished.value
    finally:
        if not _keeps_to_one_site(done):
            astray.append(done)


def _keeps_to_one_site(statements: Sequence[Statement]) -> bool:
    writes = any(word in each.text.lower().split() for each in statements for word in CHANGES)
    sites = {each.parameters.get("site") for each in statements}
    return not writes or (len(sites) == 1 and None not in sites)
