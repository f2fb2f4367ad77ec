"""Arrivals: who came to an event. A seat is checked in once, by its code; whoever came without one is counted."""

from __future__ import annotations

import sqlalchemy as sa

from conversations.domain.gatherings import Arrivals
from storage import gatherings as kept
from storage.database import Transaction
from storage.gatherings import Actor
from storage.schema import addresses, bookings, gatherings


async def check_in(tx: Transaction, who: Actor, id_: str, code: str) -> bool:
    """Whoever has the seat with this code came, now. False when it is no seat of this event, or not theirs to say."""
    if not await _receives(tx, who, id_):
        return False
    fresh = sa.and_(_seat(id_, code), bookings.c.came.is_(None))
    return bool((await tx.execute(sa.update(bookings).where(fresh).values(came=tx.now))).rowcount)


async def count_one(tx: Transaction, who: Actor, id_: str) -> None:
    """Somebody came without a seat."""
    if await _receives(tx, who, id_):
        more = gatherings.c.walked_in + 1
        await tx.execute(sa.update(gatherings).where(gatherings.c.id == id_).values(walked_in=more))


async def _receives(tx: Transaction, who: Actor, id_: str) -> bool:
    event = await kept.one(tx, id_)
    return event is not None and event.receives(tx.now) and await kept.runs(tx, who, event)


async def at_the_door(tx: Transaction, person: str, id_: str, code: str) -> Arrivals | None:
    """Who came, for whoever runs the event; None for anybody else."""
    event = await kept.one(tx, id_)
    if event is None or not await kept.runs(tx, await kept.actor(tx, person), event):
        return None
    with_seat = sa.select(sa.func.count(bookings.c.came)).where(bookings.c.gathering == id_)
    row = await tx.first(sa.select(with_seat.scalar_subquery().label("came"), gatherings.c.walked_in).where(
        gatherings.c.id == id_
    ))  # fmt: skip
    seat = await tx.first(sa.select(bookings.c.came).where(_seat(id_, code))) if code else None
    return Arrivals(event, row.came, row.walked_in, seat is not None, seat.came if seat else None)


async def is_seat(tx: Transaction, id_: str, code: str) -> bool:
    """Whether this code is of a seat of this event."""
    return await tx.first(sa.select(bookings.c.seq).where(_seat(id_, code))) is not None


async def host_is_on(tx: Transaction, id_: str) -> str:
    """The channel on which whoever holds an event does so; empty when nobody does any more."""
    joined = sa.select(addresses.c.channel).join(gatherings, gatherings.c.address == addresses.c.id)
    row = await tx.first(joined.where(gatherings.c.id == id_))
    return str(row.channel) if row else ""


def _seat(id_: str, code: str) -> sa.ColumnElement[bool]:
    return sa.and_(bookings.c.gathering == id_, bookings.c.code == code, bookings.c.state == "booked")
