"""Figures: rolled up exactly, published in steps of ten and never below."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from conversations.domain.answers import Answer, Slot
from conversations.domain.lookups import Tally
from storage import answers, deliveries, findings, people, replies, tallies
from storage.database import Database, Transaction
from storage.deliveries import Lane, Settlement
from storage.schema import standing_prompts
from tests.storage.acts import F1, NOW, TALK, TOPIC, met, published, says, took_part


async def topic(tx: Transaction) -> dict[str, int]:
    await tallies.replace(tx, await tallies.count(tx))
    found = await tallies.of_topic(tx, TALK, TOPIC)
    return {pick: people for (slot, pick), people in found.items() if slot == tallies.TOPIC}


async def test_the_four_counts_and_the_three_replies(database: Database) -> None:
    async with database.write(NOW) as tx:
        told, other = await took_part(tx, "1"), await took_part(tx, "2")
        await took_part(tx, "3", "no")
        await says(tx, await met(tx, "4"), Answer(picks=("1",)))
        await answers.send(tx, told.id, told.address, TALK, TOPIC)
        assert await topic(tx) == {"answered": 4, "sent": 1, "asked": 2}
        await published(tx, "update")
        await _deliver(tx)
        assert "told" not in await topic(tx), "an update is no outcome"
        await published(tx, "done")
        await _deliver(tx, refuse=other.id)
        assert (await topic(tx))["told"] == 1
        mine = sa.select(standing_prompts.c.token).where(standing_prompts.c.person == told.id)
        for standing, verdict in zip(await tx.rows(mine), ("not_done", "that_is_it"), strict=True):
            await replies.record(tx, told.id, standing.token, verdict)
            await replies.record(tx, told.id, standing.token, "not_what_i_meant")  # the first stands
        after = await topic(tx)
    assert {name: after.get(name, 0) for name in ("not_done", "that_is_it", "not_what_i_meant", "replied")} == {
        "not_done": 1, "that_is_it": 1, "not_what_i_meant": 0, "replied": 1,
    }  # fmt: skip


async def _deliver(tx: Transaction, refuse: str = "") -> None:
    for each in await deliveries.claim(tx, [Lane.FEEDBACK], ["telegram"], "me", 99):
        await deliveries.settle(tx, [Settlement(each.id, "refused" if each.person == refuse else "accepted")], "me")


async def test_what_is_set_aside_skipped_or_forgotten_is_not_counted(database: Database) -> None:
    async with database.write(NOW) as tx:
        aside, skips, gone, stays = [await met(tx, str(value)) for value in range(4)]
        for person in (aside, gone, stays):
            await says(tx, person, Answer(picks=("2",)))
        await says(tx, skips, Answer(skipped=True))
        await answers.set_aside(tx, aside.id, TALK, [F1])
        await people.forget(tx, gone.id)
        await tallies.replace(tx, await tallies.count(tx))
        assert (await tallies.of_topic(tx, TALK, TOPIC))["F1", "2"] == 1
        assert await tallies.answered(tx, TALK, TOPIC) == {"F1": 1}


@pytest.mark.parametrize(("count", "shown"), [(9, None), (10, 10), (19, 10), (20, 20)])
async def test_the_public_sees_steps_of_ten_from_ten_on(database: Database, count: int, shown: int | None) -> None:
    async with database.write(NOW) as tx:
        for value in range(count):
            person = await met(tx, str(value))
            await says(tx, person, Answer(picks=("yes",)))
            if value < 3:
                await says(tx, person, Answer(picks=("rare",)), Slot("F2"))
        await tallies.replace(tx, await tallies.count(tx))
        tally = await findings.tally_of(tx, TALK, TOPIC)
    if shown is None:
        assert tally == Tally()
        return
    assert tally.people == shown
    counts = {(str(each.slot), each.pick): each.people for each in tally.counts}
    assert counts == {("F1", "yes"): shown, ("F2", "rare"): None}


async def test_rolling_up_twice_is_rolling_up_once(database: Database) -> None:
    async with database.write(NOW) as tx:
        await took_part(tx, "1")
        assert await topic(tx) == await topic(tx)
