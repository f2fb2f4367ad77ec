"""Watching: open pages are told that something new waits for their person, whichever process brought it.

One small look serves every page of a process. Rows are numbered when they are written and seen when they are
committed, so one with a smaller number may come later: the last minute is looked at again. What was written long before
it is due, a reminder or a digest, is told when its moment comes.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections import defaultdict, deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from bot.tasks import end
from storage.database import Database
from storage.deliveries import Lane
from storage.schema import deliveries

EVERY = 0.5
AGAIN = 60.0
"""Seconds that a transaction may take between writing its rows and committing them."""


@dataclass
class Watch:
    """Wakes those who listen for a person when a delivery begins to wait for them to look."""

    database: Database
    clock: Callable[[], datetime]
    _listening: dict[str, set[asyncio.Event]] = field(default_factory=lambda: defaultdict(set))
    _floor: int = 0
    _since: datetime | None = None
    _told: set[int] = field(default_factory=set)
    _looked: deque[tuple[float, int]] = field(default_factory=deque)
    _task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        self._floor = await self._newest()
        self._task = asyncio.create_task(self._run())

    async def close(self) -> None:
        await end(self._task)

    @contextlib.contextmanager
    def listening(self, person: str) -> Iterator[asyncio.Event]:
        """An event that is set whenever something comes for this person; the listener clears it."""
        event = asyncio.Event()
        self._listening[person].add(event)
        try:
            yield event
        finally:
            self._listening[person].discard(event)
            if not self._listening[person]:
                del self._listening[person]

    def tell(self, person: str) -> None:
        """Something changed for this person: their other open pages draw themselves again."""
        for event in self._listening.get(person, ()):
            event.set()

    async def _run(self) -> None:
        while True:
            await asyncio.sleep(EVERY)
            if self._listening:
                with contextlib.suppress(OSError, sa.exc.DBAPIError):
                    await self._look()

    async def _look(self) -> None:
        newest, now = await self._newest(), self.clock()
        async with self.database.read() as tx:
            rows = [row for waiting in self._waiting(now) for row in await tx.rows(waiting)]
        for row in rows:
            if row.seq not in self._told:
                self._told.add(row.seq)
                self.tell(row.person)
        self._since = now
        self._settle_up_to(newest)

    def _waiting(self, now: datetime) -> tuple[Any, Any]:
        """What was written just now, and what became due since the last look. Two statements, an index for each."""
        mine = sa.select(deliveries.c.seq, deliveries.c.person).where(
            deliveries.c.channel == "web",
            deliveries.c.lane.in_([Lane.FEEDBACK, Lane.BROADCAST]),
            deliveries.c.state == "waiting",
            deliveries.c.person.in_(list(self._listening)),
            deliveries.c.not_before <= now,
        )
        return mine.where(deliveries.c.seq > self._floor), mine.where(deliveries.c.not_before > (self._since or now))

    def _settle_up_to(self, newest: int) -> None:
        """What was the newest row a while ago needs no second look any more."""
        now = time.monotonic()
        self._looked.append((now, newest))
        while self._looked[0][0] < now - AGAIN:
            self._floor = self._looked.popleft()[1]
        self._told = {seq for seq in self._told if seq > self._floor}

    async def _newest(self) -> int:
        async with self.database.read() as tx:
            return int((await tx.execute(sa.select(sa.func.coalesce(sa.func.max(deliveries.c.seq), 0)))).scalar_one())
