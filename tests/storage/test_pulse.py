"""The pulse: what a dead process held is free soon, what a living one holds is not."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import sqlalchemy as sa

from storage import deliveries, pulse
from storage.database import Database
from storage.deliveries import Lane, Reply, Settlement
from storage.pulse import LIFE
from storage.schema import deliveries as ledger
from storage.schema import leases
from tests.storage.acts import NOW, met, published, rows, took_part

SECOND = timedelta(seconds=1)


async def test_the_reply_of_a_dead_process_is_free_when_its_pulse_runs_out(database: Database) -> None:
    async with database.write(NOW) as tx:
        for holder in ("dead", "alive", "me"):
            await pulse.beat(tx, holder)
            person = await met(tx, holder)
            await deliveries.queue_replies(
                tx, [Reply(person.id, person.address, "telegram", "{}", False, "en", "1")], holder
            )
    async with database.write(NOW + LIFE - SECOND) as tx:
        await pulse.beat(tx, "alive")
        await pulse.beat(tx, "me")
        assert await pulse.release_the_dead(tx, "me") == 0
    async with database.write(NOW + LIFE + SECOND) as tx:
        assert await deliveries.claim(tx, [Lane.REPLY], ["telegram"], "me", 9) == []
        assert await pulse.release_the_dead(tx, "me") == 1
        [taken] = await deliveries.claim(tx, [Lane.REPLY], ["telegram"], "me", 9)
        assert (taken.value, taken.attempts) == ("dead", 2)
        await deliveries.settle(tx, [Settlement(taken.id, "accepted")], "dead")  # it stood still, and wakes
        assert await pulse.release_the_dead(tx, "me") == 0
    assert sorted(row.holder for row in await rows(database, sa.select(ledger.c.holder))) == ["alive", "me", "me"]


async def test_feedback_in_the_hands_of_a_dead_process_is_parked_and_not_sent_again(database: Database) -> None:
    async with database.write(NOW) as tx:
        await pulse.beat(tx, "dead")
        await took_part(tx, "7")
        await published(tx)
    async with database.write(NOW + SECOND) as tx:
        assert len(await deliveries.claim(tx, [Lane.FEEDBACK], ["telegram"], "dead", 9)) == 1
    async with database.write(NOW + LIFE + SECOND) as tx:
        await pulse.release_the_dead(tx, "me")
        await deliveries.park_lapsed(tx, "telegram")
    assert [row.state for row in await rows(database, sa.select(ledger.c.state))] == ["unknown"]


async def test_a_beat_keeps_what_the_process_holds_and_a_stop_gives_it_up(database: Database) -> None:
    async with database.write(NOW) as tx:
        await pulse.beat(tx, "me")
        assert await pulse.hold_lease(tx, "bulk:telegram", "me", 6)
    async with database.write(NOW + LIFE - SECOND) as tx:
        await pulse.beat(tx, "me")
    async with database.write(NOW + LIFE + SECOND) as tx:
        assert not await pulse.hold_lease(tx, "bulk:telegram", "standby", 6)
        await pulse.stop(tx, "me")
        assert await pulse.hold_lease(tx, "bulk:telegram", "standby", 6)
    assert [row.name for row in await rows(database, sa.select(leases.c.name))] == ["bulk:telegram"]


async def test_two_that_look_at_once_release_once(database: Database) -> None:
    async with database.write(NOW) as tx:
        await pulse.beat(tx, "dead")

    async def look(holder: str) -> int:
        async with database.write(NOW + LIFE + SECOND) as tx:
            return await pulse.release_the_dead(tx, holder)

    assert sorted(await asyncio.gather(*(look(f"p{number}") for number in range(4)))) == [0, 0, 0, 1]
