"""The schedule: what happens by itself. Totals are rolled up; nothing here is needed for a turn."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from dataclasses import dataclass

from bot.house import House
from storage import deliveries, tallies

log = logging.getLogger(__name__)


@dataclass
class Schedule:
    """Runs in every process; one at a time does the work, by a lease row."""

    house: House
    _task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        self._task = asyncio.create_task(self._run())

    async def close(self) -> None:
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task

    async def _run(self) -> None:
        every = self.house.settings.rollup_seconds
        while True:
            try:
                async with self.house.database.write(self.house.clock()) as tx:
                    if await deliveries.hold_lease(tx, "roll-up", self.house.holder, every * 2):
                        await tallies.roll_up(tx)
            except Exception:
                log.exception("rolling up totals failed; it is tried again")
            await asyncio.sleep(every)
