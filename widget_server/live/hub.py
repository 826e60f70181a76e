"""The hub: who watches which subject, and telling them soon after a commit what they can notice of it."""

from __future__ import annotations

import asyncio
import logging
import random
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from widget_server.errors import Overloaded, TooManyRequests, Unavailable
from widget_server.live.stream import Stream
from widget_server.live.topic import MOST_LINES, OLDEST, OVERLAP, Topic, cursor_of
from widget_server.live.wheel import Wheel
from widget_server.store import subjects
from widget_server.store.database import Database
from widget_server.store.news import News, news
from widget_server.vocabulary import Transaction

logger = logging.getLogger(__name__)

SLICE = 500
"""Streams told in one go, before others get a turn on the event loop."""

BATCH = 64
"""Topics in one look at the database."""

GAP, GAP_EACH = 0.1, 0.0001
"""Seconds between two events of one topic: at least, and for each of its streams; what happens meanwhile is told
together."""

AGAIN = 1.0
"""Seconds before another look, where the database could not be read."""

RETRY = (2_000, 6_000)
"""Milliseconds that a client waits before it comes back: from, to."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """How many streams there may be: in this process, on one site, from one network; and how long, in seconds."""

    process: int
    site: int
    client: int
    heartbeat: int
    idle: int
    lifetime: int


class Hub:
    """Streams by site and subject."""

    def __init__(self, database: Database, clock: Callable[[], int], bounds: Bounds) -> None:
        """`clock` tells the time as the record has it."""
        self._database = database
        self._clock = clock
        self._bounds = bounds
        self._wheel = Wheel(bounds.heartbeat, bounds.idle, bounds.lifetime)
        self._topics: dict[str, dict[str, Topic]] = {}
        self._sites: Counter[str] = Counter()
        self._networks: Counter[str] = Counter()
        self._stirred: dict[Topic, None] = {}
        self._teller: asyncio.Task[None] | None = None
        self._is_closed = False
        self.count = 0
        """Streams that are open."""

    def enter(self, site: str, network: str) -> None:
        """Take a place for a stream, which `leave` gives back; raises where there is none, with when to try again."""
        wait = round(random.uniform(*RETRY) / 1000)  # noqa: S311 - no secret
        if self._is_closed:
            raise Overloaded("The server is closing; another one answers soon.", retry_after=wait)
        if self.count >= self._bounds.process or self._sites[site] >= self._bounds.site:
            raise Overloaded(
                "Too many watch at once; new comments come with a reload.", retry_after=10 * wait
            )
        if self._networks[network] >= self._bounds.client:
            message = "Too many streams from one network; new comments come with a reload."
            raise TooManyRequests(message, retry_after=10 * wait)
        self.count += 1
        self._sites[site] += 1
        self._networks[network] += 1

    def leave(self, site: str, network: str) -> None:
        """Give a place back."""
        self.count -= 1
        for counter, key in ((self._sites, site), (self._networks, network)):
            counter[key] -= 1
            if not counter[key]:
                del counter[key]

    async def join(self, stream: Stream, site: str, subject: str, after: str) -> tuple[Topic, bytes]:
        """Put a stream to its subject; gives its topic, and what it missed since the cursor `after`.

        Raises `Unavailable` where the database cannot be read.
        """
        at = self._clock()
        cursor = cursor_of(after)
        if cursor is not None and not at - OLDEST < cursor.at < at + OVERLAP:
            cursor = None
        topic = self._sit(stream, site, subject)
        try:
            since = min(cursor.at, at) if cursor else at
            key, found = await self._database.read(_begun(site, subject, since - OVERLAP))
        except BaseException:
            self.part(stream, topic)
            raise
        if key != subject:
            self.part(stream, topic)
            topic = self._sit(stream, site, key)
            self.stir(site, key)  # what happened while nobody watched under this key
        if not topic.at:
            topic.heed(found, at)
        if cursor is not None and topic.at <= at:
            return topic, topic.replay(found, cursor)
        return topic, topic.reset() if after else topic.mark()

    def part(self, stream: Stream, topic: Topic) -> None:
        """Forget a stream; and its topic with the last one."""
        self._wheel.remove(stream)
        topic.streams.discard(stream)
        if not topic.streams:
            self._forget(topic)

    def stir(self, site: str, subject: str) -> None:
        """A commit changed a subject, or with `""` the whole site: soon those who watch are told what they notice."""
        topics = self._topics.get(site)
        if topics is None:
            return
        if not subject:
            self._renew(topics)
        elif (topic := topics.get(subject)) is not None and not topic.is_stirred:
            topic.is_stirred = True
            loop = asyncio.get_running_loop()
            loop.call_later(max(0.0, topic.next - loop.time()), self._due, topic)

    def close(self) -> None:
        """End every stream, and take no new ones: clients come back to whoever answers then."""
        self._is_closed = True
        self._wheel.stop()
        for topics in list(self._topics.values()):
            for topic in list(topics.values()):
                _end(topic)

    async def closed(self) -> None:
        """Close, and wait for what is under way."""
        self.close()
        if self._teller is not None:
            self._teller.cancel()
            await asyncio.wait({self._teller})

    def _sit(self, stream: Stream, site: str, subject: str) -> Topic:
        topics = self._topics.setdefault(site, {})
        topic = topics.get(subject)
        if topic is None:
            topic = topics[subject] = Topic(site, subject)
        topic.streams.add(stream)
        self._wheel.add(stream)
        return topic

    def _renew(self, topics: dict[str, Topic]) -> None:
        """The site's settings changed, or more of it than one subject: all come back, and are looked at anew."""
        for topic in list(topics.values()):
            _end(topic, topic.reset())

    def _forget(self, topic: Topic) -> None:
        topics = self._topics.get(topic.site, {})
        if topics.get(topic.subject) is topic:
            del topics[topic.subject]
            if not topics:
                del self._topics[topic.site]

    def _due(self, topic: Topic) -> None:
        self._stirred[topic] = None
        if self._teller is None and not self._is_closed:
            self._teller = asyncio.create_task(self._tell_all())

    async def _tell_all(self) -> None:
        try:
            while self._stirred:
                batch = list(self._stirred)[:BATCH]
                for topic in batch:
                    del self._stirred[topic]
                    topic.is_stirred = False
                await self._look([topic for topic in batch if topic.streams])
        finally:
            self._teller = None

    async def _look(self, topics: Sequence[Topic]) -> None:
        at = self._clock()
        try:
            found = await self._database.read(_news([(each, each.since(at)) for each in topics]))
        except Unavailable as error:
            logger.warning("watchers wait until the database can be read: %s", error.code)
            await asyncio.sleep(AGAIN)
            self._stirred.update(dict.fromkeys(topics))
            return
        for topic, each in zip(topics, found, strict=True):
            event = topic.heed(each, at)
            if event is not None:
                await self._tell(topic, event)

    async def _tell(self, topic: Topic, event: bytes) -> None:
        loop = asyncio.get_running_loop()
        streams = tuple(topic.streams)
        topic.next = loop.time() + max(GAP, GAP_EACH * len(streams))
        for begin in range(0, len(streams), SLICE):
            now = loop.time()
            for stream in streams[begin : begin + SLICE]:
                stream.heard = now
                stream.push(event)
            await asyncio.sleep(0)


def _end(topic: Topic, last: bytes = b"") -> None:
    for stream in tuple(topic.streams):
        stream.push(retry() + (last or b"\n"), more=False)


def retry() -> bytes:
    """The field that says when to come back: not everybody at once."""
    return b"retry: %d\n" % random.randint(*RETRY)  # noqa: S311 - no secret


def _begun(site: str, subject: str, since: int) -> Transaction[tuple[str, News]]:
    key = yield from subjects.resolve(site, subject)
    return key, (yield from news(site, key, since, MOST_LINES))


def _news(wanted: Sequence[tuple[Topic, int]]) -> Transaction[list[News]]:
    found: list[News] = []
    for topic, since in wanted:
        found.append((yield from news(topic.site, topic.subject, since, MOST_LINES)))
    return found
