"""Outcomes: what became of deliveries and is not written down yet.

A transaction costs the same whether it writes one row or fifty, so whoever has one open takes along what is there: most
of the time a batch of turns. Where nobody talks, the sender writes them down by itself.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from storage import deliveries, people
from storage.database import Transaction
from storage.deliveries import Settlement


@dataclass
class Batch:
    """Outcomes on their way into one transaction, and addresses that are not written to any more, with the reason."""

    settlements: list[Settlement] = field(default_factory=list)
    silences: list[tuple[str, str]] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.settlements or self.silences)

    async def write(self, tx: Transaction, holder: str) -> None:
        await deliveries.settle(tx, self.settlements, holder)
        for address, why in self.silences:
            await people.silence(tx, address, why)


@dataclass
class Outcomes:
    """Outcomes of one process, in the order in which they came."""

    there: asyncio.Event = field(default_factory=asyncio.Event)
    put_back: bool = False
    """Something was written down as to be tried again since somebody looked last."""

    apart: bool = False
    """Some were in a transaction that failed. They are held apart until they were written down by themselves: an
    outcome that breaks us may not break a turn as well."""

    _coming: Batch = field(default_factory=Batch)
    _writing: asyncio.Lock = field(default_factory=asyncio.Lock)

    def add(self, settlement: Settlement) -> None:
        self._coming.settlements.append(settlement)
        self.there.set()

    def silence(self, address: str, why: str) -> None:
        """This address is not to be written to until its person writes to us."""
        self._coming.silences.append((address, why))

    @asynccontextmanager
    async def taken(self) -> AsyncIterator[Batch]:
        """All there are, for one transaction; they come back when it fails. When it ends well, none that came before
        it is still unwritten."""
        async with self._writing:
            batch, self._coming = self._coming, Batch()
            self.there.clear()
            try:
                yield batch
            except BaseException:
                later = self._coming
                self._coming = Batch(batch.settlements + later.settlements, batch.silences + later.silences)
                self.there.set()
                raise
            self.put_back |= any(each.outcome == "again" for each in batch.settlements)
            self.apart = False

    @asynccontextmanager
    async def along(self) -> AsyncIterator[Batch]:
        """As `taken`, for a transaction that is about something else: none while they are held apart."""
        if self.apart:
            yield Batch()
            return
        async with self.taken() as batch:
            try:
                yield batch
            except BaseException:
                self.apart = bool(batch)
                raise
