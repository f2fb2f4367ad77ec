"""Outcomes on their way to the ledger: taken along by turns, never lost, and in nobody's way."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from bot import outcomes
from bot.channels.messages import Incoming, message
from bot.house import House
from bot.opening import opened
from conversations.domain.speech import Said, Started
from storage import deliveries, people
from storage.deliveries import Reply, Settlement
from storage.schema import addresses
from storage.schema import deliveries as ledger
from tests.conftest import trial


@pytest.fixture
async def house(tmp_path: Path, database_url: str) -> AsyncIterator[House]:
    async with opened(trial(tmp_path, database_url=database_url)) as house:
        yield house


async def _sent(house: House) -> tuple[str, str]:
    """A reply on the wire: the ids of its delivery and of its address."""
    async with house.database.write(datetime.now(UTC)) as tx:
        [person] = await people.meet(tx, [("telegram", "1", "en")])
        assert person is not None
        made = Reply(person.id, person.address, "telegram", message("Hello", "en").to_json(), False, "en", "1")
        [delivery] = await deliveries.queue_replies(tx, [made], house.holder)
    return delivery.id, person.address


async def _state(house: House, delivery: str) -> str:
    async with house.database.read() as tx:
        return str((await tx.first(sa.select(ledger.c.state).where(ledger.c.id == delivery))).state)


async def _turn(house: House, event: str, words: str = "HELP") -> bool:
    taken = await house.turns.take(Incoming("telegram", "2", event, Said(words) if words else Started()))
    return taken.fresh and not taken.broke


async def test_a_turn_takes_along_what_became_of_deliveries(house: House) -> None:
    delivery, address = await _sent(house)
    house.turns.outcomes.add(Settlement(delivery, "accepted", "55"))
    house.turns.outcomes.silence(address, "blocked")
    assert await _turn(house, "1")
    assert await _state(house, delivery) == "accepted"
    async with house.database.read() as tx:
        [row] = await tx.rows(sa.select(addresses.c.silent).where(addresses.c.id == address))
    assert row.silent == "blocked"


async def test_an_outcome_that_breaks_a_transaction_breaks_no_turn_and_is_kept(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    delivery, _ = await _sent(house)
    settle, tried = deliveries.settle, []

    async def breaks(tx: Any, settlements: Any, holder: str) -> None:
        tried.extend(settlements)
        if settlements:
            raise ValueError("an outcome nobody can write down")

    monkeypatch.setattr(outcomes.deliveries, "settle", breaks)
    house.turns.outcomes.add(Settlement(delivery, "accepted", "55"))
    assert [await _turn(house, str(event)) for event in range(4)] == [True] * 4
    assert len(tried) == 1, "it was offered to one transaction, and then held apart"
    monkeypatch.setattr(outcomes.deliveries, "settle", settle)
    async with house.turns.outcomes.taken() as batch, house.database.write(datetime.now(UTC)) as tx:
        await batch.write(tx, house.holder)
    assert await _state(house, delivery) == "accepted"


async def test_what_comes_in_while_others_are_written_keeps_its_place_behind_them(house: House) -> None:
    coming = house.turns.outcomes
    coming.add(Settlement("first", "again"))
    with contextlib.suppress(RuntimeError):
        async with coming.taken():
            coming.add(Settlement("second", "accepted"))
            raise RuntimeError("the commit failed")
    async with coming.taken() as batch:
        assert [each.id for each in batch.settlements] == ["first", "second"]
    assert coming.put_back, "the sender is to look for what may be tried again"
