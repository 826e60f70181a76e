"""A process that writes as fast as it can and says what was acknowledged; it is there to be killed.

Usage: python writer_process.py DATABASE NAME TASKS SECONDS
"""

from __future__ import annotations

import asyncio
import os
import sys
import time

from tests.store.statements import put_and_count
from widget_server.store import open_sqlite


async def main(path: str, name: str, tasks: int, seconds: float) -> None:
    """Write `name-0`, `name-1`, …, and print each number once it is durable."""
    database = await open_sqlite(path)
    end = time.monotonic() + seconds
    number = 0
    worst = 0.0

    async def write() -> None:
        nonlocal number, worst
        while time.monotonic() < end:
            mine, number = number, number + 1
            begun = time.monotonic()
            await database.write(put_and_count(f"{name}-{mine}"))
            worst = max(worst, time.monotonic() - begun)
            os.write(1, b"%d\n" % mine)

    await asyncio.gather(*(write() for _ in range(tasks)))
    await database.close()
    os.write(1, b"worst %d ms\n" % round(worst * 1000))


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2], int(sys.argv[3]), float(sys.argv[4])))
