"""How it was: asked of whoever came, answered once by each, joined with nobody, and shown from five people on."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from conversations.domain.exits import QUESTIONS, ExitAnswer, ExitQuestion, shares
from storage import arrivals, bookings, exits, gatherings, people, programme, retention
from storage.database import Database
from storage.gatherings import Actor
from storage.people import Person
from storage.schema import bookings as booked
from storage.schema import exit_answers
from tests.storage.acts import NOW, count, met, opened, rows

START = datetime(2026, 12, 5, 19)
AFTER = datetime(2026, 12, 6, 9, tzinfo=UTC)
ANYWHERE = Actor(name="Sample organiser", areas=frozenset({""}))


async def _guests(database: Database, how_many: int) -> tuple[str, list[Person]]:
    async with database.write(NOW) as tx:
        event = await opened(tx, "host", START, how_many)
        guests = [await met(tx, str(number)) for number in range(how_many)]
        for each in guests:
            await bookings.book(tx, each.id, each.address, event, wait=False)
    return event, guests


async def _says(database: Database, person: Person, event: str, *answers: ExitAnswer) -> None:
    async with database.write(AFTER) as tx:
        for question, answer in zip(QUESTIONS, answers, strict=False):
            await exits.record(tx, person.id, event, question, answer)


async def test_those_who_were_checked_in_are_asked_and_where_nobody_was_all_who_had_a_seat(database: Database) -> None:
    event, [came, did_not] = await _guests(database, 2)

    async def asked() -> list[bool]:
        async with database.read(AFTER) as tx:
            return [await exits.asked(tx, each.id, event) is not None for each in (came, did_not)]

    assert await asked() == [True, True]
    async with database.write(AFTER) as tx:
        assert await arrivals.check_in(tx, ANYWHERE, event, await bookings.code_of(tx, came.id, event))
    assert await asked() == [True, False]
    async with database.read(AFTER) as tx:
        assert [each.id for each in await exits.asked_of(tx, came.id)] == [event]
        assert await exits.asked_of(tx, did_not.id) == []
        assert await exits.asked(tx, (await met(tx, "host")).id, event) is None
    for moment in (NOW, AFTER + timedelta(days=15)):
        async with database.read(moment) as tx:
            assert await exits.asked(tx, came.id, event) is None, moment


async def test_each_answers_each_question_once_however_often_they_press(database: Database) -> None:
    event, [person] = await _guests(database, 1)
    await asyncio.gather(*(_says(database, person, event, "yes") for _ in range(8)))
    await _says(database, person, event, "no", "partly", "yes")
    found = await rows(database, sa.select(exit_answers).order_by(exit_answers.c.seq))
    assert [(row.question, row.answer) for row in found] == [("heard", "yes"), ("easy", "partly"), ("again", "yes")]


async def test_no_column_of_an_answer_says_whose_it_is_or_when(database: Database) -> None:
    assert {column.name for column in exit_answers.columns} == {"seq", "gathering", "question", "answer"}
    event, [person] = await _guests(database, 1)
    await _says(database, person, event, "yes")
    async with database.write(AFTER) as tx:
        await people.forget(tx, person.id)
    assert await count(database, exit_answers) == 1
    assert await count(database, booked) == 0


async def test_fewer_than_five_answers_are_shown_to_nobody(database: Database) -> None:
    event, guests = await _guests(database, 5)
    for each in guests[:4]:
        await _says(database, each, event, "yes", "no")
    async with database.read(AFTER) as tx:
        host = await met(tx, "host")
        seen = await programme.as_seen_by(tx, host.id, event)
        assert seen is not None
        assert seen.said == ()
    await _says(database, guests[4], event, "partly")
    async with database.read(AFTER) as tx:
        seen = await programme.as_seen_by(tx, host.id, event)
        guest = await programme.as_seen_by(tx, guests[0].id, event)
    assert seen is not None
    assert [(each.question, dict(each.out_of_ten)) for each in seen.said] == [
        ("heard", {"yes": 8, "partly": 2, "no": 0})
    ]
    assert guest is not None
    assert guest.said == (), "until the report is published it is the host's"


async def _adds(database: Database, person: Person, event: str, words: str) -> None:
    await _says(database, person, event, "yes", "yes", "yes")
    async with database.write(AFTER) as tx:
        await exits.add_words(tx, person.id, event, words)


async def _read(database: Database, who: Actor, event: str) -> list[str]:
    async with database.read(AFTER) as tx:
        return sorted(each.words for each in await exits.added_to(tx, who, event))


async def test_words_are_read_by_whoever_runs_it_once_five_have_come_to_where_they_are_asked(
    database: Database,
) -> None:
    event, guests = await _guests(database, 5)
    async with database.read(AFTER) as tx:
        host = Actor(await gatherings.host_of(tx, event))
    for number, each in enumerate(guests[:4]):
        await _adds(database, each, event, f"words of {number}" if number < 2 else "")
    assert await _read(database, host, event) == [], "who wrote could be guessed"
    await _adds(database, guests[4], event, "")
    for who in (host, ANYWHERE):
        assert await _read(database, who, event) == ["words of 0", "words of 1"]
    for nobody in (Actor(guests[0].id), Actor(name="Another", areas=frozenset({"scotland"})), Actor()):
        assert await _read(database, nobody, event) == []
    async with database.write(AFTER) as tx:
        for what, value in (("came", 5), ("majority", "Most wanted lights")):
            await gatherings.describe(tx, host, event, what, value)
        assert await gatherings.publish_report(tx, host, event)
    assert await _read(database, host, event) == [], "they are for writing the report"


async def test_words_are_sealed_come_once_and_after_the_questions_and_go_with_their_person(database: Database) -> None:
    event, [person] = await _guests(database, 1)
    async with database.write(AFTER) as tx:
        await exits.add_words(tx, person.id, event, "too early")
    await _adds(database, person, event, "ring the low bell")
    async with database.write(AFTER) as tx:
        await exits.add_words(tx, person.id, event, "something else")
        mine, _ = await programme.kept_of(tx, person.id)
    assert [each.words for each in mine] == ["ring the low bell"]
    [row] = await rows(database, sa.select(booked.c.words))
    assert b"bell" not in row.words
    async with database.write(AFTER) as tx:
        await people.forget(tx, person.id)
    assert await rows(database, sa.select(booked.c.words)) == []


async def test_words_go_a_month_after_the_event(database: Database) -> None:
    event, [person] = await _guests(database, 1)
    await _adds(database, person, event, "ring the low bell")
    async with database.write(AFTER + timedelta(days=40)) as tx:
        await retention.sweep(tx, [])
    assert await count(database, booked) == 0


async def test_what_was_said_goes_with_the_event(database: Database) -> None:
    event, [person] = await _guests(database, 1)
    await _says(database, person, event, "yes")
    for days, left in ((40, 1), (370, 0)):
        async with database.write(AFTER + timedelta(days=days)) as tx:
            await retention.sweep(tx, [])
        assert await count(database, exit_answers) == left


@pytest.mark.parametrize(
    ("counts", "shown"),
    [
        ((4, 0, 0), None),
        ((5, 0, 0), (10, 0, 0)),
        ((3, 1, 2), (5, 2, 3)),
        ((1, 1, 18), (1, 1, 9)),
        ((19, 1, 0), (10, 1, 0)),
    ],
)
def test_a_share_is_out_of_ten(counts: tuple[int, int, int], shown: tuple[int, int, int] | None) -> None:
    heard: ExitQuestion = "heard"
    given: dict[tuple[ExitQuestion, ExitAnswer], int] = {
        (heard, "yes"): counts[0], (heard, "partly"): counts[1], (heard, "no"): counts[2]
    }  # fmt: skip
    found = shares(given)
    assert [tuple(each.out_of_ten.values()) for each in found] == ([shown] if shown else [])
