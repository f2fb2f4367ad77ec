"""Events in a transcript: what happens around the person who plays. A fortnight from now, at seven in the evening.

! event organiser wales         the player becomes an organiser of Wales
! event open 2 A talk           another organiser of Wales opens one with two seats
! event hosts 2 A talk          the player, an organiser, holds an open one with two seats
! event guests 2                two others book the last one that was made, or wait for a seat
! event leaves                  the guest who booked first gives their seat up
! event approved | declined     an organiser of Wales says so to what was offered
! event moved | called off      its organiser does so; a move is by a day
! event about SAFE              its organiser says which topic it is about
! event reported                its organiser writes its report
! event came                    its organiser checks in whoever booked first
! event says A bell              all who booked say how it was, and the one who booked first adds these words

In a line {event} is the last event that was made, {code} the code of the seat that was booked first there, as it is
shown, and {bare} that code without dashes.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import sqlalchemy as sa

from bot.house import House
from bot.stage_events import perform_of_events
from conversations.domain import effects as acts
from conversations.domain.exits import QUESTIONS
from conversations.domain.gatherings import spaced
from conversations.domain.whens import When
from storage import arrivals, bookings, exits, gatherings, staff
from storage.database import Transaction
from storage.gatherings import Actor
from storage.people import Person
from storage.schema import addresses, conversations, persons
from storage.schema import bookings as booked
from storage.schema import gatherings as table
from tests.storage.acts import described, met, opened, organiser

A_FORTNIGHT = timedelta(days=14)


async def direct(words: str, house: House) -> None:
    """Performs one stage direction."""
    act, _, rest = words.partition(" ")
    async with house.database.write(house.clock()) as tx:
        match act:
            case "organiser":
                await _made_organiser(tx, rest)
            case "open":
                seats, _, title = rest.partition(" ")
                start = (tx.now + A_FORTNIGHT).replace(hour=19, minute=0, second=0, microsecond=0, tzinfo=None)
                await opened(tx, f"opens {title}", start, int(seats), title=title)
            case "hosts":
                seats, _, title = rest.partition(" ")
                await _hosts(tx, int(seats), title)
            case "guests":
                for number in range(int(rest)):
                    guest = await met(tx, f"guest {number}")
                    await bookings.book(tx, guest.id, guest.address, await newest(tx), wait=True)
            case "offers":
                await _offers(tx, int(rest))
            case "came":
                event = await newest(tx)
                assert await arrivals.check_in(tx, Actor(areas=frozenset({""})), event, await _first_code(tx, event))
            case "says":
                await _say_how_it_was(tx, await newest(tx), rest)
            case "leaves":
                await _leaves(tx, await newest(tx))
            case _:
                await _changed(tx, words, house)
    house.wake()


async def filled(words: str, house: House) -> str:
    """A line of a transcript with what nobody can know before."""
    if not any(name in words for name in ("{event}", "{code}", "{bare}")):
        return words
    async with house.database.read(house.clock()) as tx:
        event = await newest(tx)
        code = await _first_code(tx, event)
    return words.format(event=event, code=spaced(code), bare=code)


async def _first_code(tx: Transaction, event: str) -> str:
    seats = sa.select(booked.c.code).where(booked.c.gathering == event).order_by(booked.c.seq).limit(1)
    return str((await tx.first(seats)).code)


async def player(tx: Transaction) -> Any:
    """Whoever has a conversation."""
    talking = sa.select(persons.c.id, persons.c.pseudonym, addresses.c.id.label("address"))
    joined = talking.join(conversations, conversations.c.person == persons.c.id)
    return await tx.first(joined.join(addresses, addresses.c.person == persons.c.id))


async def _offers(tx: Transaction, count: int) -> None:
    row = await player(tx)
    offering = Person(row.id, row.address, "", "en", stopped=False)
    for days in range(1, count + 1):
        start = (tx.now + A_FORTNIGHT + timedelta(days=days)).replace(tzinfo=None)
        await described(tx, offering, start)
        await gatherings.offer(tx, await gatherings.actor(tx, offering.id))


async def _hosts(tx: Transaction, seats: int, title: str) -> None:
    row = await player(tx)
    host = Person(row.id, row.address, "", "en", stopped=False)
    start = (tx.now + A_FORTNIGHT).replace(hour=19, minute=0, second=0, microsecond=0, tzinfo=None)
    await described(tx, host, start, seats, title=title)
    await gatherings.offer(tx, await gatherings.actor(tx, host.id))


async def _made_organiser(tx: Transaction, area: str) -> None:
    row = await player(tx)
    await staff.grant(tx, "Sample organiser", "organiser", area)
    assert await staff.tie(tx, "Sample organiser", row.pseudonym)


async def newest(tx: Transaction) -> str:
    """The event that was made last."""
    row = await tx.first(sa.select(table.c.id).order_by(table.c.created.desc()).limit(1))
    return str(row.id)


async def _leaves(tx: Transaction, event: str) -> None:
    theirs = sa.select(booked.c.person).where(booked.c.gathering == event).order_by(booked.c.seq)
    await bookings.give_up(tx, (await tx.first(theirs.limit(1))).person, event)


async def _say_how_it_was(tx: Transaction, event: str, words: str) -> None:
    rows = await tx.rows(sa.select(booked.c.person).where(booked.c.gathering == event).order_by(booked.c.seq))
    for place, row in enumerate(rows):
        for question in QUESTIONS:
            await exits.record(tx, row.person, event, question, "yes")
        await exits.add_words(tx, row.person, event, "" if place else words)


async def _changed(tx: Transaction, words: str, house: House) -> None:
    """Something an organiser of Wales does in their own chat."""
    who, event = await organiser(tx, "another organiser", "wales"), await newest(tx)
    held = await gatherings.one(tx, event)
    assert held is not None
    done: dict[str, Any] = {
        "approved": acts.DecideEvent(event, approved=True),
        "declined": acts.DecideEvent(event, approved=False),
        "moved": acts.MoveEvent(event, When(held.start + timedelta(days=1))) if held.start else None,
        "called off": acts.CallOffEvent(event),
        "about SAFE": acts.DescribeEvent(event, "topic", "SAFE"),
        "reported": acts.PublishReport(event),
    }
    if words == "reported":
        for what, value in (("came", 34), ("majority", "Most wanted lights on the paths")):
            await gatherings.describe(tx, await gatherings.actor(tx, who.id), event, what, value)
    person = Person(who.id, who.address, "telegram", "en", stopped=False)
    await perform_of_events(tx, person, done[words], house.library.all())
