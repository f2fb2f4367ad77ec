"""An audience of any size, made at once: everybody took part as one real respondent did, with words of their own."""

from __future__ import annotations

import random
import uuid
from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa

from bot import invented
from bot.house import House
from storage import actions, people
from storage.database import Transaction
from storage.references import new_reference
from storage.schema import addresses, answers, consents, conversations, persons, responses
from tests.benchmarks.crowd import HELD, TOPIC
from tests.service import CANAL

AT_ONCE = 2000
QUESTION = "F6"
"""The one in people's own words."""


def words_of(number: int) -> str:
    """What this person said, and nobody else."""
    return f"The path by the canal, says guest-0-{number}"


async def gather(house: House, numbers: range, at_the_web: set[int]) -> None:
    """Puts an audience into the database: each in Telegram under their number, and some at the web chat too, under a
    cookie made of it."""
    await invented._answer(house, "model", TOPIC, random.Random(1))
    async with house.database.read(house.clock()) as tx:
        model = await people.address_of(tx, invented.CHANNEL, "model")
        assert model is not None
        pattern = await _rows(tx, model.id)
    for start in range(numbers.start, numbers.stop, AT_ONCE):
        async with house.database.write(house.clock()) as tx:
            await _add(tx, pattern, range(start, min(start + AT_ONCE, numbers.stop)), at_the_web)
            if start == numbers.start:
                await _many_will_come(tx)
    async with house.database.write(house.clock()) as tx:
        await people.forget(tx, model.id)


async def _many_will_come(tx: Transaction) -> None:
    """PostgreSQL, which has seen tables of one row, would look for every foreign key by reading its table."""
    if not tx.on_sqlite:
        await tx.execute(sa.text("ANALYZE"))


async def publish(house: House) -> tuple[str, int]:
    """Publishes an action to all of them. Its version, and how many are to be told."""
    async with house.database.write(house.clock()) as tx:
        version = await actions.draft(tx, HELD, TOPIC, "done", [QUESTION], CANAL, "Sample officer")
        await actions.sign(tx, version, "Another sample officer", alone=False)
        return version, await actions.publish(tx, version)


_Pattern = dict[sa.Table, list[dict[str, Any]]]


async def _rows(tx: Transaction, person: str) -> _Pattern:
    """What is kept of the one who is copied."""
    found: _Pattern = {}
    for table in (addresses, consents, conversations, answers, responses):
        rows = await tx.rows(sa.select(table).where(table.c.person == person))
        found[table] = [dict(row._mapping) for row in rows]
    found[persons] = [dict(row._mapping) for row in await tx.rows(sa.select(persons).where(persons.c.id == person))]
    found[answers] = [row for row in found[answers] if row["question"] == QUESTION]
    state = found[conversations][0]
    state["state"] = tx.keys.open(state["state"], "conversations", "state", person)
    return found


async def _add(tx: Transaction, pattern: _Pattern, numbers: range, at_the_web: set[int]) -> None:
    rows: _Pattern = {table: [] for table in (persons, addresses, consents, conversations, responses, answers)}
    for number in numbers:
        for table, row in _one(tx, pattern, number, at_the_web):
            rows[table].append(row)
    for table, made in rows.items():
        await tx.execute(sa.insert(table), made)


def _one(tx: Transaction, pattern: _Pattern, number: int, at_the_web: set[int]) -> Iterator[tuple[sa.Table, Any]]:
    person, address, slot = str(uuid.uuid4()), str(uuid.uuid4()), QUESTION
    seal = tx.keys.seal
    yield persons, pattern[persons][0] | {"id": person, "pseudonym": f"P-{number}", "language": "en"}
    yield addresses, _address(tx, pattern, person, address, "telegram", str(number))
    if number in at_the_web:
        yield addresses, _address(tx, pattern, person, str(uuid.uuid4()), "web", cookie_of(number))
    for row in pattern[consents]:
        yield consents, row | {"person": person}
    state = pattern[conversations][0]
    yield conversations, state | {"person": person, "state": seal(state["state"], "conversations", "state", person)}
    for row in pattern[answers]:
        said = seal(words_of(number), "answers", "words", f"{person}/{HELD}/{slot}")
        yield answers, row | {"id": str(uuid.uuid4()), "person": person, "words": said, "skipped": False}
    for row in pattern[responses]:
        yield responses, row | {"person": person, "address": address, "reference": f"{new_reference(TOPIC)}{number}"}


def _address(tx: Transaction, pattern: _Pattern, person: str, id_: str, channel: str, value: str) -> dict[str, Any]:
    return pattern[addresses][0] | {
        "id": id_, "person": person, "channel": channel, "lookup": tx.keys.find(channel, value),
        "sealed": tx.keys.seal(value, "addresses", "sealed", id_),
    }  # fmt: skip


def cookie_of(number: int) -> str:
    """By which the web chat knows this person."""
    return f"cookie-of-{number}"
