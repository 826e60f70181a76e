"""Made-up threads, the same on every machine and for every server that is measured."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

WORDS = """
a about after again all also and any are around as at back bread but by came can child clear close
coffee could day did door down each early even evening every far few find first for from garden gave
good great had half hand has have her here home house how idea in into is it just keep kind know last
late learn less letter light like line little long look made make many may mean might mine more morning
most much music must my near never new next night no not now of often old on once one only open or other
our out over page part people place quite rather read really right river road room said same saw say see
seem several she should show side since small so some something sound still street such sure take tell
than that the their them then there these they thing think this those though thought through time to
together told too town tree true try turn two under until up us use very wait walk want warm was water
way we week well went were what when where which while who why will winter with without word work world
would write year yes yet you young your
""".split()  # noqa: SIM905 - two hundred pairs of quotation marks less
NAMES = ("Alice", "Bob", "Charlie", "Dalia", "Emre", "Frieda", "Goran", "Hanako", "Ines", "Jürgen")
START = 1_700_000_000_000
"""When the first comment was written, in milliseconds since the epoch."""
ROOTS = 0.4
"""The part of all comments that answer no other."""
RECENT = 10
"""A reply answers one of so many newest roots: threads are talked in where they are new."""
HUNDRED = "100"
PAGES = tuple(f"page-{number:02}" for number in range(20))
"""The pages of a small site, between which a mixed load is spread."""
COMMENTS = 45
"""On each of them: some 20 kB of JSON."""


@dataclass(frozen=True, slots=True)
class Text:
    """One comment; `parent` is the place of a root in its thread, from 0."""

    parent: int | None
    name: str
    source: str
    created: int


def town() -> Mapping[str, Sequence[Text]]:
    """What a small site has, by page: one thread of a hundred comments, and twenty pages with 45 each."""
    pages = {page: thread(COMMENTS, seed=place) for place, page in enumerate(PAGES, 1)}
    return {HUNDRED: thread(100), **pages}


def thread(size: int, seed: int = 0) -> Sequence[Text]:
    """A thread of so many comments: two in five are roots, the others answer one of the newest roots."""
    chance = random.Random(seed or size)  # noqa: S311 - the same thread every time is the point
    roots: list[int] = []
    found: list[Text] = []
    for place in range(size):
        is_root = not roots or chance.random() < ROOTS
        parent = None if is_root else chance.choice(roots[-RECENT:])
        roots += [place] if is_root else []
        found.append(Text(parent, chance.choice(NAMES), text(chance), START + place * 60_000))
    return found


def text(chance: random.Random) -> str:
    """Some 40 words in one to three paragraphs, here and there with emphasis or a link."""
    paragraphs = [_paragraph(chance) for _ in range(chance.choice((1, 1, 2, 3)))]
    return "\n\n".join(paragraphs)


def _paragraph(chance: random.Random) -> str:
    words = chance.choices(WORDS, k=chance.randint(8, 40))
    if chance.random() < 0.2:  # noqa: PLR2004 - one in five
        words[3] = f"**{words[3]}**"
    if chance.random() < 0.1:  # noqa: PLR2004 - one in ten
        words[5] = f"[{words[5]}](https://example.org/{words[6]})"
    return " ".join(words).capitalize() + "."
