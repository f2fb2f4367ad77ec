"""No answer without consent: the database itself says so, on both engines."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from conversations.domain.answers import Answer, Slot
from storage import answers, people
from storage.database import Database
from storage.people import Person
from storage.schema import answers as answers_table
from storage.schema import consent_history, consents, responses
from tests.storage.acts import NOW, TALK, TOPIC, count, met, rows, took_part

A_ROW = {
    "id": "a", "consultation": TALK, "topic": TOPIC, "question": "F1", "slot": "F1", "picks": "[]", "skipped": False,
    "aside": False, "shape": 1, "wording": 1, "language": "en", "given": NOW,
}  # fmt: skip


async def somebody(database: Database, purpose: str = "", consultation: str = TALK) -> Person:
    """Somebody who agreed to one thing, or to nothing."""
    async with database.write(NOW) as tx:
        person = await met(tx, "7")
        if purpose:
            await people.record_consent(tx, person.id, consultation, purpose, "yes", "w1", "telegram")
    return person


@pytest.mark.parametrize(
    ("purpose", "consultation"),
    [("", ""), ("outcome", TALK), ("ask_again", TALK), ("quote", TALK), ("take_part", "another")],
)
async def test_an_answer_without_its_consent_is_refused(database: Database, purpose: str, consultation: str) -> None:
    person = await somebody(database, purpose, consultation)
    given = Answer(words="private")
    with pytest.raises(sa.exc.IntegrityError):
        async with database.write(NOW) as tx:
            await answers.record_all(
                tx, [answers.Given(person.id, person.address, TALK, TOPIC, Slot("F1"), given, 1, 1)]
            )
    assert (await count(database, answers_table), await count(database, responses)) == (0, 0)


@pytest.mark.parametrize("row", [sa.insert(answers_table).values(**A_ROW), sa.insert(responses).values(
    consultation=TALK, topic=TOPIC, started=NOW), sa.insert(responses).values(
    consultation=TALK, topic=TOPIC, started=NOW, agreed="outcome")])  # fmt: skip
async def test_no_statement_gets_past_it(database: Database, row: sa.Insert) -> None:
    person = await somebody(database, "outcome")
    with pytest.raises(sa.exc.IntegrityError):
        async with database.write(NOW) as tx:
            await tx.execute(row.values(person=person.id))


async def test_taking_part_is_a_yes_or_is_not_there(database: Database) -> None:
    person = await somebody(database)
    with pytest.raises(sa.exc.IntegrityError):
        async with database.write(NOW) as tx:
            await people.record_consent(tx, person.id, TALK, "take_part", "no", "w1")


async def test_with_the_consent_the_answers_go(database: Database) -> None:
    async with database.write(NOW) as tx:
        person = await took_part(tx, "7")
        await tx.execute(sa.delete(consents).where(consents.c.person == person.id, consents.c.purpose == "take_part"))
    assert (await count(database, answers_table), await count(database, responses)) == (0, 0)


async def test_what_was_agreed_to_is_kept_with_its_words_place_and_time(database: Database) -> None:
    await somebody(database, "take_part")
    for table in (consents, consent_history):
        [row] = await rows(database, sa.select(table))
        assert (row.choice, row.wording, row.channel, row.given) == ("yes", "w1", "telegram", NOW)
