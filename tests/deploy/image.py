"""What the Dockerfile says, instruction by instruction."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
DOCKERFILE = ROOT / "deploy" / "Dockerfile"
CONTINUED = re.compile(r"\\\n\s*")


@dataclass(frozen=True, slots=True)
class Instruction:
    """One line of a Dockerfile: `RUN`, and what is run."""

    word: str
    rest: str


Stage = Sequence[Instruction]


def stages() -> list[Stage]:
    """The stages of the image, each from its `FROM` on."""
    text = CONTINUED.sub("", DOCKERFILE.read_text(encoding="utf-8"))
    found: list[list[Instruction]] = []
    for line in text.splitlines():
        if not line.strip() or line.startswith("#"):
            continue
        word, _, rest = line.partition(" ")
        if word == "FROM":
            found.append([])
        found[-1].append(Instruction(word, rest.strip()))
    return list(found)


def said(stage: Stage, word: str) -> list[str]:
    """What the instructions of one kind say."""
    return [each.rest for each in stage if each.word == word]


def copied(stage: Stage) -> list[str]:
    """What a stage takes from the checkout."""
    lines = [line.split() for line in said(stage, "COPY") if not line.startswith("--from")]
    return [source for line in lines for source in line[:-1]]
