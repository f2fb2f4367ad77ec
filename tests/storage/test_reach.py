"""Reach: who says STOP and who claims news see what the other did, whichever of them was first."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

import pytest
import sqlalchemy as sa

from storage import deliveries, pulse, reach
from storage.database import migrate, open_database
from storage.deliveries import Lane, Reply
from storage.schema import deliveries as ledger
from storage.sealing import Keys, new_key
from tests.conftest import new_database
from tests.storage.acts import met

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


@pytest.mark.postgres
async def test_a_last_word_waits_for_the_first_news_that_was_ever_claimed(postgres: str) -> None:
    """The lease of the lane is made in the very transaction that claims: who says STOP has nothing to lock yet."""
    database = open_database(new_database(postgres), Keys.read(new_key(), new_key()))
    await migrate(database)
    async with database.write(NOW) as tx:
        person = await met(tx, "1")
        news = {
            "id": "d-1", "lane": Lane.BROADCAST, "person": person.id, "address": person.address, "kind": "notice",
            "channel": "telegram", "is_prompt": False, "state": "waiting", "attempts": 0, "not_before": NOW,
            "created": NOW,
        }  # fmt: skip
        await tx.execute(sa.insert(ledger).values(news))
    last = Reply(person.id, person.address, "telegram", "{}", False, "en", "1", last_word=True)

    async def says_stop() -> set[str]:
        async with database.write(NOW) as tx:
            return await reach.awaited(tx, [last])

    async with database.write(NOW) as claiming:
        await pulse.hold_lease(claiming, reach.lane_of("telegram"), "a sender", 60)
        stopping = asyncio.create_task(says_stop())
        await asyncio.sleep(0.3)
        await reach.hold(claiming, "telegram")
        await deliveries.claim(claiming, [Lane.BROADCAST], ["telegram"], "a sender", 10)
    assert await asyncio.wait_for(stopping, 10) == {person.address}
    await database.close()
