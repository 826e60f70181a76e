"""People who act all at once, and remember what they were told."""

from __future__ import annotations

import asyncio
import itertools
import random
import secrets
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from tests.faults.asking import PATIENCE, Answer, Unanswered, post

SUBJECTS = ("/one", "/two", "/three")
PAUSE = 0.02
"""Seconds before somebody sends again what nobody answered."""


@dataclass(frozen=True, slots=True)
class Act:
    """One doing, sent with the same key until it is answered."""

    key: str
    fields: Mapping[str, str]


@dataclass
class Crowd:
    """Each of them likes, takes it back, comments and replies, one act after the other."""

    port: int
    people: int = 8
    patience: float = PATIENCE
    """Seconds within which every request must be answered, or its connection end."""
    acknowledged: dict[str, tuple[Act, str]] = field(default_factory=dict)
    """By key: the act, and the id that the answer gave it."""
    met: Counter[str] = field(default_factory=Counter)
    """Codes of the problems that were answered, and `unanswered`."""
    slowest: float = 0.0
    """Seconds that the slowest request took, answered or not."""
    _comments: list[tuple[str, str]] = field(default_factory=list)
    _tasks: list[asyncio.Task[None]] = field(default_factory=list)
    _stirred: asyncio.Event = field(default_factory=asyncio.Event)
    _stops: bool = False

    def start(self) -> None:
        """Let everybody act."""
        self._tasks = [asyncio.create_task(self._act(number)) for number in range(self.people)]

    async def done(self, more: int) -> None:
        """Wait until so many more acts were acknowledged."""
        wanted = len(self.acknowledged) + more
        async with asyncio.timeout(PATIENCE):
            while len(self.acknowledged) < wanted:
                await self._stir()

    async def hears(self, code: str, times: int = 1) -> None:
        """Wait until so many more problems with this code were answered."""
        wanted = self.met[code] + times
        async with asyncio.timeout(PATIENCE):
            while self.met[code] < wanted:
                await self._stir()

    async def has_met(self, times: int) -> bool:
        """Whether so many requests were refused or not answered, since the beginning."""
        return self.met.total() >= times

    async def pause(self) -> None:
        """Let each end what is begun, and wait; `start` lets them go on."""
        self._stops = True
        async with asyncio.timeout(PATIENCE):
            await asyncio.gather(*self._tasks)
        self._stops = False

    async def finish(self) -> None:
        """Let each end what is begun: then everything that was ever sent is acknowledged."""
        self._stops = True
        async with asyncio.timeout(PATIENCE):
            await asyncio.gather(*self._tasks)

    async def leave(self) -> None:
        """Let all go away, whatever they were about to do."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _stir(self) -> None:
        for task in self._tasks:
            if task.done():
                task.result()
        self._stirred.clear()
        await self._stirred.wait()

    async def _act(self, number: int) -> None:
        try:
            dice = random.Random(number)  # noqa: S311 - what to do next, not a secret
            likes: set[str] = set()
            token = ""
            for turn in itertools.count():
                if self._stops:
                    return
                act = self._next(dice, likes, f"{number}-{turn}")
                token = await self._until_done(act, token) or token
        finally:
            self._stirred.set()

    def _next(self, dice: random.Random, likes: set[str], name: str) -> Act:
        subject = dice.choice(SUBJECTS)
        key = f"{name}-{secrets.token_hex(8)}"
        if dice.random() < 0.5:
            action = "unlike" if subject in likes else "like"
            likes ^= {subject}
            return Act(key, {"subject": subject, "widget": "like", "action": action})
        said = {"subject": subject, "widget": "comments", "action": "comment", "text": f"This is {name}."}
        parents = [comment for place, comment in self._comments if place == subject]
        if parents and dice.random() < 0.6:
            said["parent"] = dice.choice(parents)
        return Act(key, said)

    async def _until_done(self, act: Act, token: str) -> str:
        fields = {**act.fields, "idempotency_key": act.key, **({"token": token} if token else {})}
        while True:
            answer = await self._sent(fields)
            if answer is not None and answer.status == 200:
                return self._remembered(act, answer)
            self.met["unanswered" if answer is None else answer.code] += 1
            if answer is not None:
                assert answer.status == 503, answer.body
                assert int(answer.headers["retry-after"]) >= 1
            self._stirred.set()
            await asyncio.sleep(PAUSE)

    def _remembered(self, act: Act, answer: Answer) -> str:
        told = answer.json()
        self.acknowledged[act.key] = act, told["id"]
        if act.fields["action"] == "comment":
            self._comments.append((act.fields["subject"], told["id"]))
        self._stirred.set()
        return str(told.get("token", ""))

    async def _sent(self, fields: Mapping[str, str]) -> Answer | None:
        begun = time.monotonic()
        try:
            return await post(self.port, self.patience, **fields)
        except Unanswered:
            return None
        finally:
            self.slowest = max(self.slowest, time.monotonic() - begun)
