"""Resealing: after it the older key may go; it disturbs nobody, can be broken off, and tells the truth."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from bot import resealing
from bot.doctor import examine
from bot.opening import NotReady, prepare
from bot.resealing import reseal
from conversations.domain.answers import Answer, Slot
from conversations.domain.broadcasts import Audience, Writer
from storage import broadcasts, deliveries, dialogues, people, replies
from storage.database import Database, Transaction, open_database
from storage.dialogues import Stored
from storage.resealing import SHELVES, last_row, left, next_batch
from storage.schema import (
    Sealed,
    addresses,
    answer_history,
    answers,
    bookings,
    conversations,
    metadata,
    standing_prompts,
    visits,
)
from storage.sealing import Keys, new_key
from tests.conftest import trial
from tests.storage.acts import NOW, described, published, says, took_part

OLD, NEW, LOOKUP = new_key(), new_key(), new_key()
PEOPLE = 12


def now() -> datetime:
    return datetime.now(UTC)


@pytest.fixture
def of_ring(database_url: str, tmp_path: Path) -> Any:
    """What opens the house with a ring."""

    def settings(ring: str) -> Any:
        return trial(tmp_path, database_url=database_url, secret_keys=ring, lookup_key=LOOKUP)

    return settings


async def takes_part(tx: Transaction, value: str) -> None:
    """Somebody of whom something is kept on every shelf."""
    person = await took_part(tx, value)
    for words in ("first", f"words of {value}"):
        await says(tx, person, Answer(words=words, language="en"))
    reply = deliveries.Reply(person.id, person.address, "telegram", f'{{"to": "{value}"}}', False, "en", "1")
    await deliveries.queue_replies(tx, [reply], "holder")
    await dialogues.save(tx, {person.id: Stored("talk", 1, f"state of {value}", 0)})
    made = await described(tx, person, datetime(2026, 12, 5, 19))
    noted = tx.keys.seal("{}", "visits", "words", made)
    await tx.execute(sa.insert(visits).values(gathering=made, person=person.id, words=noted))
    added = tx.keys.seal("a low bell", "bookings", "words", f"{made}:{person.id}")
    await tx.execute(
        sa.insert(bookings).values(gathering=made, person=person.id, state="booked", made=tx.now, words=added)
    )
    who = Writer("Sample organiser", areas=frozenset({""}))
    await broadcasts.draft(tx, who, "ordinary", Audience(organisers=True), {"en": f"news of {value}"})


@pytest.fixture
async def filled(of_ring: Any, database_url: str) -> AsyncIterator[Database]:
    """A database whose values were sealed with the old key, opened with the new one in front."""
    old = await prepare(of_ring(OLD))
    async with old.write(NOW) as tx:
        for number in range(PEOPLE):
            await takes_part(tx, f"4477009{number:05}")
        await published(tx)
        for row in await tx.rows(sa.select(standing_prompts)):
            await replies.record(tx, row.person, row.token, "not_done")
            await replies.add_words(tx, row.person, row.token, "not at all")
    await old.close()
    opened = open_database(database_url, Keys.read(f"{NEW},{OLD}", LOOKUP))
    yield opened
    await opened.close()


async def all_open(database_url: str) -> set[str]:
    """Opens every sealed value with the new key alone; the columns in which there are any."""
    database, seen = open_database(database_url, Keys.read(NEW, LOOKUP)), set()
    async with database.read() as tx:
        for shelf in SHELVES:
            for row in await tx.rows(sa.select(shelf.column.table).where(shelf.column.is_not(None))):
                tx.keys.open(row._mapping[shelf.column], shelf.table, shelf.column.name, shelf.place(row))
                seen.add(shelf.name)
    await database.close()
    return seen


def test_every_sealed_column_is_on_a_shelf() -> None:
    sealed = {column for table in metadata.sorted_tables for column in table.c if isinstance(column.type, Sealed)}
    assert {shelf.column for shelf in SHELVES} == sealed


async def test_after_it_the_older_key_may_go_and_before_it_may_not(
    filled: Database, of_ring: Any, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(resealing, "BATCH", 7)
    with pytest.raises(NotReady, match="SECRET_KEYS"):
        await prepare(of_ring(NEW))
    told: list[str] = []
    result = await reseal(filled, now, told.append)
    assert (result.left, result.unopenable, len(told)) == (0, 0, len(SHELVES))
    assert result.done == len(SHELVES) * PEOPLE
    assert await all_open(database_url) == {shelf.name for shelf in SHELVES}
    await (await prepare(of_ring(NEW))).close()
    assert (await reseal(filled, now, told.append)).done == 0


async def test_it_can_be_broken_off_after_any_batch_and_run_again(filled: Database, database_url: str) -> None:
    async with filled.read() as tx:
        before = await left(tx)
    async with filled.write(NOW) as tx:
        batch = await next_batch(tx, SHELVES[0], None, await last_row(tx, SHELVES[0]), 10)
    assert batch is not None
    assert batch.resealed == 10
    async with filled.read() as tx:
        assert await left(tx) == before - 10
    result = await reseal(filled, now, lambda _: None)
    assert (result.done, result.left) == (before - 10, 0)
    assert await all_open(database_url) == {shelf.name for shelf in SHELVES}


async def test_people_go_on_meanwhile_and_nothing_of_theirs_is_lost(
    filled: Database, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Answers are changed, people come and people are deleted, by a process that still seals with the old key."""
    monkeypatch.setattr(resealing, "BATCH", 5)
    other, over = open_database(database_url, Keys.read(f"{OLD},{NEW}", LOOKUP)), asyncio.Event()

    async def goes_on() -> int:
        turns = 0
        while not over.is_set():
            async with other.write(NOW) as tx:
                [person] = await people.meet(tx, [("telegram", f"4477009{turns % PEOPLE:05}", "en")])
                if person is None:
                    continue  # their row is being sealed just now: a turn comes again too
                if turns == 3:
                    await people.forget(tx, person.id)
                else:
                    await says(tx, person, Answer(words=f"again {turns}", language="en"), Slot(f"F{turns % 3}"))
            turns += 1
            await asyncio.sleep(0.005)  # SQLite gives its one lock to whoever asks at the right moment
        return turns

    going = asyncio.create_task(goes_on())
    try:
        async with asyncio.timeout(60):  # it ends, however much comes after it
            assert (await reseal(filled, now, lambda _: None)).done >= PEOPLE
    finally:
        over.set()
    turns = await going
    await other.close()
    assert turns > 3
    assert (await reseal(filled, now, lambda _: None)).left == 0
    assert await all_open(database_url)
    async with filled.read() as tx:
        [kept] = await tx.rows(sa.select(sa.func.count().label("people")).select_from(conversations))
        given = [row.words for row in await tx.rows(sa.select(answers).where(answers.c.slot == "F2"))]
        assert kept.people == PEOPLE - 1
        assert given
        assert await tx.rows(sa.select(answer_history))


