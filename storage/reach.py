"""Reach: after STOP was confirmed no news begins for that address, whoever sends it.

Whoever claims news of a channel, and whoever says STOP on it, holds the lease row of its bulk lane for the moment: the
one or the other is first, and the second sees what the first did.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import sqlalchemy as sa

from storage.database import Transaction, among
from storage.deliveries import Lane, Reply
from storage.schema import deliveries, leases


def lane_of(channel: str) -> str:
    """The name of the lease that whoever sends news on a channel has."""
    return f"bulk:{channel}"


async def hold(tx: Transaction, channel: str) -> None:
    """Nobody else claims news of this channel, or has STOP said on it, until this transaction ends."""
    if tx.on_sqlite:  # one transaction writes at a time
        return
    nobodys = {"name": lane_of(channel), "holder": "", "until": tx.now - timedelta(seconds=1)}
    await tx.execute(tx.insert(leases).values(nobodys).on_conflict_do_nothing())  # waits for whoever just makes it
    await tx.rows(_HOLDING, {"lane": lane_of(channel)})


async def awaited(tx: Transaction, replies: Sequence[Reply]) -> set[str]:
    """Addresses whose last word waits, because news for them is on the wire, or about to be."""
    last = [each for each in replies if each.last_word]
    if not last:
        return set()
    for channel in sorted({each.channel for each in last}):
        await hold(tx, channel)
    return {row.address for row in await tx.rows(_CLAIMED, {"wanted": [each.address for each in last]})}


_HOLDING = sa.select(leases.c.holder).where(leases.c.name == sa.bindparam("lane")).with_for_update()
_CLAIMED = sa.select(deliveries.c.address).where(
    among(deliveries.c.address, "wanted"), deliveries.c.state == "claimed", deliveries.c.lane != Lane.REPLY
)
