"""The pulse: each process says again and again that it lives, so that others take over soon when it does not.

A pulse is a lease row named `alive:HOLDER`. Whoever's pulse has run out is dead, or cut off, or stands still: what it
had claimed is free again, long before the leases of its deliveries run out by themselves.
"""

from __future__ import annotations

from datetime import timedelta

import sqlalchemy as sa

from storage.database import Transaction
from storage.schema import deliveries, leases

LIFE = timedelta(seconds=6)
"""How long a process counts as alive after a beat; also the life of what it holds alone, such as a bulk lane."""

_PREFIX = "alive:"
_PULSES = leases.c.name.startswith(_PREFIX)


async def beat(tx: Transaction, holder: str) -> None:
    """This process lives, and keeps every lease it holds."""
    until = tx.now + LIFE
    row = tx.insert(leases).values(name=_PREFIX + holder, holder=holder, until=until)
    await tx.execute(row.on_conflict_do_update(index_elements=["name"], set_={"until": until}))
    await tx.execute(sa.update(leases).where(leases.c.holder == holder, leases.c.until < until).values(until=until))


async def hold_lease(tx: Transaction, name: str, holder: str, seconds: float) -> bool:
    """Takes or keeps a lease; False while another process has it."""
    until = tx.now + timedelta(seconds=seconds)
    row = tx.insert(leases).values(name=name, holder=holder, until=until)
    free = sa.or_(leases.c.holder == holder, leases.c.until < tx.now)
    statement = row.on_conflict_do_update(index_elements=["name"], set_={"holder": holder, "until": until}, where=free)
    return bool((await tx.execute(statement.returning(leases.c.holder))).first())


async def release_the_dead(tx: Transaction, holder: str) -> int:
    """Ends the claims of processes whose pulse has run out; how many there were. One process does it, once for each:
    whoever takes the pulse away."""
    lost = sa.and_(_PULSES, leases.c.until < tx.now, leases.c.holder != holder)
    dead = [row.holder for row in await tx.execute(sa.delete(leases).where(lost).returning(leases.c.holder))]
    if dead:
        held = sa.and_(
            deliveries.c.holder.in_(dead), deliveries.c.state == "claimed", deliveries.c.lease_until > tx.now
        )
        await tx.execute(sa.update(deliveries).where(held).values(lease_until=tx.now - LIFE))
    return len(dead)


async def stop(tx: Transaction, holder: str) -> None:
    """This process goes, and holds nothing any more: whoever stands by need not wait."""
    await tx.execute(sa.delete(leases).where(leases.c.holder == holder))
