"""The steward: begins broadcasts whose time has come, has the ledger follow what was paused or stopped, and ends what
is over. Every process has one; of several that see the same work each piece is done by one."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass

from bot.house import House
from bot.tasks import end
from storage import broadcasting, steering

log = logging.getLogger(__name__)
EVERY = 1.0
"""Seconds between two looks; a look writes nothing."""


@dataclass
class Steward:
    """Looks again and again whether there is anything to do for a broadcast."""

    house: House
    _task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        self._task = asyncio.create_task(self._run())

    async def close(self) -> None:
        await end(self._task)

    async def _run(self) -> None:
        while True:
            try:
                await self.round()
            except Exception:
                log.exception("looking after broadcasts failed; it is tried again")
            await asyncio.sleep(EVERY)

    async def round(self) -> None:
        """One look, and what it finds to do."""
        database, now = self.house.database, self.house.clock()
        async with database.read(now) as tx:
            if not await steering.anything(tx):
                return
            due, behind = await broadcasting.due(tx), await steering.out_of_step(tx)
        for id_ in due:
            async with database.write(now) as tx:
                await broadcasting.begin(tx, id_)
            self.house.wake()
        for id_, state in behind:
            await self._bring_in_step(id_, state)
        async with database.write(now, brief=True) as tx:
            await steering.finish(tx)

    async def _bring_in_step(self, id_: str, state: str) -> None:
        """A part at a time, so that turns and the sender come in between."""
        moved = 1
        while moved:
            async with self.house.database.write(self.house.clock()) as tx:
                moved = await steering.bring_in_step(tx, id_, state)
