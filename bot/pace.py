"""Pace: how fast bulk messages may leave on one carrier. Up a little on success, halved when told to slow down."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass


@dataclass
class Pace:
    """`per_second` is the carrier's published ceiling; the pace never passes it."""

    per_second: float
    _now: float = 0.0
    _next: float = 0.0

    def __post_init__(self) -> None:
        self._now = self.per_second

    async def turn(self) -> None:
        """Waits until the next message may leave."""
        at = max(time.monotonic(), self._next)
        self._next = at + 1 / self._now
        await asyncio.sleep(max(0.0, at - time.monotonic()))

    def went_well(self) -> None:
        """One more a second for every hundred that went well, up to the ceiling."""
        self._now = min(self.per_second, self._now + 0.01)

    def slow_down(self, seconds: float) -> None:
        """The carrier said to slow down: half the pace, and nothing for so many seconds."""
        self._now = max(1.0, self._now / 2)
        self._next = max(self._next, time.monotonic() + seconds)
