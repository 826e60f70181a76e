"""Time for tests."""

from __future__ import annotations

NOON = 1_800_000_000_000


class Clock:
    """Time that moves only when it is told to."""

    def __init__(self) -> None:
        self.now = NOON
        self._jumped = 0

    def __call__(self) -> int:
        return self.now

    def monotonic(self) -> float:
        """The same time in seconds, as limits count it."""
        return (self.now - self._jumped) / 1000

    def jump(self, seconds: float) -> None:
        """Set the clock on the wall: no time goes by."""
        self.now += round(seconds * 1000)
        self._jumped += round(seconds * 1000)

    def forward(self, seconds: float) -> None:
        """Let time go by."""
        self.now += round(seconds * 1000)
