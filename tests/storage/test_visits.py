"""What is noted of an event: by whoever runs it, for the organisers of its area, who tick off what is due, once."""

from __future__ import annotations

import asyncio
from datetime import UTC, date, datetime, timedelta

import sqlalchemy as sa

from conversations.domain.gatherings import Area
from storage import gatherings, people, retention, visits
from storage.database import Database
from storage.gatherings import Actor
from storage.schema import audit
from storage.schema import visits as kept
from tests.storage.acts import NOW, count, met, opened, organiser, rows

START = datetime(2026, 12, 5, 19)
AFTER = datetime(2026, 12, 6, 12, tzinfo=UTC)
DUE = date(2026, 12, 20)
WALES, SCOTLAND = (Actor(name=f"Organiser of {area}", areas=frozenset({area})) for area in ("wales", "scotland"))


async def _noted(database: Database, host: str = "host", due: date = DUE, **more: Area) -> str:
    """An event of which everything was noted by its host."""
    async with database.write(NOW) as tx:
        event = await opened(tx, host, START, **more)
    async with database.write(AFTER) as tx:
        who = Actor(await gatherings.host_of(tx, event))
        for what, words in (("who", "residents"), ("heard", "dark paths"), ("follow_up", "ask the council")):
            await visits.note(tx, who, event, what, words, due if what == "follow_up" else None)
    return event


async def test_what_is_due_is_seen_in_its_area_alone_the_first_due_first(database: Database) -> None:
    later, sooner = await _noted(database, "1"), await _noted(database, "2", DUE - timedelta(days=3))
    elsewhere = await _noted(database, "3", area=Area("scotland"))
    async with database.read(AFTER) as tx:
        assert [each.event.id for each in await visits.due(tx, WALES.areas)] == [sooner, later]
        assert [each.event.id for each in await visits.due(tx, SCOTLAND.areas)] == [elsewhere]
        assert len(await visits.due(tx, frozenset({""}))) == 3
        assert await visits.due(tx, frozenset()) == []
        [seen] = [each.visit for each in await visits.due(tx, SCOTLAND.areas)]
    assert (seen.who, seen.heard, seen.follow_up, seen.due) == ("residents", "dark paths", "ask the council", DUE)


async def test_it_is_ticked_off_once_by_an_organiser_of_the_area_and_that_is_on_the_trail(database: Database) -> None:
    event = await _noted(database)
    async with database.write(AFTER) as tx:
        host = Actor(await gatherings.host_of(tx, event))
        for who in (SCOTLAND, host):
            assert not await visits.tick_off(tx, who, event)
        assert not await visits.tick_off(tx, WALES, "NOTHING0")

    async def tick() -> bool:
        async with database.write(AFTER) as tx:
            return await visits.tick_off(tx, WALES, event)

    assert sum(await asyncio.gather(*(tick() for _ in range(6)))) == 1
    trail = await rows(database, sa.select(audit.c.staff, audit.c.what).where(audit.c.act == "tick off"))
    assert [tuple(row) for row in trail] == [("Organiser of wales", event)]
    async with database.write(AFTER) as tx:
        assert await visits.due(tx, WALES.areas) == []
        await visits.note(tx, host, event, "follow_up", "ask again", DUE)
        assert len(await visits.due(tx, WALES.areas)) == 1, "what is to be done anew is due anew"


async def test_nobody_else_notes_or_sees_it_and_nothing_before_it_begins(database: Database) -> None:
    event = await _noted(database)
    async with database.write(AFTER) as tx:
        elsewhere = await gatherings.actor(tx, (await organiser(tx, "elsewhere", "scotland")).id)
        for who in (Actor((await met(tx, "stranger")).id), elsewhere):
            await visits.note(tx, who, event, "who", "spoiled", None)
            assert await visits.seen_by(tx, who, event) is None
        seen = await visits.seen_by(tx, WALES, event)
    assert seen is not None
    assert (seen.visit.who, seen.organises) == ("residents", True)
    async with database.write(NOW) as tx:
        ahead = await opened(tx, "another", START)
        await visits.note(tx, WALES, ahead, "who", "too early", None)
    assert await count(database, kept) == 1


async def test_it_goes_with_whoever_wrote_it_or_with_the_event(database: Database) -> None:
    gone, stays = await _noted(database, "1"), await _noted(database, "2")
    async with database.write(AFTER) as tx:
        await people.forget(tx, await gatherings.host_of(tx, gone))
    assert [row.gathering for row in await rows(database, sa.select(kept.c.gathering))] == [stays]
    for days, left in ((40, [None]), (370, [])):
        async with database.write(AFTER + timedelta(days=days)) as tx:
            await retention.sweep(tx, [])
        assert [row.person for row in await rows(database, sa.select(kept.c.person))] == left
