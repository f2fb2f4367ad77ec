"""Notices: told to whoever follows, once in all, by subscriptions alone."""

from __future__ import annotations

import inspect
from dataclasses import replace
from datetime import timedelta
from typing import Any

import sqlalchemy as sa

from conversations.domain.following import Pace, Subject, topic_subject
from storage import actions, notices, people, subscriptions
from storage.database import Database, Transaction
from storage.deliveries import Lane
from storage.people import Person
from storage.schema import deliveries, metadata
from storage.schema import notices as notices_table
from tests.storage.acts import LATER, NOW, TALK, TEXTS, TOPIC, count, met, publish, rows, took_part

SAFE, SAFETY = topic_subject(TALK, TOPIC), Subject("commission", "safety")


async def follower(tx: Transaction, value: str, *subjects: Subject, pace: Pace = "at_once") -> Person:
    person = await met(tx, value)
    for subject in subjects:
        await subscriptions.follow(tx, person.id, person.address, subject, pace)
    return person


async def out(tx: Transaction, commission: str = "safety") -> str:
    """A version published just now."""
    version = await actions.draft(tx, TALK, TOPIC, "done", ["F1"], TEXTS, "Officer A")
    await actions.sign(tx, version, "Bea", alone=False)
    await actions.publish(tx, version, commission)
    return version


async def queued(database: Database) -> dict[str, tuple[int, str]]:
    """Lane and kind of what each person is to be sent."""
    columns = sa.select(deliveries.c.person, deliveries.c.lane, deliveries.c.kind)
    return {row.person: (row.lane, row.kind) for row in await rows(database, columns)}


async def test_whoever_has_feedback_of_it_or_follows_it_twice_is_told_once(database: Database) -> None:
    async with database.write(NOW) as tx:
        both = await took_part(tx, "1")
        await subscriptions.follow(tx, both.id, both.address, SAFE, "at_once")
        no_feedback = await took_part(tx, "2", choice="no")
        await subscriptions.follow(tx, no_feedback.id, no_feedback.address, SAFE, "at_once")
        twice = await follower(tx, "3", SAFE, SAFETY)
        await follower(tx, "4", topic_subject(TALK, "OTHER"), topic_subject("other", TOPIC), Subject("area", "safety"))
        version = await out(tx)
        found = await actions.version_of(tx, version)
        assert found is not None
        assert await actions.will_hear(tx, found, queued=True) == 1, "the desk counts feedback"
    assert await queued(database) == {
        both.id: (Lane.FEEDBACK, "message"),
        no_feedback.id: (Lane.BROADCAST, "notice"),
        twice.id: (Lane.BROADCAST, "notice"),
    }
    assert await count(database, notices_table) == 1


async def test_the_desk_is_told_beforehand_how_many_more_will_hear(database: Database) -> None:
    async with database.write(NOW) as tx:
        both = await took_part(tx, "1")
        await subscriptions.follow(tx, both.id, both.address, SAFE, "at_once")
        twice = await follower(tx, "2", SAFE, pace="weekly")
        await subscriptions.follow(tx, twice.id, twice.address, SAFETY, "daily")
        await people.stop(tx, (await follower(tx, "3", SAFE)).address)
        version = await actions.draft(tx, TALK, TOPIC, "done", ["F1"], TEXTS, "Officer A")
        found = await actions.version_of(tx, version)
        assert found is not None
        assert await actions.followers(tx, found, "safety") == 1
        assert await actions.followers(tx, found, "") == 1
        assert await actions.followers(tx, replace(found, topic="OTHER"), "") == 0


async def test_a_correction_told_to_followers_makes_nobody_an_audience_of_feedback(database: Database) -> None:
    async with database.write(NOW) as tx:
        person = await took_part(tx, "1", choice="no")
        await subscriptions.follow(tx, person.id, person.address, SAFE, "at_once")
        found = await actions.version_of(tx, await out(tx))
        assert found is not None
        corrected = await actions.correct(tx, found.action, "done", ["F1"], TEXTS, "a slip", "Officer A")
        await publish(tx, corrected)
    kinds = [row.kind for row in await rows(database, sa.select(deliveries.c.kind))]
    assert kinds == ["notice", "notice"]


async def test_who_stopped_or_cannot_be_reached_or_followed_later_has_nothing_queued(database: Database) -> None:
    async with database.write(NOW) as tx:
        stopped, silent = await follower(tx, "1", SAFE), await follower(tx, "2", SAFE)
        await people.stop(tx, stopped.address)
        await people.silence(tx, silent.address, "blocked")
        ended = await follower(tx, "3", SAFE, SAFETY)
        await subscriptions.end(tx, ended.id, [SAFE, SAFETY])
    async with database.write(LATER) as tx:
        await follower(tx, "4", SAFE)
        notice = await notices.note(tx, "action", "earlier", LATER - timedelta(seconds=1))
        assert notice is not None
        await notices.tell_followers(tx, notice, [SAFE])
    assert await queued(database) == {}


async def test_what_happened_is_noted_once(database: Database) -> None:
    async with database.write(NOW) as tx:
        first = await notices.note(tx, "action", "v1", NOW)
        assert first is not None
        assert await notices.note(tx, "action", "v1", LATER) is None
        assert await notices.of(tx, [first.id, "unknown"]) == {first.id: first}


async def test_follows_come_to_the_address_they_were_brought_to(database: Database) -> None:
    async with database.write(NOW) as tx:
        person = await follower(tx, "7", SAFE)
        await people.give_address(tx, "web", "cookie", person.id)
        web = await people.address_of(tx, "web", "cookie")
        assert web is not None
        await subscriptions.bring(tx, person.id, web.address, [SAFE])
        await subscriptions.follow(tx, person.id, person.address, SAFE, "at_once")  # so often: where it was
        assert [each.channel for each in (await subscriptions.of(tx, [person.id]))[person.id]] == ["web"]
        await out(tx)
    [row] = await rows(database, sa.select(deliveries.c.channel, deliveries.c.waits_for))
    assert tuple(row) == ("web", "looking")


def test_no_audience_can_be_chosen_by_answers() -> None:
    """What chooses whom to tell takes subjects, and its statement reads no table that holds an answer."""
    named = {each for act in (notices.note, notices.tell_followers) for each in inspect.signature(act).parameters}
    assert named == {"tx", "kind", "what", "happened", "id_", "notice", "subjects", "event"}
    notice = notices.Notice("n", "action", "v", NOW)
    chosen: Any = notices._followers(notice, [SAFE, SAFETY], "at_once")
    read = {each.name for each in sa.sql.visitors.iterate(chosen) if isinstance(each, sa.Table)}
    assert read == {"subscriptions", "addresses", "channel_choices"}
    kept = {column.name for name in ("subscriptions", "notices") for column in metadata.tables[name].columns}
    assert kept == {"person", "kind", "subject", "pace", "address", "since", "id", "what", "happened"}