async def test_what_no_key_opens_is_told_and_holds_nobody_up(filled: Database, database_url: str) -> None:
    async with filled.write(NOW) as tx:
        first = (await tx.rows(sa.select(addresses).order_by(addresses.c.id)))[0]
        spoilt = first.sealed[:-1] + bytes([first.sealed[-1] ^ 1])
        await tx.execute(sa.update(addresses).where(addresses.c.id == first.id).values(sealed=spoilt))
    result = await reseal(filled, now, lambda _: None)
    assert (result.done, result.left, result.unopenable) == (len(SHELVES) * PEOPLE - 1, 0, 1)
    async with filled.read() as tx:
        assert [row.sealed for row in await tx.rows(sa.select(addresses).where(addresses.c.id == first.id))] == [spoilt]


async def test_the_doctor_says_when_the_older_key_may_go(
    filled: Database, of_ring: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in of_ring(f"{NEW},{OLD}").model_dump(exclude_defaults=True).items():
        monkeypatch.setenv(f"BIGCONVERSATION_{name.upper()}", str(value))

    async def keys() -> str:
        [told] = [str(each) async for each in examine() if each.told.startswith("Keys: ")]
        return told

    assert f"{len(SHELVES) * PEOPLE} values need an older key of the ring. Run: bigconversation reseal" in await keys()
    await reseal(filled, now, lambda _: None)
    assert (await keys()).startswith("ok    Keys: nothing here needs an older one.")
