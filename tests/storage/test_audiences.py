"""Audiences of broadcasts: by place, follow, event and role, and by nothing that anybody answered."""

from __future__ import annotations

import inspect
import re
from dataclasses import fields
from datetime import datetime
from typing import Any

import pytest
import sqlalchemy as sa

from bot.commands import export
from conversations.domain.answers import Answer
from conversations.domain.broadcasts import Audience, Broadcast
from conversations.domain.following import Subject
from storage import audiences, bookings, people, subscriptions, tallies
from storage.audiences import Reader
from storage.database import Database, Transaction
from storage.schema import metadata
from tests.storage.acts import NOW, met, opened, organiser, says, took_part
from tests.storage.broadcasting import FOLLOWERS, IN_LONDON, IN_WALES, OFFICER, OUTSIDER, granted, lives

OF_ANSWERS = {"answers", "answer_history", "answer_picks", "responses", "events", "conversations", "tallies"}
OF_MEMBERS = {"subscriptions", "code_sheets", "member_codes", "member_tries"}
"""Where it stands that somebody is a member, or tried to show it."""
EVERY = [
    Audience(place="wales"), Audience(topic=FOLLOWERS.topic), Audience(event="e"), Audience(organisers=True),
    Audience(received="bc-1"), Audience("wales", members=True), Audience("wales", FOLLOWERS.topic, "e", True),
]  # fmt: skip


def _to(audience: Audience, area: str = "") -> Broadcast:
    return Broadcast("bc-1", "ordinary", "draft", audience, area, {}, "Sample organiser")


async def _reached(tx: Transaction, audience: Audience, area: str = "") -> list[str]:
    """Whom it reaches, each as often as they are found; counting and looking again agree with it."""
    found = [row.person for row in await tx.rows(await audiences.chosen(tx, _to(audience, area)))]
    assert await audiences.count(tx, _to(audience, area)) == len(found)
    everybody = [row.id for row in await tx.rows(sa.text("SELECT id FROM persons"))]
    assert await audiences.still_in(tx, _to(audience, area), everybody) == set(found)
    return found


async def test_by_place_it_is_whoever_told_us_they_live_there_and_follows_anything(database: Database) -> None:
    async with database.write(NOW) as tx:
        await granted(tx)
        cardiff = await lives(tx, "1", constituency="W-SAMPLE-13")
        place = await tx.first(sa.text("SELECT code, region FROM places WHERE nation = 'england' AND region <> ''"))
        english = await lives(tx, "2", "england", constituency=place.code)
        await lives(tx, "3", follows=False)
        assert await _reached(tx, Audience(place="wales")) == [cardiff.id]
        for code in (place.code, place.region, "england"):
            assert await _reached(tx, Audience(place=code)) == [english.id]
        assert await _reached(tx, Audience(place="scotland")) == []


async def test_whoever_is_found_in_several_ways_is_reached_once(database: Database) -> None:
    async with database.write(NOW) as tx:
        await granted(tx)
        person = await lives(tx, "1")
        for subject in (Subject("area", "wales"), Subject("commission", "safety")):
            await subscriptions.follow(tx, person.id, person.address, subject, "daily")
        assert await _reached(tx, Audience(place="wales")) == [person.id]


async def test_an_author_reaches_nobody_outside_their_area(database: Database) -> None:
    async with database.write(NOW) as tx:
        await granted(tx)
        here, there = await lives(tx, "1"), await lives(tx, "2", "scotland")
        elsewhere = await lives(tx, "3", "")
        assert await _reached(tx, FOLLOWERS, "wales") == [here.id]
        assert set(await _reached(tx, FOLLOWERS)) == {here.id, there.id, elsewhere.id}


async def test_by_event_and_by_role_and_by_all_of_them_at_once(database: Database) -> None:
    async with database.write(NOW) as tx:
        await granted(tx)
        event = await opened(tx, "host", datetime(2026, 12, 5, 19), seats=1)
        seated, waits = await lives(tx, "1"), await lives(tx, "2", follows=False)
        for each in (seated, waits):
            await bookings.book(tx, each.id, each.address, event, wait=True)
        in_wales, in_london = await organiser(tx, "w", "wales"), await organiser(tx, "l", "london")
        host = await people.address_of(tx, "telegram", "host")
        assert host is not None
        assert set(await _reached(tx, Audience(event=event))) == {seated.id, waits.id}
        assert await _reached(tx, Audience(event=event, topic=FOLLOWERS.topic)) == [seated.id]
        assert await _reached(tx, Audience(event=event, place="scotland")) == []
        assert set(await _reached(tx, Audience(organisers=True))) == {in_wales.id, in_london.id, host.id}
        assert await _reached(tx, Audience(organisers=True), "wales") == [in_wales.id]
        await subscriptions.follow(tx, in_wales.id, in_wales.address, Subject("topic", FOLLOWERS.topic), "weekly")
        assert await _reached(tx, Audience(organisers=True, topic=FOLLOWERS.topic)) == [in_wales.id]


