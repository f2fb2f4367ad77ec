"""The schedule: what happens by itself. Totals are rolled up, what is spent goes, the dates of consultations come;
nothing here is needed for a turn."""

from __future__ import annotations

import asyncio
import logging
import time
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot import dates
from bot.house import House
from bot.tasks import end
from storage import pulse, reminders, retention, tallies

log = logging.getLogger(__name__)
SWEEP_EVERY = timedelta(hours=1)
RESTS = 30
"""So many times as long as a round took the next one waits: of a hundred turns, fewer than four come upon it."""


@dataclass
class Schedule:
    """Runs in every process; one at a time does the work, by a lease row."""

    house: House
    _task: asyncio.Task[None] | None = None
    _swept: datetime | None = None

    async def start(self) -> None:
        self._task = asyncio.create_task(self._run())

    async def close(self) -> None:
        await end(self._task)

    async def _run(self) -> None:
        every = pause = self.house.settings.rollup_seconds
        while True:
            began = time.monotonic()
            try:
                await self.house.library.refresh(self.house.database)  # seldom long, and no part of what a round takes
                began = time.monotonic()
                await self._round(pause * 2)
            except Exception:
                log.exception("rolling up totals failed; it is tried again")
            pause = max(every, RESTS * (time.monotonic() - began))
            await asyncio.sleep(pause)

    async def _round(self, lease: float) -> None:
        database, now = self.house.database, self.house.clock()
        async with database.write(now, brief=True) as tx:
            if not await pulse.hold_lease(tx, "roll-up", self.house.holder, lease):
                return
        begins = self._swept is None  # only a start brings another table of zones
        sweeps = self._swept is None or now - self._swept > SWEEP_EVERY
        async with database.read(now) as tx:
            counted = await tallies.count(tx)
            aged = await retention.find(tx) if sweeps else None
            coming = await dates.coming(tx, self.house.library.all())
            moved = await reminders.out_of_step(tx) if begins else []
        async with database.write(now) as tx:
            await tallies.replace(tx, counted)
            await dates.tell(tx, coming)
            await reminders.put_in_step(tx, moved)
            if aged:
                await retention.sweep(tx, self._ended(), self._closed(), aged)
                self._swept = now
        if coming:
            self.house.wake()

    def _ended(self) -> list[str]:
        """Consultations whose answers may no longer be kept with a way back to the person."""
        today = self.house.clock().date()
        return [each.id for each in self.house.library.all() if each.legal.keep_until and each.legal.keep_until < today]

    def _closed(self) -> list[str]:
        """Consultations that closed a year ago or longer."""
        a_year_ago = retention.a_year_before(self.house.clock())
        return [each.id for each in self.house.library.all() if each.calendar.closes <= a_year_ago]
