"""The server is killed while it is used: what was acknowledged is there, and once."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.kills import killed
from benchmarks.ledger import COMMENT, LIKE, Held, Ledger, judged


@pytest.mark.parametrize(("workers", "kills"), [(1, 6), (2, 3)])
def test_kill_9_amid_requests_loses_nothing_and_does_nothing_twice(
    tmp_path: Path, workers: int, kills: int
) -> None:
    run = killed(tmp_path / "data", kills, workers=workers)

    assert run.verdict.is_good, run.verdict
    assert run.verdict.acknowledged > kills


def test_the_judge_sees_what_is_lost_doubled_miscounted_or_unknown() -> None:
    ledger = Ledger(sent={"a": LIKE, "b": COMMENT})
    ledger.answered("a", "1")
    assert ledger.doubtful() == ["b"]
    ledger.answered("b", "2")

    assert judged(ledger, Held({"a": 1, "b": 1}, 1, 1, {"like": 1, "comments": 1})).is_good
    assert judged(ledger, Held({"a": 1}, 1, 1, {"like": 1, "comments": 1})).lost == 1
    assert judged(ledger, Held({"a": 1, "b": 2}, 1, 1, {"like": 1, "comments": 1})).doubled == 1
    assert judged(ledger, Held({"a": 1, "b": 1}, 2, 1, {"like": 2, "comments": 1})).miscounted == 1
    assert judged(ledger, Held({"a": 1, "b": 1, "c": 1}, 1, 1, {"like": 1, "comments": 1})).unknown == 1
    ledger.answered("a", "other")
    assert not judged(ledger, Held({"a": 1, "b": 1}, 1, 1, {"like": 1, "comments": 1})).is_good
