"""A profile is read, shared out and drawn."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from benchmarks import flame, stacks

RAW = """\
thread (1): MainThread;main (transom:8);Runner.run (asyncio/runners.py:118);act (widget_server/web/acting.py:7);dumps (json/__init__.py:2) 6
thread (1): MainThread;main (transom:8);Runner.run (asyncio/runners.py:118) 1
thread (2): Thread-1 (_connection_worker_thread);run (threading.py:1);drive (widget_server/store/sqlite_session.py:9) 3
thread (3): render_0;_worker (concurrent/futures/thread.py:81) 90
"""  # noqa: E501 - as the profiler writes it


def test_time_goes_to_the_innermost_room_and_waiting_is_no_time() -> None:
    seen = stacks.read(RAW)

    assert stacks.shares(seen) == pytest.approx(
        {
            ("event loop", "web/acting"): 0.6,
            ("database", "store/sqlite_session"): 0.3,
            ("event loop", "Python"): 0.1,
        }
    )


def test_a_flame_graph_is_as_wide_as_the_time(tmp_path: Path) -> None:
    file = flame.draw(tmp_path / "flame.svg", "A comment", stacks.tree(stacks.read(RAW)))

    boxes = {
        group[0].text: float(group[1].attrib["width"])
        for group in ET.parse(file).getroot().iter("{http://www.w3.org/2000/svg}g")  # noqa: S314 - our own
    }
    assert boxes["all: 100.0%"] == pytest.approx(1200, abs=1)
    assert boxes["act web/acting.py: 60.0%"] == pytest.approx(720, abs=1)
    assert boxes["drive store/sqlite_session.py: 30.0%"] == pytest.approx(360, abs=1)
