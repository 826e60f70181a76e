"""The commands that a page says it runs, and what it says they answer.

A block runs where `<!-- run -->` stands above it. In a `console` block a line after `$ ` is a command, and the lines
below are its output, in which `…` stands for anything; a command without output below may say what it likes. All
blocks of a page run in one shell.
"""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

BLOCK = re.compile(r"<!-- run -->\n+```console\n(.*?)^```", re.DOTALL | re.MULTILINE)
ANY_BLOCK = re.compile(r"^```console\n(.*?)^```", re.DOTALL | re.MULTILINE)

BETWEEN = "-- the next command --"

TIMEOUT = 60


@dataclass(frozen=True, slots=True)
class Step:
    """One command and the output that the page shows; None: it shows none."""

    command: str
    shown: str | None


def steps(page: Path, blocks: re.Pattern[str] = BLOCK) -> list[Step]:
    """The commands of a page's blocks, in their order."""
    text = page.read_text(encoding="utf-8")
    return [step for block in blocks.findall(text) for step in steps_of(block)]


def steps_of(block: str) -> Iterator[Step]:
    """The commands of one block."""
    for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
        lines = part.splitlines()
        length = 1 + next((i for i, line in enumerate(lines) if not line.endswith("\\")), 0)
        shown = "\n".join(lines[length:]).strip("\n")
        yield Step("\n".join(lines[:length]), shown or None)


def run(wanted: list[Step], folder: Path, environment: Mapping[str, str]) -> list[str]:
    """What each command printed, errors too; a command that fails ends it all with an assertion."""
    script = "\n".join(f"echo {shlex.quote(BETWEEN)}\n{step.command}" for step in wanted)
    bash = shutil.which("bash")
    assert bash, "the commands in the documentation are for bash"
    done = subprocess.run(
        [bash, "-c", f"exec 2>&1; set -e\n{script}"],
        capture_output=True,
        text=True,
        check=False,
        cwd=folder,
        env=dict(environment),
        timeout=TIMEOUT,
    )
    assert done.returncode == 0, done.stdout[-2000:]
    return [said.strip("\n") for said in done.stdout.split(f"{BETWEEN}\n")[1:]]


def agrees(shown: str, said: str) -> bool:
    """Whether the output is what the page shows."""
    pattern = ".*".join(re.escape(part) for part in shown.split("…"))
    return re.fullmatch(pattern, said, re.DOTALL) is not None
