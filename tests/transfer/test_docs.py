"""What `docs/how-to/import.md` says is so."""

from __future__ import annotations

import io
import json
import re
from pathlib import Path
from typing import Any

from tests.transfer.conftest import NOW, Import, Query
from widget_server.store.database import Database
from widget_server.transfer import import_file

GUIDE = Path(__file__).resolve().parents[2] / "docs" / "how-to" / "import.md"


async def test_the_reader_in_the_guide_reads(
    bring: Import, database: Database, query: Query, data: Path
) -> None:
    await bring("disqus", data / "small.disqus.xml", dry_run=True)
    (source,) = re.findall(r"```python\n(.*?)```", GUIDE.read_text(encoding="utf-8"), re.DOTALL)
    names: dict[str, Any] = {}
    exec(source, names)  # noqa: S102 - our own guide
    page = "https://alice.example/p"
    told = [
        {"page": page, "id": "2", "parent": "1", "time": 1_500_000_000_000, "name": "Bob", "text": "*two*"},
        {"page": page, "id": "1", "parent": None, "time": 1_400_000_000_000, "name": "Eve", "text": "one"},
    ]
    file = io.BytesIO("\n".join(map(json.dumps, told)).encode())
    report = await import_file(file, names["Lines"](), "alice", database, now=NOW)

    assert report.inserted == 2
    assert query("select path, name, source from comments order by path") == [
        ("11", "Eve", "one"),
        ("1111", "Bob", "\\*two\\*"),
    ]
