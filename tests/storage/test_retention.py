"""What has served its purpose goes by itself."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from conversations.domain.answers import Answer, Slot
from storage import answers, people, retention
from storage.database import Database, migrate, open_database
from storage.schema import addresses, persons
from storage.schema import answers as answers_table
from storage.sealing import Keys, new_key

NOW = datetime(2027, 1, 1, 12, tzinfo=UTC)


@pytest.fixture
async def database(database_url: str):
    opened = open_database(database_url, Keys.read(new_key(), new_key()))
    await migrate(opened)
    yield opened
    await opened.close()


async def answered(database: Database, name: str, *consultations: str) -> None:
    async with database.write(NOW) as tx:
        (person,) = await people.meet(tx, [("web", name, "en")])
        assert person is not None
        for consultation in consultations:
            await answers.record(
                tx,
                person.id,
                person.address,
                consultation,
                "VOTE",
                Slot("V1"),
                Answer(picks=("yes",)),
                shape=1,
                wording=1,
            )


async def test_the_way_back_goes_when_the_time_of_keeping_has_ended(database: Database) -> None:
    await answered(database, "only the old one", "old")
    await answered(database, "both", "old", "new")
    await answered(database, "only the new one", "new")
    async with database.write(NOW) as tx:
        await retention.sweep(tx, ["old"])
        left = [tx.keys.open(row.sealed, "addresses", "sealed", row.id) for row in await tx.rows(sa.select(addresses))]
        kept = (await tx.execute(sa.select(sa.func.count()).select_from(answers_table))).scalar_one()
    assert sorted(left) == ["both", "only the new one"]
    assert kept == 4


async def test_event_keys_go_after_sixty_days(database: Database) -> None:
    from storage import dialogues

    async with database.write(NOW) as tx:
        await dialogues.hear_once(tx, [("telegram", "1")])
    async with database.write(NOW + timedelta(days=59)) as tx:
        await retention.sweep(tx, [])
        assert await dialogues.hear_once(tx, [("telegram", "1")]) == set()
    async with database.write(NOW + timedelta(days=61)) as tx:
        await retention.sweep(tx, [])
        assert await dialogues.hear_once(tx, [("telegram", "1")]) == {("telegram", "1")}


async def test_nothing_goes_before_its_time(database: Database) -> None:
    await answered(database, "somebody", "new")
    async with database.write(NOW) as tx:
        await retention.sweep(tx, [])
        assert (await tx.execute(sa.select(sa.func.count()).select_from(persons))).scalar_one() == 1
        assert (await tx.execute(sa.select(sa.func.count()).select_from(addresses))).scalar_one() == 1
