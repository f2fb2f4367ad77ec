"""Pace: how fast bulk messages may leave on one carrier. Up a little on success, halved when told to slow down."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass

LONGEST_HOLD = 60.0
ONE_WARNING = 1.0
"""Seconds in which everybody who is told to slow down is told so because of the same second."""

REGAINED = 0.05
"""What a second in which all went well gives back, as a share of the ceiling: from half the pace it takes ten."""

CAUGHT_UP = 0.03
"""Seconds of the pace (or one message) that may be made good at once after we were kept from sending; what is lost
beyond is lost."""


@dataclass
class Pace:
    """`per_second` is the carrier's published ceiling; the pace never passes it."""

    per_second: float
    _now: float = 0.0
    _next: float = 0.0
    _held_until: float = 0.0
    _halved: float = float("-inf")
    _told: tuple[str, float] = ("", 0.0)

    def __post_init__(self) -> None:
        self._now = self.per_second

    @property
    def now(self) -> float:
        """Messages a second, as things are."""
        return self._now

    @property
    def held(self) -> bool:
        """Whether nothing may leave just now."""
        return time.monotonic() < self._held_until

    async def turn(self) -> None:
        """Waits until the next message may leave."""
        now = time.monotonic()
        at = max(now - max(CAUGHT_UP, 1 / self._now), self._next)
        self._next = at + 1 / self._now
        await asyncio.sleep(max(0.0, at - now))

    def went_well(self) -> None:
        """A little faster, up to the ceiling."""
        self._now = min(self.per_second, self._now + self.per_second * REGAINED / self._now)

    def slow_down(self, seconds: float, whom: str) -> None:
        """The carrier said to slow down: half the pace, once for everything that was on the wire together.

        A wait is that one address's own, and is a time in its row. Only when a second address is told to wait in the
        meantime is everybody meant: then nothing leaves for so long, and after a minute at most we ask again.
        """
        now = time.monotonic()
        if now >= self._halved + ONE_WARNING:
            self._now, self._halved = max(1.0, self._now / 2), now
        before, until = self._told
        if before not in ("", whom) and now < until:
            self._held_until = max(self._held_until, now + min(seconds, LONGEST_HOLD))
        self._told = (whom, now + seconds)
