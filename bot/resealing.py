"""Resealing: everything older keys sealed is sealed again with the first, in small batches, while the service runs."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from storage.database import Database
from storage.resealing import SHELVES, Shelf, last_row, left, next_batch, renew_ring

BATCH, ROUNDS = 200, 4
"""A process that still seals with an older key makes work without end: a few rounds are enough to tell."""


@dataclass
class Resealed:
    """How many values were sealed again, how many still need older keys, and how many no key opens at all."""

    done: int = 0
    left: int = 0
    unopenable: int = 0


async def reseal(database: Database, clock: Callable[[], datetime], tell: Callable[[str], None]) -> Resealed:
    """Goes through all that is sealed until a round finds nothing more to do: what somebody else held meanwhile comes
    in the next. Once nothing needs the older keys, a start goes without them."""
    result = Resealed()
    for _ in range(ROUNDS):
        moved, result.unopenable = 0, 0
        for shelf in SHELVES:
            done, unopenable = await _go_through(database, clock, shelf)
            moved, result.unopenable = moved + done, result.unopenable + unopenable
            if done:
                tell(f"{shelf.name}: {done} sealed again.")
        result.done += moved
        if not moved:
            break
    async with database.write(clock()) as tx:
        result.left = max(0, await left(tx) - result.unopenable)
        if not result.left:
            await renew_ring(tx)
    return result


async def _go_through(database: Database, clock: Callable[[], datetime], shelf: Shelf) -> tuple[int, int]:
    done = unopenable = 0
    last = None
    async with database.read(clock()) as tx:
        end = await last_row(tx, shelf)  # what comes while we go is for the next round, or we might go for ever
    while True:
        began = time.monotonic()
        async with database.write(clock()) as tx:
            batch = await next_batch(tx, shelf, last, end, BATCH)
        if batch is None:
            return done, unopenable
        done, unopenable, last = done + batch.resealed, unopenable + batch.unopenable, batch.last
        await asyncio.sleep(time.monotonic() - began)  # half of the time belongs to those who answer meanwhile
