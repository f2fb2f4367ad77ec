"""However many people there are, a turn and a reply read no more than their own rows, by statements that are few: every
one has an index, and every one that is different is prepared and kept."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from bot.house import House
from bot.progress import Progress
from conversations.domain.broadcasts import Audience, Broadcast
from conversations.domain.following import Subject, event_subject
from conversations.domain.speech import Said
from storage import (
    actions,
    arrivals,
    audiences,
    broadcasts,
    event_notices,
    exits,
    gatherings,
    members,
    places,
    reminders,
    visits,
)
from storage.database import sqlite_file
from storage.gatherings import Actor
from tests.bot.test_broadcasts import IN_WALES, SAFE, follower, send, steer, stewarded
from tests.bot.test_sender import Clock, posted
from tests.bot.test_turns import ANSWERS, IN, take
from tests.broadcasts import direct
from tests.fakes.botapi import BotApi
from tests.members import ORGANISER
from tests.storage.acts import opened, organiser

SMALL = ("documents",)
"""Tables that hold a few rows, however many people there are."""


def _listen(house: House) -> set[str]:
    """Every statement from now on."""
    told: set[str] = set()

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        told.add(statement)

    sa.event.listen(house.database.engine.sync_engine, "before_cursor_execute", note)
    return told


def _scans(file: Path, told: set[str]) -> list[str]:
    """Tables that a statement reads from end to end."""
    found = []
    with closing(sqlite3.connect(file)) as connection:
        for statement in told:
            if statement.lstrip().startswith(("SELECT", "INSERT", "UPDATE", "DELETE", "WITH")):
                values = [None] * statement.count("?")
                plan = [row[3] for row in connection.execute(f"EXPLAIN QUERY PLAN {statement}", values)]
                found += [f"{step}: {statement}" for step in plan if step.startswith("SCAN ")]
    return [each for each in found if each.split()[1] not in SMALL and "CONSTANT ROWS" not in each]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_no_turn_and_no_reply_reads_a_table_from_end_to_end(
    tmp_path: Path, bot_api: BotApi, database_url: str
) -> None:
    async with posted(tmp_path, bot_api, Clock(), database_url) as post:
        people = [bot_api.person(id_, known=True) for id_ in range(1, 6)]
        post.house.turns.nudge = post.sender.nudge
        told = _listen(post.house)
        for heard in (*IN, *ANSWERS):
            await asyncio.gather(*(take(post.house, heard, value=str(id_)) for id_ in range(1, 6)))
        await bot_api.until(lambda: all(len(each.messages) > len(ANSWERS) for each in people))
    file = sqlite_file(database_url)
    assert file is not None
    assert len(told) > 20, "the statements were heard"
    assert _scans(file, told) == []
    assert [each for each in told if "channel_choices" in each or "member_" in each] == [], "who asks, pays for it"


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_no_turn_about_events_reads_a_table_of_people_from_end_to_end(
    tmp_path: Path, bot_api: BotApi, database_url: str
) -> None:
    async with posted(tmp_path, bot_api, Clock(), database_url) as post:
        person = bot_api.person(1, known=True)
        post.house.turns.nudge = post.sender.nudge
        for heard in IN:
            await take(post.house, heard, value="1")
        async with post.house.database.write(post.clock()) as tx:
            start = (post.clock() + timedelta(days=9)).replace(tzinfo=None)
            event = await opened(tx, "host", start, 1)
            await opened(tx, "another", start, 1)
        told = _listen(post.house)
        for words in ("events", "wales", "1", "1", "yes", "1", "1", "done", "when", "host", "A talk", "A hall", "stop"):
            await take(post.house, Said(words), value="1")
        async with post.house.database.write(post.clock()) as tx:
            who = Actor(name="Sample organiser", areas=frozenset({"wales"}))
            await arrivals.at_the_door(tx, await gatherings.host_of(tx, event), event, "7K3F2Q")
            await exits.said_of(tx, event)
            await exits.added_to(tx, who, event)
            await visits.due(tx, who.areas)
            for areas in (who.areas, frozenset({""})):
                await gatherings.undecided(tx, areas)
                await gatherings.run_in(tx, areas, coming=True, most=5)
                await gatherings.run_in(tx, areas, coming=False, most=5)
            await visits.noted_by(tx, await gatherings.host_of(tx, event))
            await event_notices.tell_opened(tx, event, [Subject("area", "wales"), event_subject(event)])
            before = await gatherings.call_off(tx, Actor(name="Sample organiser", areas=frozenset({""})), event)
            assert before is not None
            await reminders.tell_all(tx, before, "cancelled")
        await bot_api.until(lambda: len(person.messages) > len(IN) + 12)
    file = sqlite_file(database_url)
    assert file is not None
    assert len(told) > 20, "the statements were heard"
    of_people = [each for each in _scans(file, told) if each.split()[1] not in ("places", "grants", "staff")]
    assert of_people == []


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_no_broadcast_reads_a_table_of_people_from_end_to_end(
    tmp_path: Path, bot_api: BotApi, database_url: str
) -> None:
    async with stewarded(tmp_path, bot_api, database_url) as (post, steward):
        persons = [await follower(post, id_) for id_ in range(1, 6)]
        told = _listen(post.house)
        async with post.house.database.write(post.clock()) as tx:
            event = await opened(tx, "host", (post.clock() + timedelta(days=9)).replace(tzinfo=None))
            everything = Audience("wales", SAFE.id, event, organisers=True)
            alone = [Audience(place="wales"), Audience(event=event), Audience(organisers=True), everything]
            alone += [Audience(members=True), Audience("wales", members=True)]
            for audience in (*alone, Audience(received="bc-1")):
                made = Broadcast("bc-2", "ordinary", "draft", audience, "", {}, "Sample organiser")
                await audiences.count(tx, made)
                await audiences.samples(tx, made)
        sent = await send(post)
        await steward.round()
        await bot_api.until(lambda: all(person.messages for person in persons))
        await steer(post, sent, "stopped")
        await steward.round()
        async with post.house.database.write(post.clock()) as tx:
            await actions.progress(tx, sent)
            await broadcasts.of_author(tx, IN_WALES)
    file = sqlite_file(database_url)
    assert file is not None
    assert len(told) > 40, "the statements were heard"
    few = ("places", "grants", "staff", "broadcasts", "reached", "due")
    assert [each for each in _scans(file, told) if each.split()[1].rstrip(":") not in few] == []


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_no_organiser_reads_a_table_of_people_from_end_to_end_by_writing_to_many(
    tmp_path: Path, bot_api: BotApi, database_url: str
) -> None:
    async with posted(tmp_path, bot_api, Clock(), database_url) as post:
        person = bot_api.person(1, known=True)
        post.house.turns.nudge = post.sender.nudge
        for heard in IN:
            await take(post.house, heard, value="1")
        async with post.house.database.write(post.clock()) as tx:
            await organiser(tx, "1", "wales")
        await direct("followers 3 wales", post.house)
        told = _listen(post.house)
        for words in ("broadcast", "1", "wales", "Come to the hall.", "3", "1", "3", "broadcast", "my messages", "1"):
            await take(post.house, Said(words), value="1")
        await bot_api.until(lambda: len(person.messages) > len(IN) + 8)
        await Progress(post.house).look()
        async with post.house.database.read(post.clock()) as tx:
            assert len(await broadcasts.moving(tx)) == 1
    file = sqlite_file(database_url)
    assert file is not None
    assert len(told) > 30, "the statements were heard"
    few = ("places", "grants", "staff", "broadcasts", "reached", "due")
    assert [each for each in _scans(file, told) if each.split()[1].rstrip(":") not in few] == []


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_no_member_reads_a_table_of_people_or_codes_from_end_to_end(
    tmp_path: Path, bot_api: BotApi, database_url: str
) -> None:
    async with posted(tmp_path, bot_api, Clock(), database_url) as post:
        person = bot_api.person(1, known=True)
        post.house.turns.nudge = post.sender.nudge
        for heard in IN:
            await take(post.house, heard, value="1")
        async with post.house.database.write(post.clock()) as tx:
            await places.load_sample(tx)
            codes = await members.make(tx, ORGANISER, "W-SAMPLE-13", 10)
        told = _listen(post.house)
        for words in ("member", "no code", codes[0], "go on", "member", codes[0], "back", "mydata", "follows", "1"):
            await take(post.house, Said(words), value="1")
        async with post.house.database.write(post.clock()) as tx:
            assert [each.used for each in await members.sheets(tx, ORGANISER)] == [1]
        await bot_api.until(lambda: any("You do not follow" in each.text for each in person.messages))
    file = sqlite_file(database_url)
    assert file is not None
    assert any("member_tries" in each for each in told)
    few = ("places", "broadcasts", "code_sheets")
    assert [each for each in _scans(file, told) if each.split()[1].rstrip(":") not in few] == []


async def test_a_statement_is_not_another_one_for_each_number_of_people(
    tmp_path: Path, bot_api: BotApi, database_url: str
) -> None:
    async with posted(tmp_path, bot_api, Clock(), database_url) as post:
        everybody = [str(number) for number in range(33)]
        for heard in (*IN, ANSWERS[0]):
            await asyncio.gather(*(take(post.house, heard, value=each) for each in everybody))
        told = _listen(post.house)
        for many in range(1, 34):
            await asyncio.gather(*(take(post.house, ANSWERS[1], value=each) for each in everybody[:many]))
    reading = {each for each in told if each.startswith("SELECT")}
    assert 20 < len(reading) < 80, "eight statements, each for 1, 2, 4, 8, 16, 32 and 64 people"
