"""Bookings: a seat is one person's, however many ask at once; whoever waited longest moves up by itself."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa

from conversations.domain.whens import When
from storage import bookings, gatherings, people, reminders
from storage.database import Database, Transaction
from storage.people import Person
from storage.schema import deliveries
from storage.schema import gatherings as table
from tests.storage.acts import NOW, met, opened, rows

START = datetime(2026, 12, 5, 19, 0)


async def _books(tx: Transaction, person: Person, event: str, *, wait: bool = False) -> str:
    return await bookings.book(tx, person.id, person.address, event, wait=wait)


async def _told(database: Database) -> list[tuple[str, str]]:
    """Whom the ledger tells what, in the order it was queued."""
    found = await rows(database, sa.select(deliveries).where(deliveries.c.state == "waiting").order_by("seq"))
    read = [(each.person, reminders.read_source(each.source)) for each in found]
    return [(person, source.news) for person, source in read if source]


async def test_sixty_four_at_once_and_one_seat(database: Database) -> None:
    async with database.write(NOW) as tx:
        event = await opened(tx, "host", START, seats=1)
        guests = [await met(tx, str(number)) for number in range(64)]

    async def book(guest: Person) -> str:
        async with database.write(NOW) as tx:
            return await _books(tx, guest, event)

    got = await asyncio.gather(*(book(guest) for guest in guests))
    assert sorted(got) == [*[""] * 63, "booked"]
    assert [row.taken for row in await rows(database, sa.select(table.c.taken))] == [1]


async def test_sixty_four_come_and_go_at_once_and_every_seat_is_somebodys(database: Database) -> None:
    async with database.write(NOW) as tx:
        event = await opened(tx, "host", START, seats=5)
        guests = [await met(tx, str(number)) for number in range(24)]

    async def come_and_go(number: int, guest: Person) -> None:
        for turn in range(2):
            async with database.write(NOW) as tx:
                await _books(tx, guest, event, wait=True)
            if turn == 0 and number % 3:
                async with database.write(NOW) as tx:
                    await bookings.give_up(tx, guest.id, event)

    await asyncio.gather(*(come_and_go(number, guest) for number, guest in enumerate(guests)))
    states = await rows(database, sa.text("SELECT state, count(*) AS people FROM bookings GROUP BY state"))
    assert {row.state: row.people for row in states} == {"booked": 5, "waiting": 19}
    assert [row.taken for row in await rows(database, sa.select(table.c.taken))] == [5]


async def test_the_database_itself_refuses_one_seat_too_many(database: Database) -> None:
    async with database.write(NOW) as tx:
        await opened(tx, "host", START, seats=1)
    with pytest.raises(sa.exc.IntegrityError):
        async with database.write(NOW) as tx:
            await tx.execute(sa.update(table).values(taken=2))


async def test_who_waited_longest_moves_up_in_the_same_moment_and_is_told(database: Database) -> None:
    async with database.write(NOW) as tx:
        event = await opened(tx, "host", START, seats=1)
        first, second, third = [await met(tx, value) for value in "123"]
        assert await _books(tx, first, event) == "booked"
        assert await _books(tx, second, event) == ""
        assert await _books(tx, second, event, wait=True) == "waiting"
        assert await _books(tx, third, event, wait=True) == "waiting"
        assert await bookings.place_of(tx, third.id, event) == ("waiting", 2)
    async with database.write(NOW) as tx:
        await bookings.give_up(tx, first.id, event)
        assert await bookings.place_of(tx, second.id, event) == ("booked", 0)
        assert await bookings.place_of(tx, third.id, event) == ("waiting", 1)
    assert await _told(database) == [(second.id, "seat"), (second.id, "day"), (second.id, "hour"), (second.id, "after")]


async def test_who_is_forgotten_leaves_their_seat_to_others(database: Database) -> None:
    async with database.write(NOW) as tx:
        event = await opened(tx, "host", START, seats=1)
        first, second = await met(tx, "1"), await met(tx, "2")
        await _books(tx, first, event)
        await _books(tx, second, event, wait=True)
        await people.forget(tx, first.id)
        assert await bookings.place_of(tx, second.id, event) == ("booked", 0)


async def test_what_is_given_up_and_booked_again_is_reminded_of_once(database: Database) -> None:
    async with database.write(NOW) as tx:
        event = await opened(tx, "host", START)
        guest = await met(tx, "1")
        await _books(tx, guest, event)
        await bookings.give_up(tx, guest.id, event)
    assert await _told(database) == []
    async with database.write(NOW) as tx:
        await _books(tx, guest, event)
        await _books(tx, guest, event)
    assert await _told(database) == [(guest.id, "day"), (guest.id, "hour"), (guest.id, "after")]


async def test_nothing_is_booked_once_it_began_or_was_called_off(database: Database) -> None:
    async with database.write(NOW) as tx:
        event, guest = await opened(tx, "host", START), await met(tx, "1")
    async with database.write(NOW + timedelta(days=90)) as tx:
        assert await _books(tx, guest, event, wait=True) == ""
    async with database.write(NOW) as tx:
        await gatherings.call_off(tx, await gatherings.actor(tx, await gatherings.host_of(tx, event)), event)
        assert await _books(tx, guest, event, wait=True) == ""


async def test_who_booked_is_told_of_a_change_once_and_reminded_of_the_new_time(database: Database) -> None:
    async with database.write(NOW) as tx:
        event = await opened(tx, "host", START, seats=1)
        guest, waits = await met(tx, "1"), await met(tx, "2")
        await _books(tx, guest, event)
        await _books(tx, waits, event, wait=True)
        who = await gatherings.actor(tx, await gatherings.host_of(tx, event))
        for days in (1, 2):
            before = await gatherings.move(tx, who, event, When(START + timedelta(days=days)))
            assert before is not None
            await reminders.tell_all(tx, before, "moved")
            await reminders.schedule(tx, event)
    told = await _told(database)
    assert sorted(told) == sorted(
        [(guest.id, "moved"), (waits.id, "moved"), (guest.id, "day"), (guest.id, "hour"), (guest.id, "after")]
    )
    found = await rows(database, sa.select(deliveries).where(deliveries.c.state == "waiting"))
    assert {reminders.read_source(each.source).version for each in found} == {3}  # type: ignore[union-attr]
    assert not any(each.urgent for each in found)


@pytest.mark.parametrize(("hours", "urgent"), [(23, True), (25, False)])
async def test_what_begins_within_a_day_is_urgent(database: Database, hours: int, urgent: bool) -> None:
    start = (NOW + timedelta(hours=hours + 1)).replace(tzinfo=None)  # London is an hour ahead on this day
    async with database.write(NOW) as tx:
        event, guest = await opened(tx, "host", start), await met(tx, "1")
        await _books(tx, guest, event)
        who = await gatherings.actor(tx, await gatherings.host_of(tx, event))
        before = await gatherings.call_off(tx, who, event)
        assert before is not None
        await reminders.tell_all(tx, before, "cancelled")
    found = await rows(database, sa.select(deliveries).where(deliveries.c.state == "waiting"))
    assert [(reminders.read_source(each.source).news, each.urgent) for each in found] == [("cancelled", urgent)]  # type: ignore[union-attr]


async def test_more_seats_go_to_who_waits_and_fewer_never_than_are_booked(database: Database) -> None:
    async with database.write(NOW) as tx:
        event = await opened(tx, "host", START, seats=1)
        guests = [await met(tx, value) for value in "1234"]
        for guest in guests:
            await _books(tx, guest, event, wait=True)
        await bookings.resize(tx, event, 3)
        assert [(await bookings.place_of(tx, guest.id, event))[0] for guest in guests] == [*["booked"] * 3, "waiting"]
        await bookings.resize(tx, event, 2)
        found = await gatherings.one(tx, event)
    assert found is not None
    assert (found.seats, found.taken, found.waiting) == (3, 3, 1)
    told = [news for _, news in await _told(database)]
    assert told.count("seat") == 2
