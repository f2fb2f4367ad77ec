"""The pulse of this process: told to the database while it lives, and looked for in the others.

A process that cannot tell it (the database is away, or the process stood still) counts as dead to the others, so it
stops sending what it had claimed. It judges others only after it could reach the database itself for a whole life:
when a database comes back, everybody has time to say that they live.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from dataclasses import dataclass

from bot.house import House
from bot.tasks import end
from storage import pulse

log = logging.getLogger(__name__)
LIFE = pulse.LIFE.total_seconds()
EVERY = LIFE / 4


@dataclass
class Pulse:
    """Beats in every process that sends."""

    house: House
    _last: float = float("-inf")
    _steady_since: float = 0.0
    _task: asyncio.Task[None] | None = None

    def alive(self) -> bool:
        """Whether nobody can have taken over yet what this process holds."""
        return time.monotonic() < self._last + LIFE * 0.75

    async def start(self) -> None:
        await self._beat()
        self._task = asyncio.create_task(self._run())

    async def close(self) -> None:
        await end(self._task)
        with contextlib.suppress(Exception):  # then it runs out by itself
            async with self.house.database.write(self.house.clock()) as tx:
                await pulse.stop(tx, self.house.holder)

    async def _run(self) -> None:
        while True:
            await asyncio.sleep(EVERY)
            try:
                await self._beat()
            except Exception as error:
                log.warning("the pulse could not be written (%s); it is tried again", type(error).__name__)

    async def _beat(self) -> None:
        began, dead = time.monotonic(), 0
        if began - self._last > LIFE:
            self._steady_since = began
        async with self.house.database.write(self.house.clock()) as tx:
            await pulse.beat(tx, self.house.holder)
            if began - self._steady_since > LIFE:
                dead = await pulse.release_the_dead(tx, self.house.holder)
        self._last = began
        if dead:
            log.warning("%d process(es) died or were cut off; what they held is taken over", dead)
            self.house.wake()
