"""A topic: one subject that somebody watches, what its watchers were told, and what is news to them."""

from __future__ import annotations

import re
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import orjson

from widget_server.live.stream import Stream
from widget_server.store.news import News, Told

OVERLAP = 30_000
"""Milliseconds by which a line of the record may come late: its id is made before its turn to be written, and on
another machine's clock. So far back the record is read again; what was told is not told twice."""

MOST_LINES = 500
"""Lines of the record in one look; where there are more, readers are asked to read anew."""

OLDEST = 600_000
"""Milliseconds after which a cursor is too old to go on from."""

SPREAD = 0.5
"""Milliseconds for each watcher, over which they are asked to spread their reading."""

CURSOR = re.compile(r"([0-9a-f]{1,12})-([0-9a-f]{8})")

Change = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Cursor:
    """Up to where a watcher was told: the time of the look (ms, UTC), and a checksum of all tallies then."""

    at: int
    digest: str

    def __str__(self) -> str:
        return f"{self.at:x}-{self.digest}"


def cursor_of(text: str) -> Cursor | None:
    """The cursor that the text is, if it is one."""
    found = CURSOR.fullmatch(text)
    return Cursor(int(found[1], 16), found[2]) if found else None


class Topic:
    """What the watchers of one subject know."""

    __slots__ = ("_tallies", "_told", "at", "is_stirred", "next", "site", "streams", "subject")

    def __init__(self, site: str, subject: str) -> None:
        """Nothing is known before the first `heed`."""
        self.site = site
        self.subject = subject
        self.streams: set[Stream] = set()
        self.at = 0
        """When the database was last looked at (ms, UTC); 0: not yet."""
        self.next = 0.0
        """Before which the watchers are not told again (the event loop's time)."""
        self.is_stirred = False
        self._told: frozenset[str] = frozenset()
        self._tallies: Mapping[str, int] = {}

    @property
    def cursor(self) -> Cursor:
        """Up to where all watchers were told."""
        return Cursor(self.at, _digest(self._tallies))

    def since(self, now: int) -> int:
        """From when on the record is to be read."""
        return (self.at or now) - OVERLAP

    def heed(self, news: News, at: int) -> bytes | None:
        """The event that tells of the news, if it is any to the watchers."""
        is_first = not self.at
        told, tallies = self._told, self._tallies
        self._told = frozenset(text.interaction for text in news.texts)
        self._tallies, self.at = news.tallies, at
        if is_first:
            return None
        if not news.is_whole:
            return self.reset()
        changes = _changes([text for text in news.texts if text.interaction not in told])
        named = {change["widget"] for change in changes}
        for widget in sorted(tallies.keys() | news.tallies.keys()):
            if widget not in named and tallies.get(widget) != news.tallies.get(widget):
                changes.append({"widget": widget, "kind": "changed"})
        return self._change(changes) if changes else None

    def replay(self, news: News, cursor: Cursor) -> bytes:
        """What somebody missed who was told up to the cursor."""
        changes = _changes(news.texts)
        if changes and news.is_whole:
            return self._change(changes)
        is_same = news.is_whole and cursor.digest == self.cursor.digest
        return self.mark() if is_same else self.reset()

    def mark(self) -> bytes:
        """What says nothing but up to where all were told."""
        return b"id: %s\n\n" % str(self.cursor).encode()

    def reset(self) -> bytes:
        """The event that asks to read anew."""
        return self._event(b"reset", {})

    def _change(self, changes: Sequence[Change]) -> bytes:
        return self._event(b"change", {"changes": changes})

    def _event(self, name: bytes, data: Mapping[str, object]) -> bytes:
        spread = {"within": round(len(self.streams) * SPREAD)}
        return b"id: %s\nevent: %s\ndata: %s\n\n" % (
            str(self.cursor).encode(),
            name,
            orjson.dumps({**data, **spread}),
        )


def _changes(texts: Sequence[Told]) -> list[Change]:
    """Each public text once: as new where it came before readers, else as changed."""
    changes: dict[str, Change] = {}
    for text in texts:
        if text.is_public:
            is_new = text.is_new or changes.get(text.comment, {}).get("kind") == "new"
            changes[text.comment] = {
                "widget": text.widget,
                "kind": "new" if is_new else "changed",
                "id": text.comment,
                "root": text.root,
            }
    return list(changes.values())


def _digest(tallies: Mapping[str, int]) -> str:
    return f"{zlib.crc32(repr(sorted(tallies.items())).encode()):08x}"
