"""The stage's part in events: what a conversation decides of one is performed, and who booked is told of it."""

from __future__ import annotations

from conversations.domain import effects as acts
from storage import bookings, gatherings, reminders
from storage.database import Transaction
from storage.people import Person


async def perform_of_events(tx: Transaction, person: Person, effect: acts.OfEvents) -> None:
    """Has storage perform an effect that concerns events. Who may not is not obeyed: the next page shows how it is."""
    match effect:
        case acts.BookSeat(event, wait):
            await bookings.book(tx, person.id, person.address, event, wait=wait)
        case acts.GiveUpSeat(event):
            await bookings.give_up(tx, person.id, event)
        case acts.BeginEvent(title, copied):
            await gatherings.begin(tx, person.id, person.address, person.language, title, copied)
        case acts.DropEvent():
            await gatherings.drop(tx, person.id)
        case _:
            await _run(tx, await gatherings.actor(tx, person.id), effect)


async def _run(tx: Transaction, who: gatherings.Actor, effect: acts.OfEvents) -> None:
    """What only a host, or an organiser of the area, may do."""
    match effect:
        case acts.DescribeEvent(event, what, value):
            await gatherings.describe(tx, who, event, what, value)
        case acts.OfferEvent():
            await gatherings.offer(tx, who)
        case acts.DecideEvent(event, approved):
            await decide(tx, who, event, approved=approved)
        case acts.MoveEvent(event, when, place):
            if before := await gatherings.move(tx, who, event, when, place):
                await reminders.tell_all(tx, before, "moved")
                await reminders.schedule(tx, event)
        case acts.CallOffEvent(event):
            await call_off(tx, who, event)
        case _:
            await _run_rarer(tx, who, effect)


async def _run_rarer(tx: Transaction, who: gatherings.Actor, effect: acts.OfEvents) -> None:
    match effect:
        case acts.ChangeSeats(event, seats):
            if await gatherings.is_run_by(tx, who, event):
                await bookings.resize(tx, event, seats)
        case acts.PublishReport(event):
            if await gatherings.publish_report(tx, who, event):
                await reminders.tell_report(tx, event)


async def decide(tx: Transaction, who: gatherings.Actor, event: str, *, approved: bool) -> bool:
    """An organiser says yes or no to an offer, here or at the desk; whoever offered it is told."""
    done = await gatherings.decide(tx, who, event, approved=approved)
    if done:
        await reminders.tell_host(tx, event, "approved" if approved else "declined")
    return done


async def call_off(tx: Transaction, who: gatherings.Actor, event: str) -> bool:
    """Calls an event off, here or at the desk; everybody who booked is told."""
    before = await gatherings.call_off(tx, who, event)
    if before:
        await reminders.tell_all(tx, before, "cancelled")
    return before is not None
