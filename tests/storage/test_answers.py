"""One person, one current answer a slot, whatever happens at once; what was said before is kept."""

from __future__ import annotations

import asyncio
from decimal import Decimal

import pytest
import sqlalchemy as sa

from conversations.domain.answers import Answer, Slot
from conversations.domain.lookups import Held
from storage import answers, people
from storage.database import Database, Transaction
from storage.references import new_reference
from storage.schema import answer_history, answer_picks, responses
from storage.schema import answers as table
from tests.storage.acts import F1, NOW, TALK, TOPIC, count, met, rows, says


async def held(tx: Transaction, person: str) -> Held:
    return (await answers.held_by(tx, {person: TALK}))[person]


async def test_an_answer_comes_back_as_it_was_given(database: Database) -> None:
    given = Answer(("b", "a"), "beside “it” 👋", Decimal("12.50"), False, "cy")
    async with database.write(NOW) as tx:
        person = await met(tx, "7")
        await says(tx, person, given, Slot("G", "row", "item", "why"))
        assert (await held(tx, person.id)).current == {Slot("G", "row", "item", "why"): given}


async def test_two_at_once_leave_one_answer_and_lose_none(database: Database) -> None:
    async def give(pick: str) -> None:
        while True:
            async with database.write(NOW) as tx:
                [person] = await people.meet(tx, [("telegram", "7", "en")])
                if person is not None:
                    await says(tx, person, Answer(picks=(pick,)))
                    return
            await asyncio.sleep(0.01)

    said = [f"p{number}" for number in range(20)]
    await asyncio.gather(*map(give, said))
    [current] = await rows(database, sa.select(table.c.picks))
    former = await rows(database, sa.select(answer_history.c.picks))
    assert sorted(row.picks for row in [current, *former]) == sorted(f'["{pick}"]' for pick in said)
    assert await count(database, answer_picks) == 1


async def test_the_database_itself_refuses_a_second_current_answer(database: Database) -> None:
    async with database.write(NOW) as tx:
        await says(tx, await met(tx, "7"), Answer(picks=("a",)))
        [row] = await tx.rows(sa.select(table))
    with pytest.raises(sa.exc.IntegrityError):
        async with database.write(NOW) as tx:
            await tx.execute(sa.insert(table).values(row._asdict() | {"id": "another"}))


async def test_what_is_set_aside_counts_no_more_and_comes_back(database: Database) -> None:
    async with database.write(NOW) as tx:
        person = await met(tx, "7")
        await says(tx, person, Answer(picks=("2",)))
        for _ in range(2):  # a second time changes nothing
            await answers.set_aside(tx, person.id, TALK, [F1])
        aside = await held(tx, person.id)
        await says(tx, person, aside.aside[F1])
        back = await held(tx, person.id)
    assert (aside.current, set(aside.aside)) == ({}, {F1})
    assert (set(back.current), back.aside) == ({F1}, {})
    assert await count(database, answer_history) == 2  # before it was set aside, and while it was


async def test_send_gives_one_reference_for_good(database: Database) -> None:
    async with database.write(NOW) as tx:
        person = await met(tx, "7")
        await says(tx, person, Answer(picks=("2",)))
        unsent = (await answers.responses_of(tx, [person.id]))[person.id]
        for _ in range(2):
            await answers.send(tx, person.id, person.address, TALK, TOPIC)
            [sent] = (await answers.responses_of(tx, [person.id]))[person.id]
            assert sent.reference.startswith("SA-")
    [row] = await rows(database, sa.select(responses.c.reference, responses.c.sent))
    assert unsent[0].reference == ""
    assert (row.reference, row.sent) == (sent.reference, NOW)


async def test_references_are_all_different_and_the_database_insists(database: Database) -> None:
    made = {new_reference("SAFE") for _ in range(5000)}
    assert len(made) == 5000
    assert not set("ILOU") & set("".join(each[3:] for each in made))
    async with database.write(NOW) as tx:
        for value in ("1", "2"):
            await says(tx, await met(tx, value), Answer(picks=("1",)))
    with pytest.raises(sa.exc.IntegrityError):
        async with database.write(NOW) as tx:
            await tx.execute(sa.update(responses).values(reference="SA-0000-0000-00"))
