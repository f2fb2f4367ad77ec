"""People: met once, found by what they type, tied to another address, forgotten without a trace."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from conversations.domain.answers import Answer
from conversations.domain.broadcasts import Audience, Writer
from conversations.domain.following import topic_subject
from storage import (
    answers,
    bookings,
    broadcasts,
    channels,
    deliveries,
    dialogues,
    members,
    people,
    replies,
    subscriptions,
    tombstones,
)
from storage.database import Database, Transaction
from storage.deliveries import Reply
from storage.dialogues import Stored
from storage.people import Person
from storage.schema import addresses, gatherings, joins, metadata, persons, staff, visits
from tests.storage.acts import NOW, TALK, TOPIC, count, described, met, opened, published, rows, says, took_part


async def test_one_address_is_one_person_however_many_meet_it_at_once(database: Database) -> None:
    async def meet() -> None:
        async with database.write(NOW) as tx:
            await people.meet(tx, [("telegram", str(value), "en") for value in range(5)])

    await asyncio.gather(*(meet() for _ in range(8)))
    assert (await count(database, persons), await count(database, addresses)) == (5, 5)


async def test_a_pseudonym_that_is_taken_is_drawn_again(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    drawn = iter(["AAAAAA", "AAAAAA", "BBBBBB"])
    monkeypatch.setattr(people, "short_code", lambda _: next(drawn))
    async with database.write(NOW) as tx:
        await met(tx, "1")
        await met(tx, "2")
    found = await rows(database, sa.select(persons.c.pseudonym).order_by(persons.c.pseudonym))
    assert [row.pseudonym for row in found] == ["P-AAAAAA", "P-BBBBBB"]


async def _lived(tx: Transaction, value: str, event: str) -> Person:
    """Somebody with a row in every table that has people."""
    person = await took_part(tx, value)
    await says(tx, person, Answer(words="changed"))
    await answers.send(tx, person.id, person.address, TALK, TOPIC)
    await people.keep_return_code(tx, person.id)
    await people.make_join(tx, person.id)
    await people.tell_about(tx, person.id, "nation", "wales")
    await subscriptions.follow(tx, person.id, person.address, topic_subject(TALK, TOPIC), "at_once")
    await dialogues.save(tx, {person.id: Stored(TALK, 1, "{}")})
    reply = Reply(person.id, person.address, "telegram", "{}", True, "en", "1")
    await deliveries.queue_replies(tx, [reply], "holder")
    await bookings.book(tx, person.id, person.address, event, wait=True)
    await members.confirm(tx, person.id, person.address, "no code")
    await channels.choose(tx, person.id, person.address, "events", "telegram")
    host = Writer(person=person.id)
    held = await described(tx, person, datetime(2026, 12, 6, 19))
    await tx.execute(sa.update(gatherings).where(gatherings.c.id == held).values(state="open", draft_of=None))
    await broadcasts.draft(tx, host, "event", Audience(event=held), {"en": "Use the side door."})
    await described(tx, person, datetime(2026, 12, 5, 19))
    await tx.execute(sa.insert(visits).values(gathering=await _past(tx, value), person=person.id, words=b""))
    await tx.execute(sa.insert(staff).values(id=f"s{value}", name=f"Officer {value}", person=person.id, created=tx.now))
    return person


async def _past(tx: Transaction, value: str) -> str:
    """An event that somebody else held."""
    return await opened(tx, f"host before {value}", datetime(2026, 12, 4, 19))


async def test_forget_leaves_no_row_of_a_person_in_any_table(database: Database) -> None:
    async with database.write(NOW) as tx:
        event = await opened(tx, "host", datetime(2026, 12, 5, 19), seats=1)
        gone, stays = await _lived(tx, "1", event), await _lived(tx, "2", event)
        await published(tx)
        for standing in await tx.rows(sa.text("SELECT token, person FROM standing_prompts")):
            await replies.record(tx, standing.person, standing.token, "not_done")
    tables = [table for table in metadata.sorted_tables if "person" in table.c]
    assert len(tables) >= 12
    for table in tables:
        assert await rows(database, sa.select(table).where(table.c.person == gone.id)), f"nothing tries {table.name}"
    async with database.write(NOW) as tx:
        await people.forget(tx, gone.id)
    for table in tables:
        assert not await rows(database, sa.select(table).where(table.c.person == gone.id)), table.name
        assert await rows(database, sa.select(table).where(table.c.person == stays.id)), table.name
    [hosted] = [
        row for row in await rows(database, sa.select(gatherings.c.draft_of).where(gatherings.c.state == "draft"))
    ]
    assert hosted.draft_of == stays.id, "what one was still describing goes too"
    orphans = sa.text("SELECT answer FROM answer_picks WHERE answer NOT IN (SELECT id FROM answers)")
    assert not await rows(database, orphans)
    for table in metadata.sorted_tables:  # by whatever name a column goes
        for column in table.columns:
            if isinstance(column.type, sa.String):
                assert not await rows(database, sa.select(column).where(column.in_([gone.id, gone.address])))


async def test_a_restored_copy_forgets_again_whoever_was_forgotten(database: Database, tmp_path: Path) -> None:
    log = tmp_path / "apart" / "erased.log"
    async with database.write(NOW) as tx:
        gone, stays = await met(tx, "1"), await met(tx, "2")
    receipts = {tombstones.bury([log], gone.id), tombstones.bury([log], "somebody who is not here")}
    assert len(receipts) == 2
    assert log.stat().st_mode & 0o777 == 0o600
    assert await tombstones.replay([log], database) == 2
    assert [row.id for row in await rows(database, sa.select(persons.c.id))] == [stays.id]
    assert await tombstones.replay([tmp_path / "none"], database) == 0


def test_a_tombstone_after_a_line_that_a_crash_broke_off_is_still_read(tmp_path: Path) -> None:
    log = tmp_path / "erased.log"
    tombstones.bury([log], "one")
    with log.open("a") as out:
        out.write('{"person": "half')
    tombstones.bury([log], "two")
    assert list(tombstones.buried([log])) == ["one", "two"]


async def test_a_return_code_is_found_however_it_is_typed(database: Database) -> None:
    async with database.write(NOW) as tx:
        for value in range(20):
            person = await met(tx, str(value))
            await people.keep_return_code(tx, person.id)
            code = people.return_code(tx, person.id)
            assert len(code.replace("-", "")) * 5 >= 80
            read_wrong = code.replace("0", "O").replace("1", "I" if value % 2 else "l")
            for typed in (code, code.lower(), code.replace("-", " "), read_wrong, read_wrong.lower(), f" {code}\n"):
                assert await people.person_of_code(tx, typed) == person.id, (code, typed)
        for typed in ("", "0000-0000-0000-0000", code[:-1]):
            assert await people.person_of_code(tx, typed) is None


async def test_a_joining_link_works_once_and_for_an_hour(database: Database) -> None:
    async with database.write(NOW) as tx:
        person = await met(tx, "7", "web")
        token, late = await people.make_join(tx, person.id), await people.make_join(tx, person.id)
        used = [await people.use_join(tx, token), await people.use_join(tx, token), await people.use_join(tx, "none")]
    async with database.write(NOW + timedelta(minutes=61)) as tx:
        assert await people.use_join(tx, late) is None
    assert used == [person.id, None, None]


async def test_a_joining_link_followed_twice_at_once_is_used_once(database: Database) -> None:
    async with database.write(NOW) as tx:
        token = await people.make_join(tx, (await met(tx, "7", "web")).id)

    async def use() -> str | None:
        async with database.write(NOW) as tx:
            return await people.use_join(tx, token)

    found = await asyncio.gather(*(use() for _ in range(6)))
    assert sum(person is not None for person in found) == 1
    assert await count(database, joins) == 0


async def test_an_address_given_to_a_person_never_takes_answers_away(database: Database) -> None:
    async with database.write(NOW) as tx:
        mine, other = await took_part(tx, "web-1", channel="web"), await took_part(tx, "7")
        assert not await people.give_address(tx, "telegram", "7", mine.id)
        found = await people.address_of(tx, "telegram", "7")
        assert found is not None
        assert found.id == other.id
        assert set(await answers.responses_of(tx, [other.id])) == {other.id}


async def test_an_address_of_a_newcomer_goes_over_and_the_newcomer_is_gone(database: Database) -> None:
    async with database.write(NOW) as tx:
        mine, newcomer = await took_part(tx, "web-1", channel="web"), await met(tx, "7")
        assert await people.give_address(tx, "telegram", "7", mine.id)
        assert await people.give_address(tx, "telegram", "8", mine.id)
        assert await people.give_address(tx, "telegram", "8", mine.id)  # again is no harm
        for value in ("7", "8"):
            found = await people.address_of(tx, "telegram", value)
            assert found is not None
            assert found.id == mine.id
    assert newcomer.id not in [row.id for row in await rows(database, sa.select(persons.c.id))]


async def test_stop_and_silence_are_kept_apart(database: Database) -> None:
    async with database.write(NOW) as tx:
        person = await met(tx, "7")
        await people.stop(tx, person.address)
        await people.silence(tx, person.address, "blocked")
        await people.resume(tx, person.address)
        after = await met(tx, "7")
        await people.silence(tx, person.address, None)
        free = await met(tx, "7")
    assert (after.stopped, after.silent) == (False, "blocked")
    assert (free.stopped, free.silent) == (False, None)
