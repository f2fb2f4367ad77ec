"""What happens to events is told to whoever follows them or where they are, once, and not to whoever booked."""

from __future__ import annotations

from datetime import datetime, timedelta

import sqlalchemy as sa

from conversations.domain.following import Subject, event_subject, topic_subject
from conversations.domain.gatherings import Area
from conversations.domain.whens import When
from conversations.subjects import of_event
from storage import bookings, event_notices, gatherings, notices, subscriptions
from storage.database import Database, Transaction
from storage.gatherings import Actor
from storage.schema import deliveries
from tests.conversations.somebody import sample
from tests.storage.acts import LATER, NOW, met, opened, rows
from tests.storage.test_notices import follower

START = datetime(2026, 12, 5, 19)
SWANSEA = Area("wales", "", "W07000081", "Swansea West")
EVERYWHERE = Actor(name="Sample organiser", areas=frozenset({""}))
SHELF = (sample("fair_future"),)
SAFE = SHELF[0].topic("SAFE")


async def _told(database: Database) -> list[str]:
    """Who has something queued, once for each."""
    kinds = sa.select(deliveries.c.person).where(deliveries.c.kind == "notice").order_by(deliveries.c.seq)
    return [row.person for row in await rows(database, kinds)]


async def _opens(tx: Transaction, event: str) -> None:
    found = await gatherings.one(tx, event)
    assert found is not None
    await event_notices.tell_opened(tx, event, of_event(found, SHELF))


async def test_a_new_event_is_told_to_whoever_follows_where_it_is_or_what_it_is_about_once(database: Database) -> None:
    async with database.write(NOW) as tx:
        near = [
            await follower(tx, value, Subject(kind, id_))  # type: ignore[arg-type]
            for value, kind, id_ in (
                ("1", "area", "W07000081"), ("2", "area", "wales"), ("3", "topic", "fair-future/SAFE"),
                ("4", "commission", SAFE.commission.id),
            )
        ]  # fmt: skip
        await follower(tx, "5", Subject("area", "scotland"), topic_subject("fair-future", "VOTE"))
        twice = await follower(tx, "6", Subject("area", "wales"), topic_subject("fair-future", "SAFE"), pace="weekly")
        event = await opened(tx, "host", START, area=SWANSEA)
        await _opens(tx, event)
    assert set(await _told(database)) == {near[0].id, near[1].id, twice.id}
    async with database.write(LATER) as tx:
        host = await gatherings.host_of(tx, event)
        await gatherings.describe(tx, Actor(host), event, "topic", "SAFE")
        await _opens(tx, event)
        await _opens(tx, event)
    told = await _told(database)
    assert len(told) == len(set(told))
    assert set(told) == {*(each.id for each in near), twice.id}


async def test_who_booked_or_holds_it_is_told_as_such_and_not_as_a_follower(database: Database) -> None:
    async with database.write(NOW) as tx:
        event = await opened(tx, "host", START)
        host = await met(tx, "host")
        await subscriptions.follow(tx, host.id, host.address, event_subject(event), "at_once")
        only, guest = await follower(tx, "1", event_subject(event)), await follower(tx, "2", event_subject(event))
        await bookings.book(tx, guest.id, guest.address, event, wait=False)
    async with database.write(LATER) as tx:
        assert await gatherings.move(tx, EVERYWHERE, event, When(START + timedelta(days=1)))
        for _ in range(2):
            await event_notices.tell_changed(tx, event, "event_moved")
        assert await gatherings.call_off(tx, EVERYWHERE, event)
        await event_notices.tell_changed(tx, event, "event_off")
    assert await _told(database) == [only.id, only.id]


async def test_what_is_so_no_more_is_known_for_it(database: Database) -> None:
    async with database.write(NOW) as tx:
        event = await opened(tx, "host", START)
        await _opens(tx, event)
        told = await notices.one(tx, "event_opens", event)
        assert told is not None
        assert [(await event_notices.of(tx, told) or (None, None))[1]] == [True]
        assert await gatherings.move(tx, EVERYWHERE, event, When(START + timedelta(days=1)))
        await event_notices.tell_changed(tx, event, "event_moved")
        first = await notices.one(tx, "event_moved", f"{event}-2")
        assert first is not None
        assert await gatherings.move(tx, EVERYWHERE, event, When(START + timedelta(days=2)))
        assert (await event_notices.of(tx, first) or (None, None))[1] is False
        assert await gatherings.call_off(tx, EVERYWHERE, event)
        assert (await event_notices.of(tx, told) or (None, None))[1] is False
        await event_notices.tell_opened(tx, event, [Subject("area", "wales")])  # too late: nobody is told
    assert await _told(database) == []
