"""What somebody might do next: come to an event near where they live about what they were told, follow it, hold one."""

from __future__ import annotations

from datetime import datetime, timedelta

import sqlalchemy as sa

from conversations.domain.following import topic_subject
from conversations.domain.gatherings import Area
from storage import actions, bookings, next_steps, people, subscriptions
from storage.database import Database, Transaction
from storage.people import Person
from storage.schema import places, standing_prompts
from tests.storage.acts import LATER, NOW, TALK, TEXTS, TOPIC, met, opened, publish, took_part

START = datetime(2026, 12, 5, 19)
SWANSEA = Area("wales", "", "W07000081", "Swansea West")
BRISTOL = Area("england", "south_west", "E14000600", "Bristol West")
BATH = Area("england", "south_west", "E14000547", "Bath")


async def _told(tx: Transaction, person: Person, kind: str = "done") -> str:
    """The token of what they were told."""
    await publish(tx, await actions.draft(tx, TALK, TOPIC, kind, ["F1"], TEXTS, "Officer A"))
    query = sa.select(standing_prompts.c.token).where(standing_prompts.c.person == person.id)
    row = await tx.first(query.order_by(standing_prompts.c.opened.desc()))
    assert row is not None
    return str(row.token)


async def _lives_in(tx: Transaction, person: Person, area: Area) -> None:
    for each in (SWANSEA, BRISTOL, BATH):
        row = {"code": each.constituency, "name": each.name, "folded": each.name.casefold(), "nation": each.nation,
               "region": each.region}  # fmt: skip
        await tx.execute(tx.insert(places).values(row).on_conflict_do_nothing())
    await people.tell_about(tx, person.id, "constituency", area.constituency)


async def test_the_nearest_event_about_it_then_to_follow_it_then_to_hold_one(database: Database) -> None:
    async with database.write(NOW) as tx:
        person = await took_part(tx, "1")
        await _lives_in(tx, person, BATH)
        for number, (area, topic, days) in enumerate(
            [(SWANSEA, TOPIC, 0), (BATH, "OTHER", 0), (BATH, "", 0), (BRISTOL, TOPIC, 1)]
        ):
            start = START + timedelta(days=days)
            wide = await opened(tx, f"host {number}", start, area=area, **({"topic": topic} if topic else {}))
        token = await _told(tx, person)
        found = await next_steps.after(tx, person.id, token)
        assert found is not None
        assert found.event is not None
        assert (found.event.id, found.follows, found.topic) == (wide, False, TOPIC), (
            "there is none nearer than the region"
        )
        near = await opened(tx, "host near", START + timedelta(days=9), area=BATH, topic=TOPIC)
        found = await next_steps.after(tx, person.id, token)
        assert found is not None
        assert found.event is not None
        assert found.event.id == near
        for event in (near, wide):
            await bookings.book(tx, person.id, person.address, event, wait=False)
        await subscriptions.follow(tx, person.id, person.address, topic_subject(TALK, TOPIC), "weekly")
        found = await next_steps.after(tx, person.id, token)
        assert found is not None
        assert (found.event, found.follows) == (None, True)


async def test_after_news_that_decides_nothing_or_of_somebody_else_there_is_no_next_step(database: Database) -> None:
    async with database.write(NOW) as tx:
        person, other = await took_part(tx, "1"), await met(tx, "2")
        token = await _told(tx, person)
        assert await next_steps.after(tx, other.id, token) is None
        assert await next_steps.after(tx, person.id, "made-up") is None
        found = await next_steps.after(tx, person.id, token)
        assert found is not None
        assert found.event is None, "nobody knows where they live"
    async with database.write(LATER) as tx:
        assert await next_steps.after(tx, person.id, await _told(tx, person, "update")) is None
