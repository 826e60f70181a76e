"""The benchmarks run, and their table says what was measured."""

from __future__ import annotations

import sqlite3
from array import array
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import orjson

from benchmarks import asking, corpus, long_threads, report, transom
from benchmarks.__main__ import measure
from benchmarks.lab import LEFT_OUT, Lab
from benchmarks.plot import plot
from benchmarks.report import ONE, Figure, Report, Target
from tools.ports import free_port


def test_what_needs_no_peer_is_measured_and_kept(tmp_path: Path) -> None:
    lab = Lab(tmp_path, seconds=1, rounds=1, connections=4, without=frozenset(LEFT_OUT.values()))

    found = measure(lab, ["reads", "posts", "mixed"], {"rounds": 1})

    assert {figure.name for figure in found.figures} >= {"page read, 100 comments", "comments posted, p99"}
    assert all(figure.values[ONE] > 0 for figure in found.figures)
    assert found.notes == []
    assert report.load(report.save(tmp_path / "kept.json", found)) == found


def test_a_table_says_of_each_target_whether_it_is_met() -> None:
    targets = [Target("times Isso", 20.04, at_least=15), Target("ms", 80.0, at_most=50)]
    found = Report({"cores": 2}, [Figure("likes", "/s", {ONE: 12_345.0}, targets)], ["One was lost."])

    table, page, picture = report.table(found), report.markdown(found), plot(found)

    assert "20 times Isso (≥ 15: met)" in table
    assert "80 ms (≤ 50: MISSED)" in table
    assert "| likes (/s) | 12,345 | 20 times Isso, 80 ms | ≥ 15: met, ≤ 50: **missed** |" in page
    assert "One was lost." in table
    assert picture.count('class="met"') == picture.count('class="missed"') == 1


def test_a_thread_that_is_written_straight_reads_as_one_that_was_recorded(tmp_path: Path) -> None:
    texts = corpus.thread(60)
    transom.fill(tmp_path / "data", {"recorded": texts})
    with closing(sqlite3.connect(tmp_path / "data" / transom.FILE, isolation_level=None)) as database:
        database.row_factory = sqlite3.Row
        long_threads.write(database, "written", "recorded", _shape(texts))

    port = free_port()
    with transom.transom(port, tmp_path / "data"):
        pages = [_page(port, name) for name in ("recorded", "written")]

    assert pages[0] == pages[1]
    assert len(pages[0]) > 20


def _shape(texts: Sequence[corpus.Text]) -> long_threads.Shape:
    parents, places, replies = array("q"), array("q"), array("q", bytes(8 * len(texts)))
    roots = 0
    for text in texts:
        if text.parent is None:
            roots += 1
            places.append(roots)
        else:
            replies[text.parent] += 1
            places.append(replies[text.parent])
        parents.append(-1 if text.parent is None else text.parent)
    return long_threads.Shape(parents, places, replies)


def _page(port: int, name: str) -> list[tuple[str, str]]:
    path = f"/v1/{transom.SITE.id}/page?subject=blog.example/{name}&widgets=comments"
    body = asking.once(port, path, encoding="identity").body
    return _said(orjson.loads(body)["widgets"]["comments"])


def _said(value: object) -> list[tuple[str, str]]:
    """Who said what, in the order of the page."""
    if isinstance(value, list):
        return [said for each in value for said in _said(each)]
    if not isinstance(value, dict):
        return []
    own = [(str(value.get("name")), str(value["html"]))] if "html" in value else []
    return own + [said for each in value.values() for said in _said(each)]
