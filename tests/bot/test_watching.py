"""Open pages are told of news, whichever process brought it and in whatever order it was committed."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from bot import watching
from bot.watching import Watch
from storage import people
from storage.database import Database, Transaction, migrate, open_database
from storage.people import Person
from storage.schema import deliveries
from storage.sealing import Keys, new_key
from tests.conftest import new_database

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


async def made(database: Database, *names: str) -> list[Person]:
    async with database.write(NOW) as tx:
        return [person for person in await people.meet(tx, [("web", each, "en") for each in names]) if person]


async def news(tx: Transaction, person: Person, at: datetime = NOW) -> None:
    row = {
        "id": str(uuid.uuid4()), "lane": 1, "person": person.id, "address": person.address, "channel": "web",
        "kind": "message", "is_prompt": False, "state": "waiting", "waits_for": "looking", "attempts": 0,
        "not_before": at, "created": NOW,
    }  # fmt: skip
    await tx.execute(sa.insert(deliveries).values(row))


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    opened = open_database(database_url, Keys.read(new_key(), new_key()))
    await migrate(opened)
    yield opened
    await opened.close()


async def test_a_page_is_told_of_what_another_process_brought_once(database: Database) -> None:
    [mine, theirs] = await made(database, "mine", "theirs")
    watch = Watch(database, lambda: NOW)
    await watch.start()
    try:
        with watch.listening(mine.id) as told, watch.listening(theirs.id) as not_told:
            other = Database(database.engine, database.keys)  # what another process would have
            async with other.write(NOW) as tx:
                await news(tx, mine)
            await asyncio.wait_for(told.wait(), 5)
            told.clear()
            await asyncio.sleep(watching.EVERY * 3)
            assert not told.is_set(), "once is enough"
            assert not not_told.is_set()
    finally:
        await watch.close()


async def test_what_is_due_later_is_told_when_its_moment_comes_and_not_before(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watching, "AGAIN", 0.0)
    [mine] = await made(database, "mine")
    now = NOW
    watch = Watch(database, lambda: now)
    with watch.listening(mine.id) as told:
        async with database.write(NOW) as tx:
            await news(tx, mine, NOW + timedelta(hours=20))
        for hours, is_told in ((0, False), (19, False), (21, True), (22, False)):
            now = NOW + timedelta(hours=hours)
            await watch._look()
            assert told.is_set() is is_told
            told.clear()


@pytest.mark.postgres
async def test_what_was_written_first_and_committed_last_is_told_too(postgres: str) -> None:
    database = open_database(new_database(postgres), Keys.read(new_key(), new_key()))
    await migrate(database)
    [slow, quick] = await made(database, "slow", "quick")
    watch = Watch(database, lambda: NOW)
    await watch.start()
    try:
        with watch.listening(slow.id) as slow_told, watch.listening(quick.id) as quick_told:
            async with database.write(NOW) as long:
                await news(long, slow)
                async with database.write(NOW) as short:
                    await news(short, quick)
                await asyncio.wait_for(quick_told.wait(), 5)
                assert not slow_told.is_set()
            await asyncio.wait_for(slow_told.wait(), 5)
    finally:
        await watch.close()
        await database.close()


async def test_what_is_looked_at_again_does_not_grow(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watching, "AGAIN", 0.0)
    [mine] = await made(database, "mine")
    watch = Watch(database, lambda: NOW)
    with watch.listening(mine.id) as told:
        for _ in range(3):
            async with database.write(NOW) as tx:
                await news(tx, mine)
            await watch._look()
            assert told.is_set()
            told.clear()
        await watch._look()
    assert (watch._floor, watch._told, len(watch._looked)) == (3, set(), 1)
