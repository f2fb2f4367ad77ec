"""Membership codes in the chat, turn by turn: one code is one person's, and consent is kept where it was given."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from bot.house import House
from bot.opening import opened
from conversations.domain.members import in_groups
from conversations.domain.speech import Said
from storage import members, places
from storage.schema import consents, member_codes, member_tries, metadata, subscriptions
from tests.bot.test_turns import IN, story, take
from tests.conftest import trial
from tests.members import ORGANISER
from tests.storage.acts import count, rows

EVERYBODY = [str(number) for number in range(1, 9)]


@pytest.fixture
async def house(tmp_path: Path, database_url: str) -> AsyncIterator[House]:
    async with opened(trial(tmp_path, database_url=database_url)) as house:
        yield house


@pytest.mark.slow
async def test_of_many_who_type_one_code_at_once_one_is_a_member_and_nobody_else_agreed_to_anything(
    house: House,
) -> None:
    async with house.database.write(house.clock()) as tx:
        await places.load_sample(tx)
        code, *_ = await members.make(tx, ORGANISER, "W-SAMPLE-13", 10)
    await asyncio.gather(*(story(house, *IN, Said("member"), value=each) for each in EVERYBODY))
    await asyncio.gather(*(take(house, Said(in_groups(code)), value=each) for each in EVERYBODY))
    [follow] = await rows(house.database, sa.select(subscriptions))
    agreed = await rows(house.database, sa.select(consents.c.person).where(consents.c.purpose == "follow"))
    assert [row.person for row in agreed] == [follow.person]
    assert await count(house.database, member_tries) == len(EVERYBODY) - 1
    used = await rows(house.database, sa.select(member_codes.c.hash).where(member_codes.c.used))
    assert len(used) == 1
    for table in metadata.sorted_tables:
        kept = repr(await rows(house.database, sa.select(table)))
        assert code not in kept, table.name
        assert in_groups(code) not in kept, table.name
