"""A metronome: things are done at a steady pace, whoever does them."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass


@dataclass
class Metronome:
    """Says when the next thing is done, so many a second. Beats that nobody was free for are lost, never made up."""

    rate: float
    _next: float = 0.0

    async def beat(self) -> None:
        now = time.monotonic()
        at = max(now, self._next)
        self._next = at + 1 / self.rate
        await asyncio.sleep(at - now)