async def test_who_stopped_or_cannot_be_reached_is_not_counted(database: Database) -> None:
    async with database.write(NOW) as tx:
        await granted(tx)
        stopped, silent, ended = [await lives(tx, str(each)) for each in range(3)]
        await people.stop(tx, stopped.address)
        await people.silence(tx, silent.address, "blocked")
        await subscriptions.end(tx, ended.id, [Subject("topic", FOLLOWERS.topic)])
        for audience in (FOLLOWERS, Audience(place="wales")):
            assert await _reached(tx, audience) == []
        organises = await organiser(tx, "o", "wales")
        await people.stop(tx, organises.address)
        assert await _reached(tx, Audience(organisers=True)) == []


async def test_samples_are_a_few_and_name_nobody(database: Database) -> None:
    async with database.write(NOW) as tx:
        await granted(tx)
        for each in range(7):
            await lives(tx, str(each), constituency="W-SAMPLE-13")
        found = await audiences.samples(tx, _to(FOLLOWERS))
    assert len(found) == audiences.SAMPLES
    assert {each.place for each in found} == {"W-SAMPLE-13"}
    assert {field.name for field in fields(Reader)} == {"language", "place", "place_name"}


async def test_who_covers_a_broadcast(database: Database) -> None:
    async with database.write(NOW) as tx:
        await granted(tx, IN_WALES, IN_LONDON)
        of_wales = _to(FOLLOWERS, "wales")
        covering = [
            who for who in (IN_WALES, IN_LONDON, OFFICER, OUTSIDER) if await audiences.covers(tx, who, of_wales)
        ]
        assert covering == [IN_WALES, OFFICER]
        assert await audiences.allowed(tx, OFFICER, "ordinary", FOLLOWERS, "")
        for audience in (Audience(place="wales"), Audience(topic="another/TOPIC"), Audience(organisers=True)):
            assert not await audiences.allowed(tx, OFFICER, "ordinary", audience, "")


@pytest.mark.parametrize("audience", EVERY, ids=lambda each: "-".join(name for name, on in vars(each).items() if on))
async def test_no_audience_is_chosen_by_answers(database: Database, audience: Audience) -> None:
    """What chooses whom to write to reads no table that holds an answer, or says that there is one."""
    async with database.write(NOW) as tx:
        query: Any = await audiences.chosen(tx, _to(audience, "wales"))
        read = {each.name for each in sa.sql.visitors.iterate(query) if isinstance(each, sa.Table)}
        assert read
        assert not read & OF_ANSWERS
        assert set(metadata.tables) >= OF_ANSWERS
        before = await _reached(tx, FOLLOWERS)
        await says(tx, await met(tx, "1"), Answer(picks=("2",)))
        assert await _reached(tx, FOLLOWERS) == before, "to answer makes nobody one of them"


def test_an_audience_has_no_field_for_answers() -> None:
    assert {field.name for field in fields(Audience)} == {
        "place", "topic", "event", "organisers", "received", "members",
    }  # fmt: skip
    source = inspect.getsource(audiences)
    assert not [name for name in ("answers", "responses", "tallies", "conversations.c") if f" {name}." in source]


async def test_no_export_joins_addresses_and_answers(database: Database) -> None:
    """There is one export of answers. None of its statements, and no column of it, is an address."""
    assert [each.name for each in export.registered_commands] == ["answers"]
    told: list[str] = []
    engine = database.engine.sync_engine
    async with database.write(NOW) as tx:
        await took_part(tx, "447700900123")
    sa.event.listen(engine, "before_cursor_execute", lambda _c, _u, statement, *_: told.append(statement))
    async with database.read(NOW) as tx:
        exported = await tallies.export(tx)
    assert len(exported) == 1
    assert told
    for statement in told:
        assert not {"addresses", "sealed", "lookup", *OF_MEMBERS} & set(re.findall(r"\w+", statement)), statement
    assert "447700900123" not in repr(exported)
