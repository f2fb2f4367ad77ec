"""F1 to F3: what following takes among few people and among very many: a digest, and "my follows" in the chat."""

from __future__ import annotations

import random
import time
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import sqlalchemy as sa

from bot import digests
from bot.channels.messages import Incoming
from bot.feedback import settled
from bot.house import House
from bot.opening import opened
from bot.turns import utc_now
from conversations.domain.following import Subject, topic_subject
from conversations.domain.speech import Said, Started
from storage import actions, deliveries
from storage.database import Transaction
from storage.deliveries import Lane
from storage.schema import addresses, persons, subscriptions
from storage.schema import deliveries as ledger
from tests.benchmarks.targets import Bench, Seen
from tests.conftest import trial
from tests.service import CANAL

HELD, TOPIC = "fair-future", "SAFE"
FOLLOWED = (topic_subject(HELD, TOPIC), topic_subject(HELD, "VOTE"), Subject("commission", "safety"))
FEW, HAPPENED, SAMPLE, AT_ONCE, WRITTEN = 1000, 5, 200, 64, 10_000
MOST_MS = 100.0


@dataclass(frozen=True)
class _Figures:
    """Milliseconds: the 95th of a hundred digests, and of a hundred times FOLLOWS; and each one's share of a round."""

    digest: float
    follows: float
    share: float


async def following(bench: Bench, tell: Callable[[str], None]) -> list[Seen]:
    """Few and very many, each on a database of their own."""
    few, many = [await _among(bench, people, tell) for people in (FEW, bench.followers)]
    among = f"among {bench.followers:,} who follow"
    digest = f"{few.digest:.1f} ms among {FEW:,}"
    follows = f"{few.follows:.1f} ms among {FEW:,}"
    share = f"{few.share:.2f} ms among {FEW:,}"
    return [
        Seen("F1", f"p95 of one digest, {among}", "≤ 100 ms", f"{many.digest:.1f}", many.digest <= MOST_MS, digest),
        Seen("F2", f"p95 of FOLLOWS, {among}", "≤ 100 ms", f"{many.follows:.1f}", many.follows <= MOST_MS, follows),
        Seen(
            "F3",
            f"a person's share of a round of digests, {among}",
            "≤ 10 ms",
            f"{many.share:.2f}",
            many.share <= 10,
            share,
        ),
    ]


async def _among(bench: Bench, people: int, tell: Callable[[str], None]) -> _Figures:
    settings = trial(bench.folder / uuid.uuid4().hex, database_url=bench.new_database(), rollup_seconds=3600)
    async with opened(settings) as house:
        began = time.perf_counter()
        await _fill(house, people)
        tell(f"{people:,} people follow {len(FOLLOWED)} subjects each after {time.perf_counter() - began:.0f} s")
        follows = await _asked(house, people)
        began = time.perf_counter()
        for _ in range(HAPPENED):
            await _publish(house)
        tell(f"{HAPPENED} actions are gathered for each after {time.perf_counter() - began:.1f} s")
        house.clock = lambda: utc_now() + timedelta(days=8)
        alone = await _one_by_one(house)
        share = await _in_rounds(house, min(people // 2, 10 * SAMPLE))
    return _Figures(_p95(alone), _p95(follows), share)


def _p95(seconds: Sequence[float]) -> float:
    return sorted(seconds)[int(0.95 * len(seconds))] * 1000


def _name(number: int) -> str:
    return str(5_000_000 + number)


async def _fill(house: House, people: int) -> None:
    """So many people in Telegram, each with the same follows, once a week."""
    for begin in range(0, people, WRITTEN):
        async with house.database.write(house.clock()) as tx:
            rows = [_person(tx, number) for number in range(begin, min(begin + WRITTEN, people))]
            for place, table in enumerate((persons, addresses)):
                await tx.execute(sa.insert(table), [row[place] for row in rows])
            await tx.execute(sa.insert(subscriptions), [each for row in rows for each in row[2]])
    async with house.database.engine.connect() as connection:
        await connection.exec_driver_sql("ANALYZE")
        await connection.commit()


def _person(tx: Transaction, number: int) -> tuple[dict[str, Any], dict[str, Any], list[dict[str, Any]]]:
    person, address, value = str(uuid.uuid4()), str(uuid.uuid4()), _name(number)
    sealed = tx.keys.seal(value, "addresses", "sealed", address)
    follows = [
        {"person": person, "kind": each.kind, "subject": each.id, "pace": "weekly", "address": address, "since": tx.now}
        for each in FOLLOWED
    ]
    return (
        {"id": person, "pseudonym": f"B-{number}", "language": "en", "zone": "Europe/London", "created": tx.now},
        {"id": address, "person": person, "channel": "telegram", "lookup": tx.keys.find("telegram", value),
         "sealed": sealed, "created": tx.now},
        follows,
    )  # fmt: skip


async def _publish(house: House) -> None:
    async with house.database.write(house.clock()) as tx:
        version = await actions.draft(tx, HELD, TOPIC, "done", ["F1"], CANAL, "Officer A")
        await actions.sign(tx, version, "Officer B", alone=False)
        await actions.publish(tx, version, "safety")


async def _asked(house: House, people: int) -> list[float]:
    """What a hundred people wait who say FOLLOWS."""
    waits = []
    for number in random.Random(1).sample(range(people), min(SAMPLE, people)):
        await _hear(house, number, Started())
        began = time.perf_counter()
        await _hear(house, number, Said("follows"))
        waits.append(time.perf_counter() - began)
    async with house.database.write(house.clock()) as tx:  # no sender runs here
        await tx.execute(sa.update(ledger).values(state="accepted"))
    return waits


async def _hear(house: House, number: int, heard: Any) -> None:
    await house.turns.take(Incoming("telegram", _name(number), uuid.uuid4().hex, heard))


async def _one_by_one(house: House) -> list[float]:
    """What it takes to claim one digest, render it and write down that it was sent."""
    waits = []
    async with house.database.read() as tx:
        everything = await tx.rows(sa.select(ledger.c.seq).where(ledger.c.kind == "weekly"))
    for row in random.Random(2).sample(everything, min(SAMPLE, len(everything) // 4)):
        began = time.perf_counter()
        async with house.database.write(house.clock(), brief=True) as tx:
            await _send(tx, house, await deliveries.take(tx, [row.seq], house.holder))
        waits.append(time.perf_counter() - began)
    return waits


async def _in_rounds(house: House, people: int) -> float:
    """A person's share of rounds as the sender takes them, in milliseconds."""
    sent, began = 0, time.perf_counter()
    while sent < people:
        async with house.database.write(house.clock(), brief=True) as tx:
            claimed = await deliveries.claim(tx, [Lane.BROADCAST], ["telegram"], house.holder, AT_ONCE)
            assert claimed, "there is a digest for everybody"
            sent += await _send(tx, house, claimed)
    return (time.perf_counter() - began) * 1000 / sent


async def _send(tx: Transaction, house: House, claimed: Sequence[deliveries.Delivery]) -> int:
    ready = await digests.prepare(tx, claimed, house.library)
    assert all(each.message is not None and len(each.message.paragraphs) == HAPPENED + 2 for each in ready)
    await deliveries.settle(tx, [settled(each) for each in ready], house.holder)
    return len(ready)
