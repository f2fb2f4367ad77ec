"""The ledger: claimed by one, in order, one at a time for each address; what nobody settled is taken over or parked."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import sqlalchemy as sa

from storage import deliveries, pulse
from storage.database import Database, Transaction
from storage.deliveries import LEASE, Delivery, Lane, Reply, Settlement
from storage.people import Person
from storage.schema import deliveries as ledger
from tests.storage.acts import LATER, NOW, met, published, rows, took_part


def reply(person: Person, body: str = "{}", *, prompt: bool = False) -> Reply:
    return Reply(person.id, person.address, person.channel, body, prompt, "en", "1")


async def queued(tx: Transaction, *replies: Reply, holder: str = "me") -> list[Delivery]:
    return await deliveries.queue_replies(tx, replies, holder)


async def claim(tx: Transaction, holder: str = "me", most: int = 10) -> list[Delivery]:
    return await deliveries.claim(tx, [Lane.REPLY, Lane.FEEDBACK], ["telegram"], holder, most)


async def states(database: Database) -> list[str]:
    return [row.state for row in await rows(database, sa.select(ledger.c.state).order_by(ledger.c.seq))]


async def test_a_reply_is_born_claimed_and_settled_by_its_holder_alone(database: Database) -> None:
    async with database.write(NOW) as tx:
        [mine] = await queued(tx, reply(await met(tx, "7")))
        await deliveries.settle(tx, [Settlement(mine.id, "refused")], "somebody else")
        await deliveries.settle(tx, [Settlement(mine.id, "accepted", "42")], "me")
        await deliveries.settle(tx, [Settlement(mine.id, "unknown")], "me")  # too late
    [row] = await rows(database, sa.select(ledger.c.state, ledger.c.remote, ledger.c.settled))
    assert tuple(row) == ("accepted", "42", NOW)


async def test_what_is_called_at_waits_to_be_looked_at(database: Database) -> None:
    async with database.write(NOW) as tx:
        web = await met(tx, "cookie", "web")
        assert await queued(tx, reply(web, '"one"'), reply(web, '"two"', prompt=True)) == []
        assert await claim(tx) == []
        seen = await deliveries.claim_for_viewer(tx, web.id, "web", "me")
        assert [each.body for each in seen] == ['"one"', '"two"']
        assert await deliveries.claim_for_viewer(tx, web.id, "web", "another") == []
    async with database.write(NOW + LEASE * 2) as tx:  # the process that was to show them died
        assert len(await deliveries.claim_for_viewer(tx, web.id, "web", "another")) == 2


async def test_an_overtaken_prompt_is_withdrawn_and_a_remark_is_not(database: Database) -> None:
    async with database.write(NOW) as tx:
        web = await met(tx, "cookie", "web")
        await queued(tx, reply(web), reply(web, prompt=True))
        await queued(tx, reply(web, prompt=True))
    assert await states(database) == ["waiting", "withdrawn", "waiting"]


async def test_one_delivery_of_an_address_at_a_time_in_order(database: Database) -> None:
    async with database.write(NOW) as tx:
        one, two = await met(tx, "1"), await met(tx, "2")
        await queued(tx, *(reply(person, f'"{n}"') for n in range(3) for person in (one, two)), holder="dead")
    now, said = NOW + LEASE * 2, []
    for _ in range(3):
        async with database.write(now) as tx:
            claimed = await claim(tx)
            assert await claim(tx, "standby") == []
            said += [(each.value, each.body) for each in claimed]
            await deliveries.settle(tx, [Settlement(each.id, "accepted") for each in claimed], "me")
    assert said == [(value, f'"{n}"') for n in range(3) for value in ("1", "2")]


async def test_a_reply_told_to_wait_holds_back_what_follows_it_and_nobody_else(database: Database) -> None:
    async with database.write(NOW) as tx:
        one, two = await met(tx, "1"), await met(tx, "2")
        [first] = await queued(tx, reply(one))
        until = NOW + timedelta(hours=3)
        await deliveries.settle(tx, [Settlement(first.id, "again", not_before=until)], "me")
        assert await queued(tx, reply(one)) == [], "a newer reply is not born claimed past an older one"
        [other] = await queued(tx, reply(two))
        await deliveries.settle(tx, [Settlement(other.id, "accepted")], "me")
        assert await claim(tx) == []
    async with database.write(until) as tx:
        assert [each.id for each in await claim(tx)] == [first.id]


async def test_a_claim_over_several_lanes_takes_one_delivery_of_an_address(database: Database) -> None:
    async with database.write(NOW) as tx:
        person = await took_part(tx, "1")
        await published(tx)
        await queued(tx, reply(person), holder="dead")  # younger than the news, and before it all the same
    async with database.write(NOW + LEASE * 2) as tx:
        [first] = await claim(tx)
        assert (first.lane, await claim(tx)) == (Lane.REPLY, [])
        await deliveries.settle(tx, [Settlement(first.id, "accepted")], "me")
        assert [each.lane for each in await claim(tx)] == [Lane.FEEDBACK]


async def test_many_claim_at_once_and_none_claims_twice(database: Database) -> None:
    async with database.write(NOW) as tx:
        for value in range(30):
            await queued(tx, reply(await met(tx, str(value))), holder="dead")

    async def take(holder: str) -> list[str]:
        async with database.write(NOW + LEASE * 2) as tx:
            return [each.id for each in await claim(tx, holder, 7)]

    taken = [id_ for each in await asyncio.gather(*(take(f"h{n}") for n in range(8))) for id_ in each]
    assert len(taken) == len(set(taken))
    async with database.write(NOW + LEASE * 2) as tx:
        rest = [each.id for each in await claim(tx, "last", 99)]
    assert len(taken) + len(rest) == 30


async def test_a_bulk_send_that_nobody_settled_is_parked_and_never_sent_again(database: Database) -> None:
    async with database.write(NOW) as tx:
        person = await took_part(tx, "1")
        await published(tx)
        assert len(await claim(tx, "dead")) == 1
        await queued(tx, reply(person), holder="dead")
    async with database.write(NOW + LEASE * 2) as tx:
        assert await deliveries.claim(tx, [Lane.FEEDBACK], ["telegram"], "me", 10) == []
        await deliveries.park_lapsed(tx, "telegram")
        assert [each.lane for each in await claim(tx)] == [Lane.REPLY]
    [row] = await rows(database, sa.select(ledger).where(ledger.c.lane == Lane.FEEDBACK))
    assert (row.state, row.failure, row.holder) == ("unknown", "lapsed", None)


async def test_a_lease_has_one_holder_until_it_lapses(database: Database) -> None:
    async def hold(holder: str, seconds: float = 0) -> bool:
        async with database.write(NOW + timedelta(seconds=seconds)) as tx:
            return await pulse.hold_lease(tx, "bulk", holder, 15)

    tried = await asyncio.gather(*(hold(f"h{n}") for n in range(6)))
    assert sum(tried) == 1
    winner = f"h{tried.index(True)}"
    assert [await hold("other", 10), await hold(winner, 10), await hold("other", 20)] == [False, True, False]
    assert [await hold("other", 26), await hold(winner, 26)] == [True, False]


async def test_looking_whether_anything_is_due_is_right_and_writes_nothing(database: Database) -> None:
    async def due(lane: Lane = Lane.FEEDBACK, later: bool = False) -> bool:
        async with database.read(LATER if later else NOW) as tx:
            return await deliveries.any_due(tx, [lane], ["telegram"])

    assert not await due()
    async with database.write(NOW) as tx:
        await took_part(tx, "1")
        await published(tx)
    assert (await due(), await due(Lane.REPLY)) == (True, False)
    async with database.write(NOW) as tx:
        await claim(tx)
    assert (await due(), await due(later=True)) == (False, True)  # claimed; then lapsed


async def test_language_catalogue_and_digest_are_kept_and_not_written_over(database: Database) -> None:
    async with database.write(NOW) as tx:
        [mine] = await queued(tx, reply(await met(tx, "7")))
        accepted = Settlement(mine.id, "accepted", language="cy", catalogue="7", digest="abc")
        await deliveries.settle(tx, [accepted], "me")
    [row] = await rows(database, sa.select(ledger.c.language, ledger.c.catalogue, ledger.c.digest))
    assert tuple(row) == ("cy", "7", "abc")
