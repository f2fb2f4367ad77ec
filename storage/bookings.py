"""Bookings: a seat is taken by one conditional statement, and one that comes free goes to whoever waited longest."""

from __future__ import annotations

from typing import Any, Literal

import sqlalchemy as sa

from conversations.domain.gatherings import CODE_LENGTH
from storage import reminders
from storage.database import Transaction
from storage.references import short_code
from storage.schema import bookings, gatherings

Place = Literal["booked", "waiting", ""]


async def place_of(tx: Transaction, person: str, gathering: str) -> tuple[Place, int]:
    """Whether this person has a seat, and how many wait no later than they do."""
    row = await tx.first(sa.select(bookings.c.state, bookings.c.seq).where(_theirs(person, gathering)))
    if row is None:
        return "", 0
    before = sa.and_(bookings.c.gathering == gathering, bookings.c.state == "waiting", bookings.c.seq <= row.seq)
    count = await tx.execute(sa.select(sa.func.count()).where(before))
    return row.state, int(count.scalar_one())


async def book(tx: Transaction, person: str, address: str, gathering: str, *, wait: bool) -> Place:
    """A seat if there is one; else a place on the waiting list, if they `wait`. Whoever has one of both keeps it."""
    had, _ = await place_of(tx, person, gathering)
    if had:
        return had
    seated = await _take_seat(tx, gathering)
    if not seated:
        if not wait or not await _hold(tx, gathering):
            return ""
        seated = await _take_seat(tx, gathering)  # one may have come free before nobody else could take it
    made: Place = "booked" if seated else "waiting"
    await _write(tx, {"gathering": gathering, "person": person, "address": address, "state": made, "made": tx.now})
    if seated:
        await reminders.schedule(tx, gathering, person)
    return made


async def _write(tx: Transaction, row: dict[str, Any]) -> None:
    """A booking with a code that no other one of its event has: among ten thousand, one in a hundred thousand draws a
    code that is taken."""
    while True:
        drawn = tx.insert(bookings).values(row | {"code": short_code(CODE_LENGTH)})
        if (await tx.execute(drawn.on_conflict_do_nothing(index_elements=["gathering", "code"]))).rowcount:
            return


async def code_of(tx: Transaction, person: str, gathering: str) -> str:
    """The code of somebody's seat; empty where they have none."""
    row = await tx.first(sa.select(bookings.c.code).where(_theirs(person, gathering), bookings.c.state == "booked"))
    return (row.code if row else None) or ""


async def give_up(tx: Transaction, person: str, gathering: str) -> None:
    """Gives a seat, or a place on the waiting list, back; whoever waited longest moves up, and is told."""
    gone = sa.delete(bookings).where(_theirs(person, gathering)).returning(bookings.c.state)
    row = (await tx.execute(gone)).first()
    if row is None:
        return
    await reminders.withdraw(tx, gathering, person)
    if row.state == "booked":
        await _free_seat(tx, gathering)


async def give_up_all(tx: Transaction, person: str) -> None:
    """Before somebody is forgotten: what they booked is there for others."""
    rows = await tx.rows(sa.select(bookings.c.gathering).where(bookings.c.person == person))
    for gathering in sorted(row.gathering for row in rows):
        await give_up(tx, person, gathering)


async def resize(tx: Transaction, gathering: str, seats: int) -> None:
    """So many people can come to an open event, unless more have booked already. Who waits moves up."""
    fits = sa.and_(_bookable(tx, gathering), gatherings.c.taken <= seats)
    changed = await tx.execute(sa.update(gatherings).where(fits).values(seats=seats, changed=tx.now))
    while changed.rowcount and await _move_up(tx, gathering):
        pass


async def _take_seat(tx: Transaction, gathering: str) -> bool:
    """The one statement in which a seat is taken: it finds one or does nothing, however many ask at once."""
    free = sa.and_(_bookable(tx, gathering), gatherings.c.taken < gatherings.c.seats)
    taken = await tx.execute(sa.update(gatherings).where(free).values(taken=gatherings.c.taken + 1))
    return bool(taken.rowcount)


async def _free_seat(tx: Transaction, gathering: str) -> None:
    """The seat goes to whoever waited longest; to nobody, once it is too late to come."""
    freed = sa.update(gatherings).where(gatherings.c.id == gathering, gatherings.c.taken > 0)
    await tx.execute(freed.values(taken=gatherings.c.taken - 1))  # from here on no other transaction moves anybody up
    await _move_up(tx, gathering)


async def _move_up(tx: Transaction, gathering: str) -> bool:
    """Whoever waited longest has a seat, if one is free, and is told. False when nobody moved."""
    first = (
        sa.select(bookings.c.seq, bookings.c.person)
        .where(bookings.c.gathering == gathering, bookings.c.state == "waiting")
        .order_by(bookings.c.seq)
        .limit(1)
    )
    if not tx.on_sqlite:  # who is just giving their place up is no longer there to move
        first = first.with_for_update(skip_locked=True)
    next_ = await tx.first(first)
    if next_ is None or not await _take_seat(tx, gathering):
        return False
    await tx.execute(sa.update(bookings).where(bookings.c.seq == next_.seq).values(state="booked"))
    await reminders.tell(tx, gathering, "seat", next_.person)
    await reminders.schedule(tx, gathering, next_.person)
    return True


async def _hold(tx: Transaction, gathering: str) -> bool:
    """Keeps everybody else from taking or freeing a seat until this transaction ends, so that whoever frees one next
    sees who waits. False where nobody can book any more."""
    held = sa.update(gatherings).where(_bookable(tx, gathering)).values(taken=gatherings.c.taken)
    return bool((await tx.execute(held)).rowcount)


def _bookable(tx: Transaction, gathering: str) -> sa.ColumnElement[bool]:
    return sa.and_(gatherings.c.id == gathering, gatherings.c.state == "open", gatherings.c.starts > tx.now)


def _theirs(person: str, gathering: str) -> sa.ColumnElement[bool]:
    return sa.and_(bookings.c.gathering == gathering, bookings.c.person == person)
