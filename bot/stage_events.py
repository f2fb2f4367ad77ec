"""The stage's part in events: what a conversation decides of one is performed, and who booked is told of it."""

from __future__ import annotations

from conversations import subjects
from conversations.domain import effects as acts
from conversations.domain.gatherings import Gathering
from conversations.domain.whens import When
from conversations.subjects import Shelf
from storage import arrivals, bookings, event_notices, exits, gatherings, reminders, staff, visits
from storage.database import Transaction
from storage.gatherings import Actor
from storage.people import Person


async def perform_of_events(tx: Transaction, person: Person, effect: acts.OfEvents, shelf: Shelf = ()) -> None:
    """Has storage perform an effect that concerns events. Who may not is not obeyed: the next page shows how it is.
    `shelf` is every consultation there is: whoever follows a topic hears of events about it."""
    match effect:
        case acts.BookSeat(event, wait):
            await bookings.book(tx, person.id, person.address, event, wait=wait)
        case acts.GiveUpSeat(event):
            await bookings.give_up(tx, person.id, event)
        case acts.RecordExit(event, question, answer):
            await exits.record(tx, person.id, event, question, answer)
        case acts.AddExitWords(event, words):
            await exits.add_words(tx, person.id, event, words)
        case acts.BeginEvent(title, copied):
            await gatherings.begin(tx, person.id, person.address, person.language, title, copied)
        case acts.DropEvent():
            await gatherings.drop(tx, person.id)
        case _:
            await _run(tx, await gatherings.actor(tx, person.id), effect, shelf)


async def _run(tx: Transaction, who: Actor, effect: acts.OfEvents, shelf: Shelf) -> None:
    """What only a host, or an organiser of the area, may do."""
    match effect:
        case acts.DescribeEvent(event, what, value):
            await _describe(tx, who, event, what, value, shelf)
        case acts.OfferEvent():
            if opened := await gatherings.offer(tx, who):
                await _tell_opened(tx, opened, shelf)
        case acts.DecideEvent(event, approved):
            await decide(tx, who, event, shelf, approved=approved)
        case acts.MoveEvent(event, when, place, step_free):
            await _move(tx, who, event, when, place, step_free)
        case acts.CallOffEvent(event):
            await call_off(tx, who, event)
        case _:
            await _run_rarer(tx, who, effect)


async def _run_rarer(tx: Transaction, who: Actor, effect: acts.OfEvents) -> None:
    match effect:
        case acts.ChangeSeats(event, seats):
            if await gatherings.is_run_by(tx, who, event):
                await bookings.resize(tx, event, seats)
        case acts.CheckIn(event, code):
            await arrivals.check_in(tx, who, event, code)
        case acts.CountArrival(event):
            await arrivals.count_one(tx, who, event)
        case acts.NoteVisit(event, what, words, due):
            await visits.note(tx, who, event, what, words, due)
        case acts.TickOff(event):
            await visits.tick_off(tx, who, event)
        case acts.PublishReport(event):
            if await gatherings.publish_report(tx, who, event):
                await reminders.tell_report(tx, event)
                await event_notices.tell_changed(tx, event, "event_report")


async def _tell_opened(tx: Transaction, event: str, shelf: Shelf) -> None:
    """Whoever follows the event's area, topic or group is told that it is open."""
    found = await gatherings.one(tx, event)
    if found and found.bookable(tx.now):
        await event_notices.tell_opened(tx, event, subjects.of_event(found, shelf))


async def _describe(tx: Transaction, who: Actor, event: str, what: str, value: object, shelf: Shelf) -> None:
    await gatherings.describe(tx, who, event, what, value)
    if what == "topic":
        await _tell_opened(tx, event, shelf)


async def _move(tx: Transaction, who: Actor, event: str, when: When | None, place: str, step_free: str) -> bool:
    """Another time or place, or steps where there were none: everybody who booked is told, once for all of it."""
    before = await gatherings.move(tx, who, event, when, place, step_free)
    if before:
        await reminders.tell_all(tx, before, "moved")
        await event_notices.tell_changed(tx, event, "event_moved")
        await reminders.schedule(tx, event)
    return before is not None


async def hold(tx: Transaction, who: Actor, made: Gathering, shelf: Shelf) -> bool:
    """An organiser's event stands, all of it said at once at the desk; whoever follows its area, topic or group is
    told."""
    done = await gatherings.hold(tx, who, made)
    if done:
        await _tell_opened(tx, made.id, shelf)
    return done


async def change(tx: Transaction, who: Actor, before: Gathering, now: Gathering, shelf: Shelf) -> bool:
    """An open event becomes what was written of it at the desk, by the same acts as in the chat, one for each thing
    that is otherwise. True when everybody who booked is told of it."""
    when = When(now.start, now.minutes) if now.start else None
    told = await _move(tx, who, before.id, when, now.place, now.step_free)
    if now.seats and now.seats != before.seats:
        await bookings.resize(tx, before.id, now.seats)
    for what in gatherings.ALWAYS:
        if getattr(now, what) != getattr(before, what):
            await _describe(tx, who, before.id, what, getattr(now, what), shelf)
    await staff.note(tx, who.name, "change event", before.id)
    return told


async def decide(tx: Transaction, who: Actor, event: str, shelf: Shelf, *, approved: bool) -> bool:
    """An organiser says yes or no to an offer, here or at the desk; whoever offered it is told, and whoever follows
    its area, topic or group."""
    done = await gatherings.decide(tx, who, event, approved=approved)
    if done:
        await reminders.tell_host(tx, event, "approved" if approved else "declined")
        await _tell_opened(tx, event, shelf)
    return done


async def call_off(tx: Transaction, who: Actor, event: str) -> bool:
    """Calls an event off, here or at the desk; everybody who booked is told."""
    before = await gatherings.call_off(tx, who, event)
    if before:
        await reminders.tell_all(tx, before, "cancelled")
        await event_notices.tell_changed(tx, event, "event_off")
    return before is not None
